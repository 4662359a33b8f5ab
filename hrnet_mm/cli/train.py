"""Train any config, of any toolbox, in one process or several.

hrnet train demo_faster_rcnn_hrnetv2p
hrnet train faster_rcnn_hrnetv2p_w32_1x --amp --cfg-options data_root=/data/coco/
hrnet train my_config.py --resume

A config is a path, or the bare name of one of this project's (configs/README.md lists
them). tools/dist_train.sh and tools/slurm_train.sh start several processes.
"""

from __future__ import annotations

import argparse

from ..checks.arguments import check_resume, check_work_dir
from ..config.finding import find_config
from ..config.launching import is_first, join_launcher
from ..errors import UserError
from .options import add_common_options, add_fast_option, count, new_parser


def parser(prog: str | None = None, about: str = __doc__) -> argparse.ArgumentParser:
    """Return the parser of the verb's options."""
    options = new_parser(prog, about)
    add_common_options(options)
    options.add_argument(
        '--resume',
        nargs='?',
        const='auto',
        metavar='CHECKPOINT',
        help='go on from a checkpoint, without a path from the last of the work folder',
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
    """Check that the config and the checkpoint to resume from exist."""
    args.config = str(find_config(args.config))
    if args.resume and args.overwrite:
        raise UserError('--resume and --overwrite exclude each other')
    check_resume(args.resume, args.work_dir)
    join_launcher(args.launcher, args.local_rank)


def run(args: argparse.Namespace) -> None:
    """Train the config's model, starting or resuming as the options say."""
    from ..checks import data_look, moments
    from ..config import initial_weights, opening, switches
    from ..training import Runner, process_group, remove_run

    cfg = opening.load_config(args)
    check_resume(args.resume, cfg.work_dir)
    if is_first(args.launcher) and not (args.resume or args.overwrite):
        check_work_dir(cfg.work_dir)
    moments.before_training(cfg)
    moments.before_building(cfg, ['train', 'val'])
    if is_first(args.launcher) and not args.skip_data_check:
        data_look.check_data(cfg, ['train', 'val'])
    switches.set_amp(cfg, args.amp)
    switches.set_fast(cfg, args.fast)
    switches.set_auto_scale_lr(cfg, args.auto_scale_lr)
    switches.set_best(cfg, args.save_best, args.early_stopping)
    cfg.allow_nan = args.allow_nan or cfg.get('allow_nan', False)
    initial_weights.fetch_pretrained(cfg, args.from_scratch)
    if args.resume:
        cfg.resume = True
        cfg.load_from = None if args.resume == 'auto' else args.resume
    with process_group():
        if args.overwrite and is_first(args.launcher):
            remove_run(cfg.work_dir)
        runner = Runner.from_cfg(cfg)
        with data_look.late_look(cfg, ['train', 'val'], args.skip_data_check):
            runner.train()
