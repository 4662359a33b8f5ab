"""The whole environment: its packages, what works, and what mends the rest."""

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
    """Holds a line of the table.

    Attributes:
        name: Of the package.
        version: And of which distribution it is.
        state: `'works'`, `'missing'`, `'broken: ...'`, or a remark.
    """

    name: str
    version: str
    state: str = ''


class Examination(NamedTuple):
    """What was found.

    Attributes:
        rows: The table.
        problems: With their commands.
        failed: Import names of what is broken, or was asked for and is missing.
    """

    rows: list[Row]
    problems: list[Problem]
    failed: list[str]

    @property
    def commands(self) -> list[Command]:
        """Every command once, in the order in which they must run."""
        every = [command for each in self.problems for command in each.commands]
        return list(dict.fromkeys(every))


def examine(asked: Sequence[str] = ()) -> Examination:
    """Look at the environment, and try each installed toolbox.

    Args:
        asked: Names of extras; by default all toolboxes that are there.
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
    """Problems without those that are mended as one before."""
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
    """Problems of what has failed; a broken base alone, for it breaks the toolboxes."""
    broken = {name: each for name, each in base.items() if each.error} or outcomes
    for name, outcome in broken.items():
        if outcome.error:
            yield explained(name, outcome, survey)


def base_rows(base: dict[str, Outcome]) -> list[Row]:
    """What everything is built on."""
    rows = []
    for name, each in base.items():
        if each.error:
            rows.append(Row(name, '', f'{BROKEN}: {each.error}'))
        else:
            rows.append(Row(name, each.text, '' if each.text else MISSING))
    return rows


def processor() -> Row:
    """The processor, with those of its instructions that decide how fast it is."""
    path = Path('/proc/cpuinfo')
    text = path.read_text().partition('\n\n')[0] if path.is_file() else ''
    lines = [line.partition(':') for line in text.splitlines()]
    facts = {name.strip(): value.strip() for name, _, value in lines}
    flags = facts.get('flags', '').split()
    known = [word for flag, word in INSTRUCTIONS.items() if flag in flags]
    name = facts.get('model name') or platform.processor() or platform.machine()
    return Row('processor', name, ' '.join(known))


def foundation(survey: Survey) -> Iterable[Row]:
    """mmengine, and mmcv with what answers for its operators."""
    for package in FOUNDATION:
        owner, state = survey.owner(package), ''
        if owner and package.module == 'mmcv':
            state = operators(survey)
        version = f'{survey.versions[owner]} ({owner})' if owner else ''
        yield Row(package.module, version, state or (MISSING if not owner else ''))


def operators(survey: Survey) -> str:
    """Say what answers for mmcv's operators."""
    if survey.importable('mmcv._ext'):
        return 'operators compiled'
    answered = survey.importable('torchvision')
    return "pure; torchvision's operators" if answered else 'pure; no operators'


def toolbox_row(name: str, survey: Survey, outcome: Outcome | None) -> Row:
    """A toolbox, and what has become of its trial."""
    owner = survey.owner(TOOLBOXES[name].package)
    version = f'{survey.versions[owner]} ({owner})' if owner else ''
    if outcome is None:
        return Row(name, version, MISSING)
    return Row(name, version, f'{BROKEN}: {outcome.error}' if outcome.error else WORKS)
