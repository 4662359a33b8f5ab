"""Seeded hostile inputs of all kinds, each in a process of its own.

As a script, it tries as many as it is told and prints a table:

    python tests/hostile_case.py --variants 1200
"""

from __future__ import annotations

import argparse
import contextlib
import copy
import functools
import io
import json
import os
import pickle
import random
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[1]
LIMIT = 30  # seconds after which a case hangs
KINDS = ('right', 'clear', 'unclear', 'hang', 'crash', 'executed', 'outside')


class Case(NamedTuple):
    """A `Case` is one hostile input.

    Attributes:
        kind: What kind of input it is.
        name: What is odd about it.
        run: Function that gives it to the project, called in the folder `inside`.
    """

    kind: str
    name: str
    run: Callable[[], Any]


# ---- Values and files that are odd -------------------------------------------------
class Evil:
    """Unpickling it makes the folder `executed`."""

    def __reduce__(self) -> Any:
        return os.mkdir, ('executed',)


def odd_values() -> list[Any]:
    """Return values that stand where others are expected."""
    deep: Any = []
    for _ in range(2000):
        deep = [deep]
    return [
        None, True, 0, 1, -1, 10**400, 2**63, float('nan'), float('inf'), -1e300, '',
        'text', 'a' * 9999, '../../outside/x', '/etc/passwd', '\0', '{}', '%d', [], {},
        [None], [[]], {'a': 1}, {'': None}, [0, 0, 0, 0], [1e9] * 4, [float('nan')] * 4,
        {'size': [100000, 100000], 'counts': 'PPPPPPPPPPPP'}, deep,
    ]  # fmt: skip


def shown(value: Any) -> str:
    """Return a value as a short text."""
    try:
        return repr(value)[:20]
    except (RecursionError, ValueError):  # deep, or a number of too many digits
        return type(value).__name__


def changed(content: Any, dice: random.Random) -> tuple[Any, str]:
    """Return a copy of nested content with one odd place, and what is odd."""
    made = copy.deepcopy(content)
    places: list[tuple[Any, Any]] = []

    def walk(node: Any) -> None:
        keys = node if isinstance(node, dict) else range(len(node))
        for key in keys:
            places.append((node, key))
            if isinstance(node[key], dict | list):
                walk(node[key])

    walk(made)
    node, key = dice.choice(places)
    way = dice.randrange(4)
    if way == 0 and isinstance(node, dict):
        del node[key]
        return made, f'without {key!r}'
    if way == 1:
        node[key] = [node[key]] * dice.choice([0, 1, 2, 300])
        return made, f'{key!r} in a list'
    value = dice.choice(odd_values())
    node[key] = value
    return made, f'{key!r} is {shown(value)}'


def damaged(content: bytes, dice: random.Random) -> tuple[bytes, str]:
    """Return bytes with one damage, and what it is."""
    place, length = dice.randrange(max(len(content), 1)), dice.choice([1, 4, 64, 4096])
    ways = {
        'cut': content[:place],
        'empty': b'',
        'zeros': bytes(len(content)),
        'a hole of zeros': content[:place] + bytes(length) + content[place + length :],
        'a part is missing': content[:place] + content[place + length :],
        'noise': content[:place] + dice.randbytes(length) + content[place + length :],
        'a bit': content[:place]
        + bytes(b ^ 16 for b in content[place : place + 1])
        + content[place + 1 :],
        'twice': content * 2,
        'html': b'<!DOCTYPE html><html>login</html>',
        'lfs': b'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n',
    }
    name = dice.choice(list(ways))
    return ways[name], f'{name} at {place}'


# ---- The doors, by kind --------------------------------------------------------------
def verb(*words: str) -> None:
    """Run a verb of the command."""
    from hrnet_mm.cli.main import main

    main(list(words))


