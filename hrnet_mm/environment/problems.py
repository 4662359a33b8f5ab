"""What is known to go wrong in an environment, and what mends it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from .packages import FOUNDATION, REQUIREMENTS, TOOLBOXES, Toolbox, name_of
from .probes import Outcome
from .survey import OPENCVS, Survey

Command = tuple[str, ...]  # arguments of pip
HEADLESS = 'opencv-python-headless'
# torch from here on is built for NumPy 2.
FOR_NUMPY_2 = (2, 3)


class Problem(NamedTuple):
    """Something that is wrong.

    Attributes:
        what: For people.
        commands: What mends it, in this order; none where nobody knows.
    """

    what: str
    commands: tuple[Command, ...]


def install(*requirements: str) -> Command:
    """The command that installs something."""
    return ('install', *requirements)


def uninstall(*names: str) -> Command:
    """The command that removes distributions, without asking."""
    return ('uninstall', '-y', *names)


def numbers(version: str) -> tuple[int, ...]:
    """The numbers of a version: 2.13.0+cpu is (2, 13, 0)."""
    return tuple(int(part) for part in re.findall(r'\d+', version.partition('+')[0]))


def several_opencvs(survey: Survey) -> Iterator[Problem]:
    """Two distributions of OpenCV write the same files."""
    found = survey.among(OPENCVS)
    if len(found) > 1:
        yield Problem(
            f'{" and ".join(found)} lie over each other; one is enough',
            (uninstall(*found), install(kept_opencv(survey, found))),
        )


def kept_opencv(survey: Survey, found: Iterable[str] = ()) -> str:
    """The OpenCV that works without a screen, of the version that is here."""
    contrib = any('contrib' in name for name in found)
    name = 'opencv-contrib-python-headless' if contrib else HEADLESS
    return f'{name}=={survey.versions[name]}' if name in survey.versions else name


def several_packages(survey: Survey, names: Sequence[str]) -> Iterator[Problem]:
    """Two distributions of one import name have been installed over each other."""
    for package in (*FOUNDATION, *(TOOLBOXES[name].package for name in names)):
        found = survey.among(package.distributions)
        if len(found) > 1:
            yield Problem(
                f'{" and ".join(found)} lie over each other, both are {package.module}',
                (uninstall(*found), install(survey.requirement(package))),
            )


def torchvision_of_another_torch(survey: Survey) -> Iterator[Problem]:
    """Torchvision's operators are built for one version of torch."""
    torch, needed = survey.versions.get('torch'), survey.requires.get('torchvision', [])
    wanted = re.search(r'^torch *\(?==([\d.]+)', '\n'.join(needed), re.MULTILINE)
    if torch and wanted and numbers(torch) != numbers(wanted[1]):
        yield Problem(
            f'torchvision {survey.versions["torchvision"]} is for torch {wanted[1]}, '
            f'and here is {torch}',
            (install(fitting_torchvision(torch)),),
        )


def fitting_torchvision(torch: str) -> str:
    """The torchvision of a torch: 0.28.0 is that of 2.13.0."""
    major, minor, *patch = numbers(torch)
    if major != 2:
        return 'torchvision'
    return f'torchvision==0.{minor + 15}.{patch[0] if patch else 0}'


def numpy_of_another_torch(survey: Survey) -> Iterator[Problem]:
    """A torch that was built for NumPy 1 exchanges no arrays with NumPy 2."""
    torch, numpy = survey.versions.get('torch'), survey.versions.get('numpy')
    if torch and numpy and numbers(torch) < FOR_NUMPY_2 and numbers(numpy) >= (2,):
        yield Problem(
            f'torch {torch} is built for NumPy 1, and here is {numpy}',
            (install('numpy<2'),),
        )


def undeclared_needs(survey: Survey, names: Sequence[str]) -> Iterator[Problem]:
    """Toolboxes import what they do not declare."""
    here = [name for name in names if survey.importable(name)]
    needs = {name: list(TOOLBOXES[name].needs) for name in here}
    if 'mmengine' in survey.versions:  # the fork does not need it
        needs['mmengine'] = ['pkg_resources']
    for name, modules in needs.items():
        missing = survey.missing(modules)
        if missing:
            yield Problem(f'{name} needs {", ".join(missing)}', (install(*missing),))


