"""Write the embedded data set of drawn scenes: no download, equal on every machine.

hrnet shapes data/coco --layout coco
hrnet shapes data/cityscapes --layout cityscapes --size 256x512
"""

from __future__ import annotations

import argparse
import shlex
from functools import partial
from pathlib import Path

from .options import new_parser

# The keys of `hrnet_mm.data.shapes.LAYOUTS`, without importing OpenCV; a test compares
# them. Each layout has a config to train with, and the folder where configs expect it.
LAYOUTS = {
    'coco': ('faster_rcnn_hrnetv2p_w18_1x', 'data/coco'),
    'coco-pose': ('topdown_hrnet_w32_coco_256x192', 'data/coco'),
    'cityscapes': ('fcn_hrnetv2_w48_cityscapes', 'data/cityscapes'),
}


def size(text: str) -> tuple[int, int]:
    """Parse a size HEIGHTxWIDTH in pixels."""
    height, _, width = text.partition('x')
    if not (height.isdecimal() and width.isdecimal()):
        raise argparse.ArgumentTypeError(
            f"'{text}' is not HEIGHTxWIDTH in pixels, such as 240x320"
        )
    return int(height), int(width)


def parser(prog: str | None = None, about: str = __doc__) -> argparse.ArgumentParser:
    """Return the parser of the verb's options."""
    options = new_parser(prog, about)
    add = options.add_argument
    add('out', type=Path, help='the folder to make')
    add('--layout', choices=LAYOUTS, default='coco', help='default: coco')
    add('--train', type=int, default=64, help='images to train on (default: 64)')
    add('--val', type=int, default=16, help='images to validate on (default: 16)')
    add('--size', type=size, default='240x320', metavar='HxW', help='default: 240x320')
    add('--seed', type=int, default=0, help='default: 0')
    add(
        '--overwrite',
        action='store_true',
        help='replace a data set made by this tool with other arguments',
    )
    return options


def check(args: argparse.Namespace) -> None:
    """Do nothing, as errors show only when the folder is read."""


def run(args: argparse.Namespace) -> None:
    """Make the data set, and print what was made and a command to train on it."""
    from rich.progress import track

    from ..data.shapes import make_shapes

    progress = partial(track, description='Drawing')
    try:
        written = make_shapes(**vars(args), track=progress)
    except (OSError, ValueError) as error:
        raise argparse.ArgumentError(None, str(error)) from error
    except KeyboardInterrupt as stop:  # or a cancelled job's SIGTERM
        raise type(stop)('Interrupted: nothing was written.') from None
    done = 'Wrote' if written else 'Already complete, nothing to do:'
    height, width = args.size
    print(f'{done} {args.train} + {args.val} images of {height}x{width} in {args.out}')
    print(f'Next: {next_command(args.layout, args.out)}')


def next_command(layout: str, out: Path) -> str:
    """Return the command that trains on the data set in `out`."""
    config, standard = LAYOUTS[layout]
    command = f'hrnet train {config}'
    if out.resolve() == Path(standard).resolve():
        return command
    return f'{command} --cfg-options {shlex.quote(f"data_root={out}/")}'