def checkpoint() -> dict[str, Any]:
    """Return the content of a small checkpoint of a training."""
    import numpy as np
    import torch

    from hrnet_mm.models import HRNet

    torch.manual_seed(0)
    model = HRNet('w18_small_v1')
    facts = dict(epoch=1, iter=4, seed=0, dataset_meta=dict(classes=['a']))
    facts['hrnet_mm'] = dict(upsample=['nearest'])
    info = dict(epoch=1, best_score=np.float64(0.5), best_ckpt='best_a_epoch_1.pth')
    return dict(
        meta=facts,
        state_dict={f'backbone.{k}': v for k, v in model.state_dict().items()},
        message_hub=dict(log_scalars={}, runtime_info=info, resumed_keys={}),
        optimizer=dict(state={}, param_groups=[dict(lr=0.1, params=[0, 1])]),
        param_schedulers=[],
        sizes=np.arange(3),
    )


def read_weights(path: str) -> None:
    """Load a checkpoint into a network, convert it, and resume from it."""
    from hrnet_mm import load
    from hrnet_mm.errors import UserError
    from hrnet_mm.models import HRNet
    from hrnet_mm.training.resuming import Start, find_start

    with contextlib.suppress(UserError):
        start = find_start('.', path)
        _ = start.progress if isinstance(start, Start) else None
    load(path, HRNet('w18_small_v1'))
    verb('convert', path, 'converted.pth', '--to', 'mmdet', '--overwrite')


def checkpoints(dice: random.Random) -> Iterator[Case]:
    """Yield checkpoints that are damaged, or whose content is odd."""
    import torch

    buffer = io.BytesIO()
    content = checkpoint()
    torch.save(content, buffer)
    whole = buffer.getvalue()
    while True:
        if dice.random() < 0.5:
            data, name = damaged(whole, dice)
            Path('a.pth').write_bytes(data)
        else:
            odd, name = changed(content, dice)
            with contextlib.suppress(OverflowError, RecursionError):
                torch.save(odd, 'a.pth')
        yield Case('checkpoints', name, functools.partial(read_weights, 'a.pth'))


def read_anything(path: str) -> None:
    """Read a file as the toolboxes read annotations and proposals."""
    import mmengine

    mmengine.load(path)


def objects(dice: random.Random) -> Iterator[Case]:
    """Yield pickles and YAML that would run code or make odd objects."""
    import numpy as np
    import torch

    scripts = [
        "!!python/object/apply:os.mkdir ['executed']",
        "a: !!python/object/new:os.mkdir {args: ['executed']}",
        "!!python/name:os.system ''",
        '!!python/module:os',
        "!!python/object/apply:numpy.ndarray [[1], 'O', !!binary QUFBQUFBQUE=]",
        '&a [*a, *a]',
        'a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nd: [*c, *c]',
        '{' * 3000,
        '? [a]\n: b',
        '\t- x',
    ]
    pointers = [(1,), np.dtype('O'), b'A' * 8], [(1,), 'O', b'A' * 8], [(3,)]

    class Pointers:
        def __reduce__(self) -> Any:
            return np.ndarray, tuple(dice.choice(pointers))

    class Typed:
        def __reduce__(self) -> Any:
            state = (3, '|', None, ('a',), {'a': (np.dtype('O'), 0)}, 8, 8, 0)
            return np.dtype, ('V8', False, True), state

    values = [Evil, Pointers, Typed, lambda: np.array([Evil()], object), set, object]
    while True:
        way = dice.randrange(3)
        if way == 0:
            name = dice.choice(['a.yml', 'a.yaml'])
            Path(name).write_text(dice.choice(scripts) + '\n' * dice.randrange(3))
            yield Case('objects', name, functools.partial(read_anything, name))
            continue
        value = dice.choice(values)()
        nest = dice.choice([value, [value], dict(a=value), dict(meta=dict(a=value))])
        if way == 1:
            name = dice.choice(['a.pkl', 'a.pickle'])
            Path(name).write_bytes(pickle.dumps(nest, protocol=dice.choice([2, 4])))
            run = functools.partial(read_anything, name)
        else:
            old = dice.random() < 0.3
            torch.save(nest, 'a.pth', _use_new_zipfile_serialization=not old)
            run = functools.partial(read_weights, 'a.pth')
        yield Case('objects', f'{type(value).__name__} in {way}', run)


