"""Train any config, of any toolbox: one process, or one of several.

python tools/train.py configs/faster_rcnn_hrnetv2p_w32_1x.py
tools/dist_train.sh configs/faster_rcnn_hrnetv2p_w32_1x.py 8
"""

import argparse

from hrnet_mm.engine import Runner, checks, cli
from hrnet_mm.engine.pretrained import fetch_pretrained


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    cli.add_common_options(parser)
    parser.add_argument(
        '--resume',
        nargs='?',
        const='auto',
        metavar='CHECKPOINT',
        help='go on from a checkpoint, without a path from the last of the work folder',
    )
    parser.add_argument(
        '--amp',
        nargs='?',
        const='auto',
        choices=['auto', 'fp16', 'bf16'],
        help='mixed precision: fp16 (the default with an accelerator) or bf16',
    )
    cli.add_fast_option(parser)
    parser.add_argument(
        '--auto-scale-lr',
        action=argparse.BooleanOptionalAction,
        help='scale the learning rate to the batch size (default: as the config says)',
    )
    parser.add_argument(
        '--from-scratch',
        action='store_true',
        help='random initial weights instead of pre-trained ones',
    )
    return parser.parse_args()


def main() -> None:
    args = parse_args()
    cfg = cli.load_config(args)
    checks.check_resume(args.resume, cfg.work_dir)
    checks.check_data(cfg, ['train', 'val'])
    fetch_pretrained(cfg, args.from_scratch)
    cli.set_amp(cfg, args.amp)
    cli.set_fast(cfg, args.fast)
    cli.set_auto_scale_lr(cfg, args.auto_scale_lr)
    if args.resume:
        cfg.resume = True
        cfg.load_from = None if args.resume == 'auto' else args.resume
    Runner.from_cfg(cfg).train()


if __name__ == '__main__':
    with cli.user_errors():
        main()
