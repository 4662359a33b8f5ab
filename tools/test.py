"""Evaluate a checkpoint of any config, of any toolbox.

python tools/test.py configs/faster_rcnn_hrnetv2p_w32_1x.py work_dirs/.../epoch_12.pth
"""

import argparse

from mmengine.config import Config

from hrnet_mm.engine import Runner, checks, cli
from hrnet_mm.engine.pretrained import forget_pretrained
from hrnet_mm.errors import UserError


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    cli.add_common_options(parser)
    cli.add_fast_option(parser)
    parser.add_argument('checkpoint', help='path, URL or OpenMMLab name of the weights')
    parser.add_argument(
        '--tta',
        action='store_true',
        help="test-time augmentation: the config's tta_pipeline and tta_model",
    )
    return parser.parse_args()


def augment(cfg: Config) -> None:
    """Test several views of each image, as the config's `tta_pipeline` makes them."""
    if 'tta_pipeline' not in cfg or 'tta_model' not in cfg:
        raise UserError(
            f'{cfg.filename} has no tta_pipeline and tta_model, as --tta needs. Leave '
            '--tta out, or take them from a config of the same data set that has them'
        )
    cfg.test_dataloader.dataset.pipeline = cfg.tta_pipeline
    cfg.model = dict(cfg.tta_model, module=cfg.model)


def main() -> None:
    args = parse_args()
    cfg = cli.load_config(args)
    checks.check_data(cfg, ['test'])
    forget_pretrained(cfg)
    if args.tta:
        augment(cfg)
    cfg.load_from = args.checkpoint
    cli.set_fast(cfg, args.fast)
    Runner.from_cfg(cfg).test()


if __name__ == '__main__':
    with cli.user_errors():
        main()