def annotations(dice: random.Random) -> Iterator[Case]:
    """Yield annotation files of boxes, masks and key points."""
    files = {
        'demo_mask_rcnn_hrnetv2p': Path('coco/annotations/instances_train2017.json'),
        'demo_topdown_hrnet': Path('pose/annotations/person_keypoints_train2017.json'),
    }
    whole = {path: path.read_text() for path in files.values()}
    while True:
        config, path = dice.choice(list(files.items()))
        if dice.random() < 0.3:
            data, name = damaged(whole[path].encode(), dice)
            path.write_bytes(data)
        else:
            odd, name = changed(json.loads(whole[path]), dice)
            with contextlib.suppress(RecursionError):
                path.write_text(json.dumps(odd))
        root = f'data_root={path.parent.parent}/'
        words = ('check', config, '--cfg-options', root)
        yield Case(
            'annotations', f'{path.name}: {name}', functools.partial(verb, *words)
        )
        path.write_text(whole[path])


def boxes(dice: random.Random) -> Iterator[Case]:
    """Yield files of a detector's boxes, and lists of ids."""
    from hrnet_mm.data.coco_boxes import read_boxes
    from hrnet_mm.data.coco_ids import read_ids

    box = dict(image_id=7, category_id=1, bbox=[1, 2, 3, 4], score=0.5)
    listing = dict(
        images=[dict(id=1, file_name='a.png'), dict(id=2, file_name='b.png')],
        categories=[dict(id=1, name='a')],
    )
    while True:
        reads, content = dice.choice([(read_boxes, [box, box]), (read_ids, listing)])
        if dice.random() < 0.3:
            data, name = damaged(json.dumps(content).encode(), dice)
            Path('a.json').write_bytes(data)
        else:
            odd, name = changed(content, dice)
            with contextlib.suppress(RecursionError):
                Path('a.json').write_text(json.dumps(odd))
        yield Case('boxes', name, functools.partial(reads, Path('a.json')))


def look_at_picture(path: str) -> None:
    """Open a picture or a video as a prediction does."""
    import mmcv

    from hrnet_mm.data.look.headers import why_unreadable
    from hrnet_mm.inference.inputs import Video, dimmed, open_input, upright

    source = open_input(path)
    for picture in source:
        if isinstance(source, Video):
            continue
        if not why_unreadable(str(picture.path)):
            pixels = mmcv.imread(str(picture.path))
            dimmed(picture.path, pixels)
            upright(picture.path, pixels)


def pictures(dice: random.Random) -> Iterator[Case]:
    """Yield pictures, label maps and videos that are damaged, and odd names."""
    import cv2
    import numpy as np

    noise = np.frombuffer(dice.randbytes(32 * 24 * 3), np.uint8).reshape(32, 24, 3)
    kinds = ('.png', '.jpg', '.bmp', '.tif', '.webp', '.ppm')
    coded = {kind: cv2.imencode(kind, noise)[1].tobytes() for kind in kinds}
    writer = cv2.VideoWriter('v.avi', cv2.VideoWriter_fourcc(*'MJPG'), 5, (32, 32))
    for _ in range(5):
        writer.write(np.ascontiguousarray(noise[:, :24].repeat(2, 1)[:, :32]))
    writer.release()
    coded['.avi'] = Path('v.avi').read_bytes()
    names = ('a', '...', 'a' * 240, '-', 'a\nb', '%d', '{}', "'", 'a b', 'ü', '*')
    while True:
        kind = dice.choice(list(coded))
        data, what = damaged(coded[kind], dice)
        path = Path(dice.choice(names) + dice.choice([kind, kind, '.png', '.mp4']))
        path.write_bytes(data)
        run = functools.partial(look_at_picture, str(path))
        yield Case('pictures', f'{path}: {what}', run)
        path.unlink(missing_ok=True)


def label_maps(dice: random.Random) -> Iterator[Case]:
    """Yield damaged label maps, and the data check of them."""
    maps = sorted(Path('cityscapes/gtFine/train').rglob('*labelTrainIds.png'))
    whole = {path: path.read_bytes() for path in maps}
    words = ('check', 'demo_fcn_hrnetv2', '--cfg-options', 'data_root=cityscapes/')
    while True:
        path = dice.choice(maps)
        data, name = damaged(whole[path], dice)
        path.write_bytes(data)
        yield Case('label maps', name, functools.partial(verb, *words))
        path.write_bytes(whole[path])


