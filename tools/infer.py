"""Draw what a model finds: boxes, masks, key points, label maps or class names.

python tools/infer.py images/ --out infer/ --config configs/demo_faster_rcnn_hrnetv2p.py
    --weights work_dirs/demo_faster_rcnn_hrnetv2p/epoch_4.pth
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

from mmengine.config import DictAction
from mmengine.device import get_device

from hrnet_mm.engine import cli
from hrnet_mm.errors import UserError
from hrnet_mm.fast import optimize
from hrnet_mm.inference import (
    DetectorBoxes,
    FileBoxes,
    Output,
    Pictures,
    Predictor,
    Video,
    infer,
    open_input,
    predictor_of,
    print_summary,
)


def count(text: str) -> int:
    """Parse a number of images."""
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"'{text}' is not a number from 1 upwards")
    return int(text)


def share(text: str) -> float:
    """Parse a score."""
    try:
        value = float(text)
    except ValueError:
        value = -1
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"'{text}' is not between 0 and 1")
    return value


def parser() -> argparse.ArgumentParser:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = options.add_argument
    add('input', metavar='IN', help='image, folder, "pattern" or video')
    add('--config', required=True, help='config file, of any toolbox')
    add('--weights', required=True, help='path, URL or OpenMMLab name of a checkpoint')
    add('--out', required=True, metavar='DIR', help='where pictures and JSON go')
    add('--overwrite', action='store_true', help='replace earlier results in DIR')
    add(
        '--batch-size', type=count, metavar='N', help="default: the config's, for tests"
    )
    cli.add_fast_option(options)
    add('--device', help='default: an accelerator, if there is one')
    add(
        '--score-thr',
        type=share,
        default=0.3,
        metavar='T',
        help='do not draw what scores less, nor look for key points in such boxes; '
        'the JSON has everything that was found (default: 0.3)',
    )
    add('--boxes', metavar='FILE', help='pose: boxes in COCO result format')
    add(
        '--detector',
        nargs=2,
        metavar=('CONFIG', 'WEIGHTS'),
        help='pose: boxes of a detector of mmdet (default: the whole image)',
    )
    add('--ann', metavar='FILE', help='COCO annotations: ids of images and categories')
    add(
        '--cfg-options',
        nargs='+',
        action=DictAction,
        metavar='KEY=VALUE',
        help='change the config, e.g. model.test_cfg.flip_test=False',
    )
    return options


def known_ids(path: str | None) -> tuple[dict[str, int] | None, list[dict] | None]:
    """Ids by file name, and the categories, of an annotation file."""
    if path is None:
        return None, None
    try:
        content = json.loads(Path(path).read_text())
        ids = {image['file_name']: image['id'] for image in content['images']}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UserError(
            f'--ann {path} is no COCO annotation file: {error!r}'
        ) from error
    return ids, content.get('categories')


def predictor(args: argparse.Namespace, source: Pictures | Video) -> Predictor:
    """Build what the config says, and the detector."""
    cfg = cli.read_config(args.config, args.cfg_options)
    device = args.device or get_device()
    boxes = None
    if args.boxes is not None and args.detector is not None:
        raise UserError('--boxes and --detector exclude each other')
    if args.boxes is not None:
        boxes = FileBoxes(args.boxes, source, args.score_thr)
    if args.detector is not None:
        config, weights = args.detector
        detector = Predictor(cli.read_config(config), weights, device, args.batch_size)
        speed_up(detector, args.fast)
        boxes = DetectorBoxes(detector, args.score_thr)
    model = predictor_of(cfg, args.weights, device, args.batch_size, boxes)
    speed_up(model, args.fast)
    return model


def speed_up(built: Predictor, level: str | None) -> None:
    """Switch a predictor's model to `hrnet_mm.fast`; None leaves it."""
    if level is not None:
        optimize(built.model, inference=True, level=level)


def main(arguments: list[str] | None = None) -> int:
    args = parser().parse_args(arguments)
    ids, categories = known_ids(args.ann)
    source = open_input(args.input, ids)
    output = Output(args.out, args.overwrite)
    model = predictor(args, source)
    started = time.time()
    with output.start(source, model, args.score_thr, categories):
        infer(source, model, output)
    print_summary(source, output, started)
    return 1 if source.problems else 0


if __name__ == '__main__':
    with cli.user_errors():
        sys.exit(main())
