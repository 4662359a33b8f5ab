"""Show what is installed, whether it works, and the commands that repair it.

hrnet doctor               # everything that is installed
hrnet doctor pose --fix    # install or mend what key points need
hrnet doctor --fix --yes   # run the commands without asking

Each toolbox is tried in its own process, on one small image with our network.
"""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from ..errors import UserError
from ..toolboxes import TOOLBOXES
from .options import new_parser

if TYPE_CHECKING:
    from rich.console import Console

    from ..environment.examination import Examination

EXTRAS = [toolbox.extra for toolbox in TOOLBOXES.values()]


def parser(prog: str | None = None, about: str = __doc__) -> argparse.ArgumentParser:
    """Return the parser of the verb's options."""
    options = new_parser(prog, about)
    options.add_argument(
        'extras',
        nargs='*',
        metavar='TASK',
        help=f'look at these only, of {", ".join(EXTRAS)}; what is missing of them '
        'counts as a failure',
    )
    options.add_argument(
        '--fix', action='store_true', help='run the commands, and look again'
    )
    options.add_argument(
        '--yes', action='store_true', help='with --fix: do not ask before'
    )
    return options


def check(args: argparse.Namespace) -> None:
    """Check that the tasks are known and the options are compatible."""
    if args.yes and not args.fix:
        raise argparse.ArgumentError(None, '--yes is nothing without --fix')
    unknown = [name for name in args.extras if name not in EXTRAS]
    if unknown:
        message = f'no task {unknown[0]}; there are {", ".join(EXTRAS)}'
        raise argparse.ArgumentError(None, message)


def run(args: argparse.Namespace) -> int:
    """Examine the environment, and repair it if --fix is given.

    Returns:
        The exit status: 1 if something that was asked for does not work.
    """
    from ..environment.remedies import carry_out

    found, tried = examined(args.extras), []
    # Fixing one problem may reveal another that it had hidden.
    while args.fix and found.commands and found.commands not in tried:
        if not args.yes and not agreed():
            break
        carry_out(found.commands)
        tried.append(found.commands)
        found = examined(args.extras)
    return 1 if found.failed else 0


def examined(extras: list[str]) -> Examination:
    """Examine the environment and print the findings."""
    from ..environment.examination import examine
    from ..terminal import console

    out = console()
    with out.status('looking at the packages, and trying the toolboxes'):
        found = examine(extras)
    show(found, out)
    return found


def show(found: Examination, console: Console) -> None:
    """Print the table of packages, then each problem with its remedy."""
    from rich.markup import escape
    from rich.table import Table

    from ..environment.remedies import shown, whole_message

    table = Table('', 'version')
    table.add_column('state', overflow='fold')  # has paths of libraries in it
    for row in found.rows:
        table.add_row(*map(escape, row))
    console.print(table)
    for problem in found.problems:
        print(f'\n{problem.what}')
        for command in problem.commands:
            print(f'  {shown(command)}')
        if problem.advice:
            print(f'  {problem.advice}')
        elif not problem.commands:
            print(f'  no remedy is known; the whole message:  {whole_message(problem)}')


def agreed() -> bool:
    """Ask the user whether the commands may run.

    Raises:
        UserError: The standard input is not a terminal.
    """
    if not sys.stdin.isatty():
        raise UserError('nobody can be asked here: say --fix --yes to run the commands')
    return input('\nRun these commands? [y/N] ').strip().lower() in ('y', 'yes')
