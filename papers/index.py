"""Write the tables of configs and of published weights, and the model index.

These are configs/README.md, configs/metafile.yml, model-index.yml and docs/weights.md.

python -m papers.index
python -m papers.index --check     # write nothing, fail where a file is stale
"""

import argparse
import difflib
import warnings
from itertools import islice
from pathlib import Path

from hrnet_mm.cli.ending import user_errors
from hrnet_mm.errors import UserError

ROOT = Path(__file__).parents[1]


def stale(path: Path, text: str) -> str:
    """Return the first differences between a file and its right text; '' if equal."""
    old = path.read_text() if path.is_file() else ''
    lines = difflib.unified_diff(old.splitlines(), text.splitlines(), lineterm='', n=0)
    shown = [line[:160] for line in islice(lines, 2, 8)]  # without the two headings
    return '\n'.join([f'{path.relative_to(ROOT)} is not up to date:', *shown]) * bool(
        shown
    )


def main() -> None:
    """Write the pages, or compare them with what they should be."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('--check', action='store_true', help='compare, do not write')
    args = parser.parse_args()
    from hrnet_mm.weights.guard import forbid_unpickling

    from .entries import entries
    from .pages import pages

    forbid_unpickling()
    warnings.filterwarnings('ignore')
    found = entries(ROOT / 'configs')
    if not args.check:
        for path, text in pages(found).items():
            (ROOT / path).write_text(text)
            print(f'wrote {path}')
        return
    differences = [stale(ROOT / path, text) for path, text in pages(found).items()]
    if any(differences):
        raise UserError('\n'.join([*filter(None, differences), 'run `make tables`']))
    print(f'the index of {len(found)} configs is up to date')


if __name__ == '__main__':
    with user_errors():
        main()
