"""Torch and what is built for one version of it: torchvision, NumPy."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import SpecifierSet

from ..toolboxes import name_of
from .commands import Problem, Remedy, install, uninstall
from .survey import Survey

PAIR = ('torch', 'torchvision')
# torch from here on is built for NumPy 2.
FOR_NUMPY_2 = (2, 3)
# Until here the version of torchvision follows from that of torch.
IN_STEP = ((2, 1), (2, 14))
# The numbers of a version that count, and the rest of it: a build between releases has
# the operators of the release that it comes before or after.
VERSION = r'(\d+(?:\.\d+){0,2})(\.\*)?[^,)\s]*'


def numbers(version: str) -> tuple[int, ...]:
    """The first three numbers of a version: 2.13.0.dev1+cpu is (2, 13, 0)."""
    return tuple(map(int, release(version).split('.')))


def release(version: str) -> str:
    """A version's first three numbers as a text, `'0'` where it has none."""
    found = re.match(VERSION, version)
    return found[1] if found else '0'


def torchvision_of_another_torch(survey: Survey) -> Iterator[Problem]:
    """Torchvision's operators are built for one version of torch, or from one on."""
    torch, wanted = survey.versions.get('torch'), torch_for_torchvision(survey)
    if not torch or wanted is None or wanted.contains(release(torch), prereleases=True):
        return
    yield Problem(
        f'torchvision {survey.versions["torchvision"]} is for torch '
        f'{str(wanted).removeprefix("==")}, and here is {torch}',
        *torchvision_for_torch(survey),
    )


def torch_for_torchvision(survey: Survey) -> SpecifierSet | None:
    """The versions of torch that torchvision requires; None where it has none."""
    for text in survey.requires.get('torchvision', []):
        requirement = parsed(text) if name_of(text) == 'torch' else None
        if requirement and applies(requirement):
            return requirement.specifier
    return None


def parsed(text: str) -> Requirement | None:
    """Read a requirement, its versions cut to three numbers; None where it is none."""
    text, semicolon, marker = text.partition(';')
    text = re.sub(VERSION, r'\1\2', text) + semicolon + marker
    try:
        return Requirement(text)
    except InvalidRequirement:
        return None


def applies(requirement: Requirement) -> bool:
    """Tell whether a requirement holds on this machine, without any extra."""
    marker = requirement.marker
    return marker is None or marker.evaluate(dict(extra=''))


def torchvision_for_torch(survey: Survey) -> Remedy:
    """What brings the torchvision of this torch, or both where there is none.

    Torch is named beside it, so that pip leaves it as it is. A build that pip does not
    install by itself would be replaced, or get a torchvision of other libraries: its
    distribution's version says so, while every torch.__version__ may end in +cu130.
    """
    torch = survey.versions.get('torch', 'without a version')
    if 'torch' not in survey.versions and not survey.importable('torch'):
        return Remedy((install(*PAIR),))
    if not re.fullmatch(r'[\d.]+', torch):
        return Remedy(
            advice=f'torch {torch} is a build of its own: torch and torchvision must '
            'come from the same place, so install torchvision from where torch came'
        )
    return Remedy((install(f'torch=={torch}', fitting_torchvision(torch)),))


def fitting_torchvision(torch: str) -> str:
    """The torchvision of a torch: 0.28.0 is that of 2.13.0; later ones pip chooses."""
    first, last = IN_STEP
    if not first <= numbers(torch)[:2] < last:
        return 'torchvision'
    _, minor, patch = (*numbers(torch), 0)[:3]
    return f'torchvision==0.{minor + 15}.{patch}'


def torchvision_again(survey: Survey) -> Remedy:
    """Install torchvision for this torch, once more where the versions are right."""
    remedy = torchvision_for_torch(survey)
    seen = [*torchvision_of_another_torch(survey)]
    if seen or not remedy.commands or 'torchvision' not in survey.versions:
        return remedy
    return Remedy((uninstall('torchvision'), *remedy.commands))


def missing(survey: Survey, modules: Sequence[str]) -> tuple[list[str], str]:
    """Requirements for those of some modules that are not there.

    Returns:
        They; and what is to be said where torchvision is missing and cannot be had.
    """
    others = survey.missing(name for name in modules if name not in PAIR)
    if not survey.missing(name for name in modules if name in PAIR):
        return others, ''
    commands, advice = torchvision_for_torch(survey)
    return [*others, *(word for command in commands for word in command[1:])], advice


def numpy_of_another_torch(survey: Survey) -> Iterator[Problem]:
    """A torch that was built for NumPy 1 exchanges no arrays with NumPy 2."""
    torch, numpy = survey.versions.get('torch'), survey.versions.get('numpy')
    if torch and numpy and numbers(torch) < FOR_NUMPY_2 and numbers(numpy) >= (2,):
        yield Problem(
            f'torch {torch} is built for NumPy 1, and here is {numpy}',
            (install('numpy<2'),),
        )
