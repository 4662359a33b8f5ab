"""Draw what a model finds: boxes, masks, keypoints, label maps or class names.

hrnet predict images/ --out found/ --config demo_faster_rcnn_hrnetv2p
    --weights work_dirs/demo_faster_rcnn_hrnetv2p/epoch_4.pth
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import TYPE_CHECKING

from ..checks.arguments import check_boxes, check_input, check_out, check_weights
from ..config.finding import find_config
from ..data.coco_ids import read_ids
from ..errors import UserError
from .options import add_cfg_options, add_fast_option, count, new_parser, share

if TYPE_CHECKING:
    from ..fast.optimize import Level
    from ..inference import Output, Pictures, Predictor, Video
    from ..inference.boxes import Boxes


def parser(prog: str | None = None, about: str = __doc__) -> argparse.ArgumentParser:
    """Return the parser of the verb's options."""
    options = new_parser(prog, about)
    add = options.add_argument
    add('input', metavar='IN', help='image, folder, "pattern" or video')
    add('--config', required=True, help='config file, or the name of one of ours')
    add('--weights', required=True, help='path, URL or OpenMMLab name of a checkpoint')
    add('--out', required=True, metavar='DIR', help='where pictures and JSON go')
    add('--overwrite', action='store_true', help='replace earlier results in DIR')
    add(
        '--batch-size', type=count, metavar='N', help="default: the config's, for tests"
    )
    add_fast_option(options)
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
    add_cfg_options(options, 'model.test_cfg.flip_test=False')
    return options


def check(args: argparse.Namespace) -> None:
    """Check that the files exist and that nothing would be overwritten."""
    check_input(args.input)
    check_out(args.out, args.overwrite)
    if args.boxes is not None and args.detector is not None:
        raise UserError('--boxes and --detector exclude each other')
    if args.boxes is not None:
        check_boxes(args.boxes)
    args.config = str(find_config(args.config))
    check_weights(args.weights)
    if args.detector is not None:
        config, weights = args.detector
        args.detector = [str(find_config(config)), weights]
        check_weights(weights)
    args.known = known_ids(args.ann)


def known_ids(path: str | None) -> tuple[dict[str, int] | None, list[dict] | None]:
    """Return image ids by file name, and the categories, of an annotation file."""
    if path is None:
        return None, None
    try:
        return read_ids(Path(path))
    except UserError as error:
        raise UserError(f'--ann {error}') from error


def run(args: argparse.Namespace) -> int:
    """Predict on all images, draw and save the results.

    Returns:
        The exit status: 1 if an image could not be read.
    """
    from ..inference import Output, infer, open_input, print_summary

    ids, categories = args.known
    source = open_input(args.input, ids)
    output = Output(args.out, args.overwrite, source.paths)
    model = predictor(args, source)
    started = time.time()
    try:
        with output.start(source, model, args.score_thr, categories):
            infer(source, model, output)
    except KeyboardInterrupt as stop:
        raise type(stop)(ended(source, output)) from None
    print_summary(source, output, started)
    return 1 if source.problems else 0


def ended(source: Pictures | Video, output: Output) -> str:
    """Say how much was done when a prediction is interrupted."""
    done = len(output.images)
    where = f'their results are in {output.folder}' if done else 'nothing was written'
    every = f' of {len(source)}' if len(source) else ''
    return f'Interrupted: {done}{every} images are done, {where}.'


def predictor(args: argparse.Namespace, source: Pictures | Video) -> Predictor:
    """Build the predictor of the config, with the detector or boxes of a pose model."""
    from mmengine.device import get_device

    from ..config.opening import key_values, read_config
    from ..inference import DetectorBoxes, FileBoxes, Predictor, predictor_of

    cfg = read_config(args.config, key_values(args.cfg_options))
    device = args.device or get_device()
    boxes: Boxes | None = None
    if args.boxes is not None:
        boxes = FileBoxes(args.boxes, source, args.score_thr)
    if args.detector is not None:
        config, weights = args.detector
        detector = Predictor(read_config(config), weights, device, args.batch_size)
        speed_up(detector, args.fast)
        boxes = DetectorBoxes(detector, args.score_thr)
    model = predictor_of(cfg, args.weights, device, args.batch_size, boxes)
    speed_up(model, args.fast)
    return model


def speed_up(built: Predictor, level: Level | None) -> None:
    """Switch a predictor's model to `hrnet_mm.fast`; None changes nothing."""
    if level is not None:
        from ..fast import optimize

        optimize(built.model, inference=True, level=level)
