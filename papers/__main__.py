"""Print the papers' tables with our counts, by each table's rule and in true units.

python -m papers

modelsummary  convolutions and linear layers; G is 2^30; a transposed convolution counts
              its kernel at each output pixel
faster        the same with 512 proposals, without the last two layers; M is 2^20,
              without BatchNorm's parameters
mmcv          also 2 per normed element, ReLU, up-sampling and bias; 1e6, 1e9

The ratio is ours by the rule to the printed G.
"""

import argparse
import warnings
from pathlib import Path

from hrnet_mm.cli.ending import user_errors
from hrnet_mm.terminal import console

from .audit import compared, shown
from .printed import TABLES

CONFIGS = Path(__file__).parents[1] / 'configs'


def main() -> None:
    """Count every row, and print the tables."""
    argparse.ArgumentParser(
        'python -m papers',
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    ).parse_args()
    warnings.filterwarnings('ignore')
    out = console()
    for table in TABLES:
        with out.status(table.title):
            rows = list(compared(table, CONFIGS))
        out.print(shown(table, rows))


if __name__ == '__main__':
    with user_errors():
        main()
