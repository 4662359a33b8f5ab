"""A known error message in a failed trial leads to the commands that fix its cause."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from ..toolboxes import TOOLBOXES, name_of
from .commands import Problem, Remedy, install, uninstall
from .packages import FOUNDATION, known_modules
from .pairs import PAIR, torchvision_again, torchvision_for_torch
from .probes import Outcome
from .problems import kept_opencv
from .survey import OPENCVS, Survey


def no_module(survey: Survey, found: re.Match) -> Remedy:
    """Return the command that installs a missing module which the toolboxes need.

    Any other name may be anybody's distribution, so it gets no command. If a package is
    there and only a module inside it is missing, installing the package does nothing.
    """
    name = found[1].partition('.')[0]
    if survey.importable(name) or name not in (*PAIR, *known_modules()):
        return Remedy()
    if name in PAIR:
        return torchvision_for_torch(survey)
    alone = name in TOOLBOXES and TOOLBOXES[name].alone
    words = ('--no-deps',) * alone
    return Remedy((install(*words, survey.requirement_of(name)),))


def headless(survey: Survey, _: re.Match) -> Remedy:
    """Return the commands that replace an OpenCV that needs a screen."""
    found = survey.among(OPENCVS)
    wanted = install(kept_opencv(survey, found))
    return Remedy((uninstall(*found), wanted) if found else (wanted,))


def torch_again(survey: Survey, _: re.Match) -> Remedy:
    """Return the commands that install the torchvision built for this torch."""
    return torchvision_again(survey)


def older_numpy(survey: Survey, _: re.Match) -> Remedy:
    """Return the command that installs NumPy 1, which some package was built for."""
    return Remedy((install('numpy<2'),))


def accepted(survey: Survey, found: re.Match) -> Remedy:
    """Return the commands that install the version which the toolboxes accept."""
    name = found[1].lower()
    package = next(each for each in FOUNDATION if each.module == name)
    wanted = survey.requirement(package)
    there = survey.among(package.distributions)
    others = [each for each in there if each != name_of(wanted)]
    return Remedy((uninstall(*others),) * bool(others) + (install(wanted),))


def pure_mmcv(survey: Survey, _: re.Match) -> Remedy:
    """Return the commands that replace mmcv by one without compiled operators.

    Its operators were compiled for another torch.
    """
    package = next(each for each in FOUNDATION if each.module == 'mmcv')
    there = survey.among(package.distributions)
    wanted = install(survey.requirement(package))
    return Remedy((uninstall(*there), wanted) if there else ())


def other_coco(survey: Survey, _: re.Match) -> Remedy:
    """Return the commands that remove xtcocotools, for which pycocotools stands in.

    It was built for another NumPy.
    """
    wanted = survey.missing(['pycocotools'])
    return Remedy((uninstall('xtcocotools'), *([install(*wanted)] if wanted else [])))


SAID: Mapping[str, Callable[[Survey, re.Match], Remedy]] = {
    r'mmcv[/\\]_ext\S*: undefined symbol|DLL load failed.* _ext\b': pure_mmcv,
    r"No module named '([\w.]+)'": no_module,
    r'libGL\.so|libgthread-2\.0\.so': headless,
    r"operator torchvision::\w+ does not|Could not run 'torchvision::": torch_again,
    r'(?s)xtcocotools.*numpy\.dtype size changed': other_coco,
    r'compiled using NumPy 1\.x|_ARRAY_API not found|Numpy is not avail': older_numpy,
    r'(MMCV|MMEngine)==\S+ is used but incompatible': accepted,
}


def explained(name: str, outcome: Outcome, survey: Survey) -> Problem:
    """Return the problem that a failed trial shows, with its remedy if known."""
    said = f'{outcome.error}\n{outcome.text}'
    for pattern, mend in SAID.items():
        found = re.search(pattern, said)
        remedy = mend(survey, found) if found else Remedy()
        if any(remedy):
            return Problem(f'{name}: {outcome.error}', *remedy)
    return Problem(f'{name}: {outcome.error}')