def options(dice: random.Random) -> Iterator[Case]:
    """Yield values of --cfg-options, and options of verbs."""
    keys = (
        'model', 'model.type', 'model.backbone', 'model.backbone.arch', 'data_root',
        'train_dataloader', 'train_dataloader.dataset', 'work_dir', 'default_scope',
        'train_dataloader.dataset.ann_file', 'train_dataloader.dataset.pipeline',
        'train_dataloader.dataset.pipeline.0', 'train_dataloader.dataset.metainfo',
        'train_dataloader.dataset.metainfo.classes', 'custom_imports', 'classes',
        'train_pipeline', 'model.roi_head', 'model.backbone.a.b.c', '', '.', 'a..b',
        'train_dataloader.dataset.type', 'train_dataloader.dataset.data_prefix',
        'train_cfg', 'val_evaluator', 'custom_hooks', 'default_hooks', 'env_cfg',
    )  # fmt: skip
    values = (
        'None', '5', '-1', '[]', '{}', 'x', '[1,2', '((', '"', '1e999', '[[[[', 'a,b',
        'True', '../../outside', '/dev/null', '/dev/zero', '\x00', '[None]', '(1,)',
        '__import__("os").mkdir("executed")', '0', 'nan', '{"a": 1}', '10' * 300,
    )  # fmt: skip
    while True:
        key, value = dice.choice(keys), dice.choice(values)
        given = ('data_root=coco/', f'{key}={value}')
        verbs = (
            ('check', 'demo_faster_rcnn_hrnetv2p', '--cfg-options', *given),
            ('complexity', 'demo_faster_rcnn_hrnetv2p', '--cfg-options', *given),
        )
        words = dice.choice(verbs)
        run = functools.partial(verb, *words)
        yield Case('options', f'{words[0]} {key}={value}', run)


def configs(dice: random.Random) -> Iterator[Case]:
    """Yield configs in JSON and YAML, which are data."""
    base = dict(
        model=dict(type='FasterRCNN', backbone=dict(type='hrnet_mm.HRNet', arch='w18')),
        default_scope='mmdet',
        train_dataloader=dict(dataset=dict(type='CocoDataset', ann_file='a.json')),
    )
    while True:
        if dice.random() < 0.5:
            odd, name = changed(base, dice)
            with contextlib.suppress(RecursionError):
                Path('c.json').write_text(json.dumps(odd))
            file = 'c.json'
        else:
            data, name = damaged(json.dumps(base).encode(), dice)
            file = dice.choice(['c.json', 'c.yml'])
            Path(file).write_bytes(data)
        yield Case('configs', f'{file}: {name}', functools.partial(verb, 'check', file))


def names(dice: random.Random) -> Iterator[Case]:
    """Yield names of checkpoints, configs, inputs and folders."""
    from hrnet_mm.checks.arguments import (
        check_input,
        check_out,
        check_resume,
        check_weights,
        check_work_dir,
    )
    from hrnet_mm.config.finding import find_config
    from hrnet_mm.weights import locate

    odd = (
        '', '.', '..', '/', '-', '--', 'x' * 300, 'a\0b', 'http://[', 'file:///etc/passwd',
        'hf_hub:', 'hf_hub:a/b@../c', 'open-mmlab://', 'open-mmlab://../x',
        'mmcls://x', 'torchvision://x', '~nobody/x.pth', 'a/../../outside/x.pth',
        '/dev/zero', '/dev/null', 'fifo', 'loop', 'dead', '*', '[', '**/*', '{a}',
        '%2f..%2f', 'ü.pth', '\udcff.pth', 'a b.pth', "'.pth", 's3://x/y.pth',
        'pavi://x', 'coco',
    )  # fmt: skip
    doors: tuple[Callable[[str], Any], ...] = (
        check_weights, check_input, locate, find_config, check_work_dir,
        lambda name: check_out(name, overwrite=True), lambda x: check_resume(x, None),
    )  # fmt: skip
    while True:
        name, door = dice.choice(odd), dice.choice(doors)
        run = functools.partial(door, name)
        yield Case('names', f'{getattr(door, "__name__", "")} {name!r}', run)


