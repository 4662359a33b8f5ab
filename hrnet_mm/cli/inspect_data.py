"""Look at the data of a config: counts, classes, pictures, evaluators.

hrnet check demo_faster_rcnn_hrnetv2p
hrnet check my_config.py --cfg-options data_root=/data/mine/

One line for each data set says what a training or an evaluation would use, and what
it would leave out, by the reason. What is wrong follows, each with what mends it; the
exit status is 2 then. `hrnet train` and `hrnet test` look in the same way before they
start.
"""

from __future__ import annotations

import argparse

from ..config.finding import find_config
from .options import add_cfg_options, new_parser


def parser(prog: str | None = None, about: str = __doc__) -> argparse.ArgumentParser:
    """Return the parser of the verb's options."""
    options = new_parser(prog, about)
    options.add_argument('config', help='config file, or the name of one of ours')
    add_cfg_options(options, 'data_root=/data/coco/')
    return options


def check(args: argparse.Namespace) -> None:
    """Check that the config exists."""
    args.config = str(find_config(args.config))


def run(args: argparse.Namespace) -> None:
    """Look at the data sets of training, validation and test."""
    from ..checks import data_look, moments
    from ..config.opening import key_values, read_config

    cfg = read_config(args.config, key_values(args.cfg_options))
    splits = ['train', 'val', 'test']
    moments.before_building(cfg, splits)
    looks = data_look.check_data(cfg, splits, ending=None)
    if any(look.counted for look in looks):
        print('nothing is wrong with the data, as far as a look can tell')
