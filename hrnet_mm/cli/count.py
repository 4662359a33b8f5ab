"""Parameters, multiply-adds and activations of any config, at any input size.

hrnet complexity fcn_hrnetv2_w48_cityscapes
hrnet complexity fcn_hrnetv2_w48_cityscapes --shape 512 1024
hrnet complexity --paper

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

from __future__ import annotations

import argparse
import warnings

from ..config.finding import find_config, our_configs
from .options import add_cfg_options, new_parser


def parser(prog: str | None = None, about: str = __doc__) -> argparse.ArgumentParser:
    """Return the options."""
    options = new_parser(prog, about)
    options.add_argument(
        'config', nargs='?', help='config file, or the name of one of ours'
    )
    options.add_argument(
        '--shape',
        type=int,
        nargs='+',
        metavar='N',
        help='height and width of the input, or one number (default: as tested)',
    )
    add_cfg_options(options, 'model.backbone.arch=w18')
    options.add_argument(
        '--paper', action='store_true', help="the papers' tables and our counts"
    )
    return options


def check(args: argparse.Namespace) -> None:
    """See whether the arguments fit each other, and the file is there."""
    if bool(args.config) == args.paper:
        raise argparse.ArgumentError(None, 'give a config, or --paper')
    if args.paper and (args.shape or args.cfg_options):
        message = (
            "--paper counts the papers' networks at their sizes: give a config to "
            '--shape and --cfg-options'
        )
        raise argparse.ArgumentError(None, message)
    if args.shape and (len(args.shape) > 2 or min(args.shape) < 1):
        message = '--shape takes HEIGHT WIDTH in pixels, or one number for both'
        raise argparse.ArgumentError(None, message)
    if args.config:
        args.config = find_config(args.config)


def run(args: argparse.Namespace) -> None:
    """Count, and print a table."""
    from ..complexity.report import console, of_config
    from ..config.opening import key_values, read_config

    warnings.filterwarnings('ignore')
    if args.paper:
        print_paper()
        return
    cfg = read_config(args.config, key_values(args.cfg_options))
    shape = (args.shape[0], args.shape[-1]) if args.shape else None
    console().print(of_config(cfg, shape))


def print_paper() -> None:
    """Print the tables of the papers with our counts."""
    from ..complexity.paper import compared
    from ..complexity.report import console, of_paper
    from ..complexity.tables import TABLES

    out = console()
    for table in TABLES:
        with out.status(table.title):
            rows = list(compared(table, our_configs()))
        out.print(of_paper(table, rows))
