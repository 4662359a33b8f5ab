"""Train any config, of any toolbox, in one process or several.

hrnet train demo_faster_rcnn_hrnetv2p
hrnet train faster_rcnn_hrnetv2p_w32_1x --amp --cfg-options data_root=/data/coco/
hrnet train my_config.py --resume        # go on from the last checkpoint
hrnet train my_config.py --resume auto   # the same, or start where there is none

A config is a path, or the bare name of one of this project's (configs/README.md lists
them). tools/dist_train.sh and tools/slurm_train.sh start several processes.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from ..checks.arguments import check_resume, check_work_dir
from ..config.finding import find_config
from ..config.launching import join_launcher
from ..errors import UserError
from .options import add_common_options, add_fast_option, count, new_parser

if TYPE_CHECKING:
    from mmengine.config import Config


def parser(prog: str | None = None, about: str = __doc__) -> argparse.ArgumentParser:
    """Return the parser of the verb's options."""
    options = new_parser(prog, about)
    add_common_options(options)
    options.add_argument(
        '--resume',
        nargs='?',
        const='last',
        metavar='CHECKPOINT',
        help='go on from a checkpoint, by default the last one of the work folder; '
        'auto: the same, or start anew where there is none',
    )
    options.add_argument(
        '--overwrite',
        action='store_true',
        help='remove the run that is in the work folder, and start anew',
    )
    options.add_argument(
        '--save-best',
        nargs='?',
        const='auto',
        metavar='FIGURE',
        help="keep the best checkpoint, too (default: by the papers' figure)",
    )
    options.add_argument(
        '--early-stopping',
        type=count,
        metavar='N',
        help='stop when N evaluations in a row were no better than the best one',
    )
    options.add_argument(
        '--allow-nan',
        action='store_true',
        help='go on with losses and weights that are no numbers',
    )
    options.add_argument(
        '--amp',
        nargs='?',
        const='auto',
        choices=['auto', 'fp16', 'bf16'],
        help='mixed precision: fp16 (the default with an accelerator) or bf16',
    )
    add_fast_option(options)
    options.add_argument(
        '--auto-scale-lr',
        action=argparse.BooleanOptionalAction,
        help='scale the learning rate to the batch size (default: as the config says)',
    )
    options.add_argument(
        '--from-scratch',
        action='store_true',
        help='random initial weights instead of pre-trained ones',
    )
    return options


def check(args: argparse.Namespace) -> None:
    """Check what needs no heavy imports; of several processes, where they met."""
    join_launcher(args.launcher, args.local_rank)
    if args.launcher == 'none':
        check_files(args)
        check_resume(args.resume, args.work_dir)


def check_files(args: argparse.Namespace) -> None:
    """Check that the config exists, and that options do not contradict each other."""
    args.config = str(find_config(args.config))
    if args.resume and args.overwrite:
        raise UserError('--resume and --overwrite exclude each other')


def run(args: argparse.Namespace) -> None:
    """Train the config's model, starting or resuming as the options say."""
    from ..checks import data_look
    from ..training import Runner, process_group, together

    with process_group(args.launcher, args.dist_timeout):
        with together():
            check_files(args)
            cfg = prepare(args)
        with together():
            runner = Runner.from_cfg(cfg)
        with data_look.late_look(cfg, ['train', 'val'], args.skip_data_check):
            runner.train()


def prepare(args: argparse.Namespace) -> Config:
    """Return the config with what the options say, checked against the data."""
    from ..checks import data_look, moments
    from ..config import initial_weights, opening, switches
    from ..training import is_first, is_first_of_machine, remove_run

    cfg = opening.load_config(args)
    if is_first():
        check_resume(args.resume, cfg.work_dir)
    if is_first() and not (args.resume or args.overwrite):
        check_work_dir(cfg.work_dir)
    moments.before_training(cfg)
    moments.before_building(cfg, ['train', 'val'])
    if is_first_of_machine() and not args.skip_data_check:
        data_look.check_data(cfg, ['train', 'val'], speaks=is_first())
    switches.set_amp(cfg, args.amp)
    switches.set_fast(cfg, args.fast)
    switches.set_auto_scale_lr(cfg, args.auto_scale_lr)
    switches.set_best(cfg, args.save_best, args.early_stopping)
    cfg.allow_nan = args.allow_nan or cfg.get('allow_nan', False)
    initial_weights.fetch_pretrained(cfg, args.from_scratch)
    if args.resume:
        cfg.resume = True
        named = args.resume not in ('auto', 'last')
        cfg.load_from = args.resume if named else None
    if args.overwrite and is_first():
        remove_run(cfg.work_dir)
    return cfg
