"""Count parameters, multiply-adds and activations of any config, at any input size.

hrnet complexity fcn_hrnetv2_w48_cityscapes
hrnet complexity fcn_hrnetv2_w48_cityscapes --shape 512 1024

Units are decimal: M is 1e6, G is 1e9. Multiply-adds are those of convolutions, linear
layers and matrix products, one for each multiplication with its addition. Activations
are the output elements of these layers. Nothing is computed, so no weights, data or
accelerator are needed. Detectors with RoI heads are counted with 1000 proposals and 100
masks.
"""

from __future__ import annotations

import argparse
import warnings
from functools import partial
from typing import TYPE_CHECKING

from ..config.finding import find_config
from .options import add_cfg_options, new_parser

if TYPE_CHECKING:
    from mmengine.config import Config
    from rich.table import Table


def parser(prog: str | None = None, about: str = __doc__) -> argparse.ArgumentParser:
    """Return the parser of the verb's options."""
    options = new_parser(prog, about)
    options.add_argument('config', help='config file, or the name of one of ours')
    options.add_argument(
        '--shape',
        type=int,
        nargs='+',
        metavar='N',
        help='height and width of the input, or one number (default: as tested)',
    )
    add_cfg_options(options, 'model.backbone.arch=w18')
    return options


def check(args: argparse.Namespace) -> None:
    """Check the shape, and that the config exists."""
    if args.shape and (len(args.shape) > 2 or min(args.shape) < 1):
        message = '--shape takes HEIGHT WIDTH in pixels, or one number for both'
        raise argparse.ArgumentError(None, message)
    args.config = find_config(args.config)


def run(args: argparse.Namespace) -> None:
    """Count and print a table."""
    from ..config.opening import key_values, read_config
    from ..terminal import console

    warnings.filterwarnings('ignore')
    cfg = read_config(args.config, key_values(args.cfg_options))
    shape = (args.shape[0], args.shape[-1]) if args.shape else None
    console().print(counted(cfg, shape))


def counted(cfg: Config, shape: tuple[int, int] | None = None) -> Table:
    """Return a table of the parameters, multiply-adds and activations of a model.

    Args:
        cfg: Config of the model.
        shape: Height and width of the input in pixels; None for the config's own.
    """
    from rich.table import Table

    from ..complexity.counting import TRUE, activations, count, parameters
    from ..complexity.on_meta import build, input_shape
    from ..complexity.on_meta import run as run_model

    shape = shape or input_shape(cfg)
    model = build(cfg)
    table = Table(show_header=False)
    table.add_row('input', f'{shape[0]} x {shape[1]}')
    forward = partial(run_model, model, shape)
    table.add_row('parameters', f'{parameters(model) / 1e6:.3f} M')
    table.add_row('multiply-adds', f'{count(forward) / 1e9:.3f} G')
    table.add_row('activations', f'{activations(forward) / 1e6:.3f} M')
    roi_head = getattr(model, 'roi_head', None)
    if roi_head is not None:
        masks = f', {TRUE.masks} for masks' if roi_head.with_mask else ''
        table.add_row('RoIs', f'{TRUE.boxes}{masks}')
    return table