def missing_toolbox(toolbox: Toolbox, survey: Survey) -> Problem:
    """What installs a toolbox, with what it is built on."""
    packages = [package for package in FOUNDATION if not survey.owner(package)]
    wanted = [survey.requirement(package) for package in packages]
    if not survey.forked and not survey.importable('pkg_resources'):
        wanted.append(REQUIREMENTS['pkg_resources'])
    wanted += survey.missing(('torch', 'torchvision'))
    # mmengine brings OpenCV itself, which would lie over another one.
    brought = ('torchvision', 'cv2') if packages else ('torchvision',)
    wanted += survey.missing(need for need in toolbox.needs if need not in brought)
    itself = survey.requirement(toolbox.package)
    if not toolbox.alone:
        commands = (install(*wanted, itself),)
    else:
        commands = (install(*wanted),) * bool(wanted) + (install('--no-deps', itself),)
    return Problem(f'{toolbox.module} is missing', commands)


def no_module(survey: Survey, found: re.Match) -> tuple[Command, ...]:
    """Install what an import has not found."""
    return (install(survey.requirement_of(found[1].partition('.')[0])),)


def headless(survey: Survey, _: re.Match) -> tuple[Command, ...]:
    """Replace the OpenCV that needs a screen."""
    found = survey.among(OPENCVS)
    return (uninstall(*found), install(kept_opencv(survey, found)))


def torch_again(survey: Survey, _: re.Match) -> tuple[Command, ...]:
    """Install torchvision for this torch, once more where the versions are right."""
    for problem in torchvision_of_another_torch(survey):
        return problem.commands
    torch = survey.versions.get('torch', '')
    if not numbers(torch):
        return (install('torch', 'torchvision'),)
    return (install('--force-reinstall', '--no-deps', fitting_torchvision(torch)),)


def older_numpy(survey: Survey, _: re.Match) -> tuple[Command, ...]:
    """Install the NumPy that something was built for."""
    return (install('numpy<2'),)


def accepted(survey: Survey, found: re.Match) -> tuple[Command, ...]:
    """Install the version that the toolboxes accept."""
    name = found[1].lower()
    package = next(each for each in FOUNDATION if each.module == name)
    wanted = survey.requirement(package)
    there = survey.among(package.distributions)
    others = [each for each in there if each != name_of(wanted)]
    return (uninstall(*others),) * bool(others) + (install(wanted),)


def other_coco(survey: Survey, _: re.Match) -> tuple[Command, ...]:
    """Remove a module that was built for another NumPy: pycocotools answers for it."""
    wanted = survey.missing(['pycocotools'])
    return (uninstall('xtcocotools'), *([install(*wanted)] if wanted else []))


# What a trial that has failed says of its cause.
SAID: Mapping[str, Callable[[Survey, re.Match], tuple[Command, ...]]] = {
    r"No module named '([\w.]+)'": no_module,
    r'libGL\.so|libgthread-2\.0\.so': headless,
    r"operator torchvision::\w+ does not|Could not run 'torchvision::": torch_again,
    r'(?s)xtcocotools.*numpy\.dtype size changed': other_coco,
    r'compiled using NumPy 1\.x|_ARRAY_API not found|Numpy is not avail': older_numpy,
    r'(MMCV|MMEngine)==\S+ is used but incompatible': accepted,
}


def explained(name: str, outcome: Outcome, survey: Survey) -> Problem:
    """What a failed trial says, and what mends it where that is known."""
    for pattern, mend in SAID.items():
        found = re.search(pattern, f'{outcome.error}\n{outcome.text}')
        if found:
            return Problem(f'{name}: {outcome.error}', mend(survey, found))
    return Problem(f'{name}: {outcome.error}', ())


def visible(survey: Survey, names: Sequence[str]) -> Iterator[Problem]:
    """The problems that can be seen without importing anything.

    Args:
        survey: What is installed.
        names: The toolboxes that matter.
    """
    yield from several_opencvs(survey)
    yield from several_packages(survey, names)
    yield from torchvision_of_another_torch(survey)
    yield from numpy_of_another_torch(survey)
    yield from undeclared_needs(survey, names)
