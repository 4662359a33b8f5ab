"""Evaluate a checkpoint of any config, of any toolbox.

python tools/test.py configs/faster_rcnn_hrnetv2p_w32_1x.py work_dirs/.../epoch_12.pth
"""

import argparse

from hrnet_mm.engine import Runner, checks, cli


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    cli.add_common_options(parser)
    parser.add_argument('checkpoint', help='path, URL or OpenMMLab name of the weights')
    return parser.parse_args()


def main() -> None:
    args = parse_args()
    cfg = cli.load_config(args)
    checks.check_data(cfg, ['test'])
    cli.forget_pretrained(cfg)
    cfg.load_from = args.checkpoint
    Runner.from_cfg(cfg).test()


if __name__ == '__main__':
    with cli.user_errors():
        main()
