"""A checkpoint of any known form in the form of another code base.

python tools/convert.py hrnet_cs_8090_torch11.pth w48_mmseg.pth --to mmseg
python tools/convert.py hrnet_w32_imagenet hrnet_w32.safetensors --to timm
python tools/convert.py work_dirs/pose/epoch_210.pth pose.pth --to official

The form is recognized by the names of the tensors, the network by their shapes. Where
the other code base has no such model, it gets the backbone alone, for its
init_cfg=dict(type='Pretrained', checkpoint='...'). docs/checkpoints.md has all forms.
"""

import argparse
import json
import os
from pathlib import Path

import torch

from hrnet_mm.checkpoints import local_file, read_checkpoint
from hrnet_mm.checkpoints.formats import (
    FAMILIES,
    convert,
    facts,
    recognize,
    summary,
)
from hrnet_mm.checkpoints.loading import known
from hrnet_mm.engine import cli
from hrnet_mm.errors import UserError

SUFFIXES = ('.pth', '.safetensors')
BARE = ('official', 'timm')  # their code reads nothing but tensors by name


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        'source',
        metavar='SRC',
        help='path, URL, name of published weights, or hf_hub: and a name',
    )
    parser.add_argument('target', metavar='DST', type=Path, help='.pth or .safetensors')
    parser.add_argument(
        '--from',
        dest='family',
        choices=['auto', *FAMILIES],
        default='auto',
        help='whose form it is (default: auto, found by the names)',
    )
    parser.add_argument('--to', choices=list(FAMILIES), required=True, help='form')
    parser.add_argument('--overwrite', action='store_true', help='replace DST')
    return parser.parse_args()


def check_target(target: Path, source: Path, overwrite: bool) -> None:
    """Nothing is lost, and it is known what to write.

    Raises:
        UserError: The file is there, is the source, or has another suffix.
    """
    if target.suffix not in SUFFIXES:
        raise UserError(f'cannot write {target}; expected {" or ".join(SUFFIXES)}')
    if target.resolve() == source.resolve():
        raise UserError(f'{target} is the file to convert; give another DST')
    if os.path.lexists(target) and not (overwrite and target.is_file()):
        raise UserError(f'{target} exists; give another DST, or say --overwrite')


def save(path: Path, tensors: dict[str, torch.Tensor], meta: dict | None) -> None:
    """Write a file, whole or not at all.

    Args:
        path: Of which kind its suffix says.
        tensors: By name.
        meta: Plain values; None for tensors alone in a .pth.
    """
    # Copies: of a part of a tensor torch would store all, safetensors nothing.
    tensors = {name: tensor.contiguous().clone() for name, tensor in tensors.items()}
    part = path.with_name(f'{path.name}.{os.getpid()}.part')
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == '.pth':
            content = tensors if meta is None else dict(state_dict=tensors, meta=meta)
            torch.save(content, part)
        else:
            save_safetensors(part, tensors, (meta or {}).get('hrnet_mm'))
        os.replace(part, path)
    except (OSError, RuntimeError) as error:
        raise UserError(f'cannot write {path}: {error}') from error
    finally:
        if os.path.lexists(part):
            part.unlink()


def save_safetensors(
    path: Path, tensors: dict[str, torch.Tensor], stored: dict | None
) -> None:
    """Write tensors with our facts as text, all that such a file can hold beside them.

    Raises:
        UserError: safetensors is not installed.
    """
    try:
        from safetensors.torch import save as serialized
    except ImportError as error:
        raise UserError('.safetensors needs pip install safetensors') from error
    texts = {} if stored is None else dict(hrnet_mm=json.dumps(stored))
    # Its own writer makes a file that others on the machine cannot read.
    path.write_bytes(serialized(tensors, dict(format='pt', **texts)))


def main() -> None:
    args = parse_args()
    file = local_file(args.source)
    check_target(args.target, file, args.overwrite)
    content = read_checkpoint(file)
    recognized = known(recognize(content, args.family), args.source)
    tensors = convert(recognized, args.to)
    print(summary(recognized, args.to, tensors))
    theirs = content.get('meta')
    meta = dict(theirs) if isinstance(theirs, dict) else {}
    meta['hrnet_mm'] = facts(
        recognized.upsample,
        task=recognized.task,
        arch=recognized.arch_name,
        source=args.source,
    )
    bare = args.to in BARE and args.target.suffix == '.pth'
    save(args.target, tensors, None if bare else meta)
    print(f'written: {args.target}')


if __name__ == '__main__':
    with cli.user_errors():
        main()
