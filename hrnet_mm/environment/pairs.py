"""Torch works only with the torchvision and the NumPy that fit its version."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import SpecifierSet

from ..toolboxes import name_of
from .commands import Problem, Remedy, install, uninstall
from .survey import Survey

PAIR = ('torch', 'torchvision')
# From this version on, torch is built for NumPy 2.
FOR_NUMPY_2 = (2, 3)
# From the first version of torch to the one before the second, the version of
# torchvision follows from that of torch.
IN_STEP = ((2, 1), (2, 14))
# Three numbers of a version count. The rest is ignored: a build between releases has
# the operators of the release that it comes before or after.
VERSION = r'(\d+(?:\.\d+){0,2})(\.\*)?[^,)\s]*'


def numbers(version: str) -> tuple[int, ...]:
    """Return the first three numbers of a version: 2.13.0.dev1+cpu is (2, 13, 0)."""
    return tuple(map(int, release(version).split('.')))


def release(version: str) -> str:
    """Return a version's first three numbers as text, or `'0'` if it has none."""
    found = re.match(VERSION, version)
    return found[1] if found else '0'


def torchvision_of_another_torch(survey: Survey) -> Iterator[Problem]:
    """Yield a problem if torchvision was built for another version of torch.

    Its operators are built for one version of torch, or for all from one version on.
    """
    torch, wanted = survey.versions.get('torch'), torch_for_torchvision(survey)
    if not torch or wanted is None or wanted.contains(release(torch), prereleases=True):
        return
    yield Problem(
        f'torchvision {survey.versions["torchvision"]} is for torch '
        f'{str(wanted).removeprefix("==")}, and here is {torch}',
        *torchvision_for_torch(survey),
    )


def torch_for_torchvision(survey: Survey) -> SpecifierSet | None:
    """Return the versions of torch that torchvision requires, None if it names none."""
    for text in survey.requires.get('torchvision', []):
        requirement = parsed(text) if name_of(text) == 'torch' else None
        if requirement and applies(requirement):
            return requirement.specifier
    return None


def parsed(text: str) -> Requirement | None:
    """Parse a requirement, with its versions cut to three numbers.

    Returns:
        None if the text is no requirement.
    """
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
    """Return what installs the torchvision of this torch, or both without a torch.

    The command names torch as well, so that pip leaves it as it is. A build that pip
    does not install by itself gets advice instead: pip would replace it, or install a
    torchvision of other libraries. Its distribution's version shows such a build, while
    every torch.__version__ may end in +cu130.
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
    """Return the requirement for the torchvision of a torch, 0.28.0 for 2.13.0.

    Outside the known range of versions, pip chooses the version.
    """
    first, last = IN_STEP
    if not first <= numbers(torch)[:2] < last:
        return 'torchvision'
    _, minor, patch = (*numbers(torch), 0)[:3]
    return f'torchvision==0.{minor + 15}.{patch}'


def torchvision_again(survey: Survey) -> Remedy:
    """Return what installs this torch's torchvision, again if its version is right."""
    remedy = torchvision_for_torch(survey)
    seen = [*torchvision_of_another_torch(survey)]
    if seen or not remedy.commands or 'torchvision' not in survey.versions:
        return remedy
    return Remedy((uninstall('torchvision'), *remedy.commands))


def missing(survey: Survey, modules: Sequence[str]) -> tuple[list[str], str]:
    """Return the requirements for those of some modules that are missing.

    Returns:
        The requirements, and advice if torchvision is missing and no command brings it.
    """
    others = survey.missing(name for name in modules if name not in PAIR)
    if not survey.missing(name for name in modules if name in PAIR):
        return others, ''
    commands, advice = torchvision_for_torch(survey)
    return [*others, *(word for command in commands for word in command[1:])], advice


def numpy_of_another_torch(survey: Survey) -> Iterator[Problem]:
    """Yield a problem if NumPy 2 meets a torch that was built for NumPy 1.

    The two exchange no arrays.
    """
    torch, numpy = survey.versions.get('torch'), survey.versions.get('numpy')
    if torch and numpy and numbers(torch) < FOR_NUMPY_2 and numbers(numpy) >= (2,):
        yield Problem(
            f'torch {torch} is built for NumPy 1, and here is {numpy}',
            (install('numpy<2'),),
        )
