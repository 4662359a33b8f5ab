"""What is installed: read from the files beside the packages, nothing is imported."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from importlib.machinery import ModuleSpec, PathFinder
from importlib.metadata import distributions
from pathlib import Path

from ..ops import AnsweringFinder
from ..toolboxes import TOOLBOXES, Package
from .packages import FOUNDATION, REQUIREMENTS

OPENCVS = tuple(
    f'opencv{contrib}-python{headless}'
    for contrib in ('', '-contrib')
    for headless in ('', '-headless')
)


class Survey:
    """Knows the distributions on a search path.

    Args:
        path: Folders as in `sys.path`, by default those of this process.

    Attributes:
        versions: By the distribution's name in its normal form.
        requires: What each says that it requires.
    """

    def __init__(self, path: Sequence[str | Path] | None = None) -> None:
        self.path = None if path is None else [str(folder) for folder in path]
        self.versions: dict[str, str] = {}
        self.requires: dict[str, list[str]] = {}
        for found in distributions(path=sys.path if self.path is None else self.path):
            # What is broken half way through an installation has no name.
            name = normal(found.metadata['Name'] or '')
            if name and name not in self.versions:  # the first one is imported
                self.versions[name] = found.version
                self.requires[name] = found.requires or []

    def among(self, names: Iterable[str]) -> list[str]:
        """Those of some distributions that are installed."""
        return [name for name in names if name in self.versions]

    def importable(self, module: str) -> bool:
        """Whether files of a module are there, whatever importing it would do.

        In this process whoever finds modules is asked, for an editable package has a
        finder of its own; but for ours, so that an operator which another package
        answers does not look like a compiled one.
        """
        path, name = self.path, ''
        for part in module.split('.'):
            name = f'{name}.{part}' if name else part
            spec = self.found(name, path)
            if spec is None:
                return False
            path = list(spec.submodule_search_locations or [])
        return True

    def found(self, name: str, path: Sequence[str] | None) -> ModuleSpec | None:
        """What the first finder that knows a module says of it."""
        finders = [PathFinder] if self.path is not None else sys.meta_path
        asked = (each for each in finders if not isinstance(each, AnsweringFinder))
        try:
            return next(
                filter(None, (each.find_spec(name, path) for each in asked)), None
            )
        except ImportError:  # a finder may forbid an import
            return None

    def missing(self, modules: Iterable[str]) -> list[str]:
        """Requirements for those of some modules that are not there."""
        absent = [module for module in modules if not self.importable(module)]
        return [self.requirement_of(module) for module in absent]

    def requirement_of(self, module: str) -> str:
        """The requirement for what is imported under a name."""
        packages = [*FOUNDATION, *(toolbox.package for toolbox in TOOLBOXES.values())]
        for package in packages:
            if package.module == module:
                return self.requirement(package)
        return REQUIREMENTS.get(module, module)

    @property
    def forked(self) -> bool:
        """Whether the maintained forks are used here, so that more of them fit."""
        return any(name.startswith('onedl-') for name in self.versions)

    def requirement(self, package: Package) -> str:
        """The distribution of a package that fits to what is here."""
        return package.fork if self.forked else package.requirement

    def owner(self, package: Package) -> str | None:
        """The installed distribution of a package, one where there are two."""
        return next(iter(self.among(package.distributions)), None)


def normal(name: str) -> str:
    """Return a distribution's name as indexes compare it."""
    return name.lower().replace('_', '-').replace('.', '-')
