"""Some problems of an environment show in its files, without importing anything."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ..toolboxes import TOOLBOXES, Toolbox
from .commands import Command, Problem, install, uninstall
from .packages import FOUNDATION, REQUIREMENTS
from .pairs import PAIR, missing, numpy_of_another_torch, torchvision_of_another_torch
from .survey import OPENCVS, Survey

HEADLESS = 'opencv-python-headless'


def several_opencvs(survey: Survey) -> Iterator[Problem]:
    """Yield a problem if several distributions of OpenCV write the same files."""
    found = survey.among(OPENCVS)
    if len(found) > 1:
        yield Problem(
            f'{" and ".join(found)} lie over each other; one is enough',
            (uninstall(*found), install(kept_opencv(survey, found))),
        )


def kept_opencv(survey: Survey, found: Iterable[str] = ()) -> str:
    """Return the requirement of OpenCV without a screen, in the version here."""
    contrib = any('contrib' in name for name in found)
    name = 'opencv-contrib-python-headless' if contrib else HEADLESS
    return f'{name}=={survey.versions[name]}' if name in survey.versions else name


def several_packages(survey: Survey, names: Sequence[str]) -> Iterator[Problem]:
    """Yield a problem if several distributions of one import name are installed."""
    for package in (*FOUNDATION, *(TOOLBOXES[name].package for name in names)):
        found = survey.among(package.distributions)
        if len(found) > 1:
            yield Problem(
                f'{" and ".join(found)} lie over each other, both are {package.module}',
                (uninstall(*found), install(survey.requirement(package))),
            )


def undeclared_needs(survey: Survey, names: Sequence[str]) -> Iterator[Problem]:
    """Yield the problems of toolboxes that miss a package which they do not declare."""
    here = [name for name in names if survey.importable(name)]
    needs = {name: list(TOOLBOXES[name].needs) for name in here}
    if 'mmengine' in survey.versions:  # the fork does not need it
        needs['mmengine'] = ['pkg_resources']
    for name, modules in needs.items():
        wanted, advice = missing(survey, modules)
        if wanted or advice:
            what = f'{name} needs {", ".join(survey.missing(modules))}'
            yield Problem(what, (install(*wanted),) * bool(wanted), advice)


def missing_toolbox(toolbox: Toolbox, survey: Survey) -> Problem:
    """Return the problem of a missing toolbox, with the commands that install it.

    They install what the toolbox is built on, too.
    """
    packages = [package for package in FOUNDATION if not survey.owner(package)]
    wanted = [survey.requirement(package) for package in packages]
    if not survey.forked and not survey.importable('pkg_resources'):
        wanted.append(REQUIREMENTS['pkg_resources'])
    torches, advice = missing(survey, PAIR)
    # mmengine installs OpenCV itself, which would overwrite the files of another one.
    brought = ('torchvision', 'cv2') if packages else ('torchvision',)
    wanted += torches
    wanted += survey.missing(need for need in toolbox.needs if need not in brought)
    itself = survey.requirement(toolbox.package)
    commands: tuple[Command, ...]
    if not toolbox.alone:
        commands = (install(*wanted, itself),)
    else:
        commands = (install(*wanted),) * bool(wanted) + (install('--no-deps', itself),)
    return Problem(f'{toolbox.name} is missing', commands, advice)


def visible(survey: Survey, names: Sequence[str]) -> Iterator[Problem]:
    """Yield the problems that can be seen without importing anything.

    Args:
        survey: The installed distributions.
        names: Names of the toolboxes that matter.
    """
    yield from several_opencvs(survey)
    yield from several_packages(survey, names)
    yield from torchvision_of_another_torch(survey)
    yield from numpy_of_another_torch(survey)
    yield from undeclared_needs(survey, names)