def overwritten(listing: str) -> None:
    """Remove the results of an earlier prediction."""
    from hrnet_mm.inference.outputs import remove_earlier

    Path('out').mkdir(exist_ok=True)
    Path('out/images.json').write_text(listing)
    remove_earlier(Path('out'))


def listings(dice: random.Random) -> Iterator[Case]:
    """Yield the list of an earlier prediction, which says what may be removed."""
    outside = ('../../outside/x', '/etc/hostname', '../coco', 'link/x', '.', '')
    image = dict(id=1, file_name='a.png', picture='a.jpg', labels='labels/a.png')
    base = dict(images=[image, dict(image)], annotations=[], categories=[])
    while True:
        odd, name = changed(base, dice)
        if dice.random() < 0.4:
            odd = copy.deepcopy(base)
            name = dice.choice(outside)
            odd['images'][0][dice.choice(['picture', 'labels'])] = name
        try:
            text = json.dumps(odd)
        except RecursionError:
            continue
        if dice.random() < 0.2:
            text = text[: dice.randrange(len(text))]
        yield Case('listings', name, functools.partial(overwritten, text))


def build(arguments: dict[str, Any], size: tuple[int, int]) -> None:
    """Build a network and run it."""
    import torch

    from hrnet_mm.models import HRNet

    with torch.inference_mode():
        HRNet(**arguments).eval()(torch.zeros(1, 3, *size))


def sizes(dice: random.Random) -> Iterator[Case]:
    """Yield archs, arguments and sizes of pictures."""
    keys = ('arch', 'norm_eval', 'multiscale_output', 'upsample', 'frozen_stages',
            'in_channels', 'with_cp', 'zero_init_residual', 'norm_cfg')  # fmt: skip
    small = [value for value in odd_values() if not isinstance(value, list)]
    while True:
        given: dict[str, Any] = dict(arch='w18_small_v1')
        size = (dice.choice([0, 1, 2, 31, 33]), dice.choice([0, 1, 3, 32]))
        key = dice.choice(keys)
        if dice.random() < 0.7:
            given[key] = dice.choice(small)
        run = functools.partial(build, given, size)
        yield Case('sizes', f'{key}={shown(given.get(key))} {size}', run)


SOURCES = (checkpoints, objects, annotations, boxes, pictures, label_maps, options,
           configs, names, listings, sizes)  # fmt: skip
# These are called with values, not by a command: their own errors are clear.
CALLED = ('sizes',)
# torch names the sizes that it cannot pad and the channels, mmcv's builder the layer.
TOLD = ('Calculated', 'Given groups', 'cfg must', "'the cfg dict must")


# ---- Running -----------------------------------------------------------------------
def outcome(case: Case) -> tuple[str, str]:
    """Run a case in this process, and say how it ends."""
    from hrnet_mm.cli.ending import user_errors
    from hrnet_mm.errors import UserError

    as_a_command = contextlib.nullcontext() if case.kind in CALLED else user_errors()
    try:
        with as_a_command:
            case.run()
    except UserError as error:
        return 'clear', str(error)
    except SystemExit as end:
        return ('right' if end.code in (0, 1) else 'clear'), str(end.code)
    except (ValueError, TypeError, RuntimeError, KeyError) as error:
        last = traceback.extract_tb(error.__traceback__)[-1].filename
        told = '/hrnet_mm/' in last or str(error).startswith(TOLD)
        own = case.kind in CALLED and told
        return ('clear' if own else 'unclear'), traceback.format_exc()
    except BaseException:
        return 'unclear', traceback.format_exc()
    return 'right', ''


