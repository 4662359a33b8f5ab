"""Several verbs share these options, which need only the standard library."""

from __future__ import annotations

import argparse

# A copy of `hrnet_mm.fast.LEVELS` that needs no torch; a test compares them.
LEVELS = ('default', 'max')


def new_parser(prog: str | None, about: str) -> argparse.ArgumentParser:
    """Return a parser without options.

    Args:
        prog: Name of the command; None for that of the script.
        about: Description that `--help` prints, with its line breaks.
    """
    return argparse.ArgumentParser(
        prog=prog,
        description=about,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )


def add_common_options(parser: argparse.ArgumentParser) -> None:
    """Add the common options of training and testing, under OpenMMLab's names."""
    parser.add_argument('config', help='config file, or the name of one of ours')
    parser.add_argument(
        '--work-dir', help='where everything goes (default: work_dirs/CONFIG)'
    )
    add_cfg_options(parser, 'data_root=/data/coco/ train_cfg.max_epochs=1')
    parser.add_argument(
        '--launcher',
        choices=['none', 'pytorch', 'slurm', 'mpi'],
        default='none',
        help='who started several processes (see dist_train.sh, slurm_train.sh)',
    )
    parser.add_argument(
        '--dist-timeout',
        type=count,
        default=600,
        metavar='SECONDS',
        help='how long several processes wait for each other (default: 600)',
    )
    parser.add_argument('--seed', type=int, help='seed of all random numbers')
    parser.add_argument(
        '--deterministic',
        action='store_true',
        help='equal runs for equal seeds, slower',
    )
    parser.add_argument(
        '--skip-data-check',
        action='store_true',
        help='start without looking at the data first',
    )
    # Old launchers pass this option; torchrun sets the variable LOCAL_RANK instead.
    parser.add_argument('--local_rank', '--local-rank', type=int)


def add_cfg_options(parser: argparse.ArgumentParser, example: str) -> None:
    """Add the option that changes values of the config.

    The strings are not parsed here: `config.opening.key_values` does it with mmengine,
    which takes seconds to import.
    """
    parser.add_argument(
        '--cfg-options',
        nargs='+',
        action='extend',
        type=key_value,
        metavar='KEY=VALUE',
        help=f'change the config, e.g. {example}',
    )


def add_fast_option(parser: argparse.ArgumentParser) -> None:
    """Add the option that switches to `hrnet_mm.fast`."""
    parser.add_argument(
        '--fast',
        nargs='?',
        const=LEVELS[0],
        choices=LEVELS,
        help='equal numbers up to rounding, in less time and memory; --fast=max also '
        'compiles a kernel for the CPU, once per machine',
    )


def key_value(text: str) -> str:
    """Return a string if it has the form KEY=VALUE, else raise an argument error."""
    key, sign, _ = text.partition('=')
    if not key or not sign:
        raise argparse.ArgumentTypeError(
            f"'{text}' is not KEY=VALUE, such as data_root=/data/coco/"
        )
    return text


def count(text: str) -> int:
    """Parse an integer from 1 upwards."""
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"'{text}' is not a number from 1 upwards")
    return int(text)


def share(text: str) -> float:
    """Parse a number from 0 to 1."""
    try:
        value = float(text)
    except ValueError:
        value = -1
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"'{text}' is not between 0 and 1")
    return value
