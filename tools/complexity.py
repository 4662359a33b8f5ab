"""Parameters, multiply-adds and activations of any config, at any input size.

python tools/complexity.py configs/fcn_hrnetv2_w48_cityscapes.py
python tools/complexity.py configs/fcn_hrnetv2_w48_cityscapes.py --shape 512 1024
python tools/complexity.py --paper

True units: M is 1e6, G is 1e9. Multiply-adds are those of convolutions, linear layers
and matrix products, one for each multiplication with its addition. Activations are the
elements that these put out. Nothing is computed: no weights, no data, no accelerator.
Detectors with RoI heads: 1000 proposals, 100 masks.

--paper prints the papers' tables with our counts by the rule of each table, and in
true units:
  modelsummary  convolutions and linear layers; G is 2^30; a transposed convolution
                counts its kernel at each output pixel
  faster        the same with 512 proposals, without the last two layers; M is 2^20,
                without BatchNorm's parameters
  mmcv          also 2 per normed element, ReLU, up-sampling and bias; 1e6, 1e9
The ratio is ours by the rule to the printed G.
"""

import argparse
import warnings
from pathlib import Path

from mmengine.config import DictAction

from hrnet_mm.complexity.paper import compared
from hrnet_mm.complexity.report import console, of_config, of_paper
from hrnet_mm.complexity.tables import TABLES
from hrnet_mm.engine import cli

CONFIGS = Path(__file__).parents[1] / 'configs'


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('config', nargs='?', help='config file')
    parser.add_argument(
        '--shape',
        type=int,
        nargs='+',
        metavar='N',
        help='height and width of the input, or one number (default: as tested)',
    )
    parser.add_argument(
        '--cfg-options',
        nargs='+',
        action=DictAction,
        default={},
        metavar='KEY=VALUE',
        help='change the config, e.g. model.backbone.arch=w18',
    )
    parser.add_argument(
        '--paper', action='store_true', help="the papers' tables and our counts"
    )
    args = parser.parse_args()
    if bool(args.config) == args.paper:
        parser.error('give a config, or --paper')
    if args.shape and (len(args.shape) > 2 or min(args.shape) < 1):
        parser.error('--shape takes HEIGHT WIDTH in pixels, or one number for both')
    return args


def main() -> None:
    args = parse_args()
    warnings.filterwarnings('ignore')
    out = console()
    if args.paper:
        for table in TABLES:
            with out.status(table.title):
                rows = list(compared(table, CONFIGS))
            out.print(of_paper(table, rows))
        return
    cfg = cli.read_config(args.config, args.cfg_options)
    shape = (args.shape[0], args.shape[-1]) if args.shape else None
    out.print(of_config(cfg, shape))


if __name__ == '__main__':
    with cli.user_errors():
        main()