def in_a_process(case: Case) -> tuple[str, str]:
    """Run a case in a forked process, which may hang or crash."""
    reading, writing = os.pipe()
    number = os.fork()
    if number == 0:
        os.close(reading)
        with open(os.devnull, 'w') as nowhere:
            os.dup2(nowhere.fileno(), 1)
            os.dup2(nowhere.fileno(), 2)
        ending, text = outcome(case)
        # A pipe holds 64 KiB before someone reads; six characters write one.
        os.write(writing, json.dumps((ending, text[-10000:])).encode())
        os._exit(0)
    os.close(writing)
    end = time.monotonic() + LIMIT
    while time.monotonic() < end:
        ended, status = os.waitpid(number, os.WNOHANG)
        if ended:
            data = os.read(reading, 65536)
            os.close(reading)
            code = os.waitstatus_to_exitcode(status)
            if code or not data:
                return 'crash', f'status {code}'
            return tuple(json.loads(data))
        time.sleep(0.002)
    os.kill(number, signal.SIGKILL)
    os.waitpid(number, 0)
    os.close(reading)
    return 'hang', f'more than {LIMIT} s'


def prepare(folder: Path) -> None:
    """Draw data and lay out a folder, with files outside that must stay."""
    inside, outside = folder / 'inside', folder / 'outside'
    inside.mkdir()
    outside.mkdir()
    (outside / 'x').write_text('precious')
    os.chdir(inside)
    with contextlib.redirect_stdout(io.StringIO()):
        for layout, name, size in (
            ('coco', 'coco', '128x128'),
            ('coco-pose', 'pose', '160x160'),
            ('cityscapes', 'cityscapes', '128x256'),
        ):
            words = ('--layout', layout, '--size', size, '--train', '3', '--val', '1')
            verb('shapes', name, *words)
    os.mkfifo('fifo')
    Path('loop').symlink_to('loop')
    Path('dead').symlink_to('nowhere')
    Path('out').mkdir()
    Path('out/link').symlink_to(outside)


def import_all() -> None:
    """Import what takes seconds, so that each forked process starts at once."""
    import importlib

    from hrnet_mm.weights.guard import forbid_unpickling

    forbid_unpickling()
    os.environ['HF_HUB_OFFLINE'] = '1'
    for name in ('hrnet_mm.training', 'hrnet_mm.inference', 'hrnet_mm.cli.convert'):
        importlib.import_module(name)
    for name in ('mmdet', 'mmpose', 'mmseg'):
        importlib.import_module(f'{name}.models')
        importlib.import_module(f'{name}.datasets')


def attack(variants: int, seed: int, folder: Path) -> Iterator[tuple[Case, str, str]]:
    """Try hostile inputs, of each kind as many.

    Yields:
        The case, how it ends (one of `KINDS`), and what was said.
    """
    import_all()
    prepare(folder)
    for place, source in enumerate(SOURCES):
        cases = source(random.Random(seed * 1000 + place))
        share = variants // len(SOURCES) + (place < variants % len(SOURCES))
        for case, _ in zip(cases, range(share), strict=False):
            ending, text = in_a_process(case)
            if Path('executed').exists():
                Path('executed').rmdir()
                ending = 'executed'
            if [path.read_text() for path in (folder / 'outside').iterdir()] != [
                'precious'
            ]:
                ending = 'outside'
            yield case, ending, text


def main() -> None:
    """Attack, and print a table and what went wrong."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument('--variants', type=int, default=1200)
    words.add_argument('--seed', type=int, default=0)
    words.add_argument('--verbose', action='store_true', help='print each message')
    args = words.parse_args()
    counts: dict[str, Counter[str]] = {}
    with tempfile.TemporaryDirectory() as made:
        for case, ending, text in attack(args.variants, args.seed, Path(made)):
            counts.setdefault(case.kind, Counter())[ending] += 1
            if ending not in ('right', 'clear') or args.verbose:
                print(f'{ending}: {case.kind}: {case.name}\n{text[-1500:]}', flush=True)
        os.chdir(ROOT)
    print('| kind |', ' | '.join(KINDS), '|')
    for kind, those in [*counts.items(), ('all', sum(counts.values(), Counter()))]:
        print(f'| {kind} |', ' | '.join(str(those[each]) for each in KINDS), '|')


if __name__ == '__main__':
    sys.path.insert(0, str(ROOT))
    main()
