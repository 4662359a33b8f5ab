"""An examination lists the packages here, says which work, and how to fix the rest."""

from __future__ import annotations

import platform
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from ..toolboxes import TOOLBOXES
from .commands import Command, Problem
from .explaining import explained
from .packages import FOUNDATION
from .probes import Outcome, attempt, attempts, base_of
from .problems import missing_toolbox, visible
from .survey import Survey

WORKS, MISSING, BROKEN = 'works', 'missing', 'broken'
INSTRUCTIONS = dict(avx2='AVX2', avx512f='AVX-512', amx_tile='AMX')


class Row(NamedTuple):
    """A `Row` is one line of the table of packages.

    Attributes:
        name: Name of the package.
        version: Its version, and the distribution that it comes from.
        state: `'works'`, `'missing'`, `'broken: ...'`, or a remark.
    """

    name: str
    version: str
    state: str = ''


class Examination(NamedTuple):
    """An `Examination` holds what was found in an environment.

    Attributes:
        rows: Lines of the table.
        problems: What is wrong, with the commands that fix it.
        failed: Import names of what is broken, or was asked for and is missing.
    """

    rows: list[Row]
    problems: list[Problem]
    failed: list[str]

    @property
    def commands(self) -> list[Command]:
        """Return every command once, in the order in which they must run."""
        every = [command for each in self.problems for command in each.commands]
        return list(dict.fromkeys(every))


def examine(asked: Sequence[str] = ()) -> Examination:
    """Examine the environment, and try each installed toolbox.

    Args:
        asked: Names of extras, whose toolboxes must then be installed. By default
            all toolboxes that are installed are tried.
    """
    survey = Survey()
    wanted = [name for name, each in TOOLBOXES.items() if each.extra in asked]
    names = wanted or list(TOOLBOXES)
    here = [name for name in names if survey.importable(name)]
    base = base_of(attempt('base'))
    outcomes = attempts(here)
    absent = [name for name in names if name not in here]
    problems = [*visible(survey, names), *failures(survey, base, outcomes)]
    problems += [missing_toolbox(TOOLBOXES[name], survey) for name in absent if wanted]
    broken = [name for name, outcome in (base | outcomes).items() if outcome.error]
    rows = [*base_rows(base), processor(), *foundation(survey)]
    rows += [toolbox_row(name, survey, outcomes.get(name)) for name in names]
    return Examination(rows, new(problems), broken + absent * bool(wanted))


def new(problems: Iterable[Problem]) -> list[Problem]:
    """Drop the problems that the remedies of earlier ones fix as well."""
    kept: list[Problem] = []
    known: set[Command | str] = set()
    for problem in problems:
        remedy: set[Command | str] = {*problem.commands}
        remedy |= {problem.advice} - {''}
        if not remedy or not known.issuperset(remedy):
            kept.append(problem)
        known |= remedy
    return kept


def failures(
    survey: Survey, base: dict[str, Outcome], outcomes: dict[str, Outcome]
) -> Iterable[Problem]:
    """Yield the problems of failed trials.

    If the base is broken, only its problems are given: it breaks the toolboxes, too.
    """
    broken = {name: each for name, each in base.items() if each.error} or outcomes
    for name, outcome in broken.items():
        if outcome.error:
            yield explained(name, outcome, survey)


def base_rows(base: dict[str, Outcome]) -> list[Row]:
    """Return the rows of the packages that everything is built on."""
    rows = []
    for name, each in base.items():
        if each.error:
            rows.append(Row(name, '', f'{BROKEN}: {each.error}'))
        else:
            rows.append(Row(name, each.text, '' if each.text else MISSING))
    return rows


def processor() -> Row:
    """Return the row of the processor, with the instructions that decide its speed."""
    path = Path('/proc/cpuinfo')
    text = path.read_text().partition('\n\n')[0] if path.is_file() else ''
    lines = [line.partition(':') for line in text.splitlines()]
    facts = {name.strip(): value.strip() for name, _, value in lines}
    flags = facts.get('flags', '').split()
    known = [word for flag, word in INSTRUCTIONS.items() if flag in flags]
    name = facts.get('model name') or platform.processor() or platform.machine()
    return Row('processor', name, ' '.join(known))


def foundation(survey: Survey) -> Iterable[Row]:
    """Yield the rows of mmengine and of mmcv, and where mmcv's operators come from."""
    for package in FOUNDATION:
        owner, state = survey.owner(package), ''
        if owner and package.module == 'mmcv':
            state = operators(survey)
        version = f'{survey.versions[owner]} ({owner})' if owner else ''
        yield Row(package.module, version, state or (MISSING if not owner else ''))


def operators(survey: Survey) -> str:
    """Say where mmcv's operators come from."""
    if survey.importable('mmcv._ext'):
        return 'operators compiled'
    answered = survey.importable('torchvision')
    return "pure; torchvision's operators" if answered else 'pure; no operators'


def toolbox_row(name: str, survey: Survey, outcome: Outcome | None) -> Row:
    """Return the row of a toolbox, with the result of its trial."""
    owner = survey.owner(TOOLBOXES[name].package)
    version = f'{survey.versions[owner]} ({owner})' if owner else ''
    if outcome is None:
        return Row(name, version, MISSING)
    return Row(name, version, f'{BROKEN}: {outcome.error}' if outcome.error else WORKS)
