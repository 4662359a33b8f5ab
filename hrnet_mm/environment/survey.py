"""A survey reads the files beside installed packages, and imports nothing."""

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
    """A `Survey` knows the distributions that are installed on a search path.

    Args:
        path: Folders as in `sys.path`, by default those of this process.

    Attributes:
        versions: Version by distribution name, the name in its normal form.
        requires: Requirements that each distribution declares, by the same names.
    """

    def __init__(self, path: Sequence[str | Path] | None = None) -> None:
        self.path = None if path is None else [str(folder) for folder in path]
        self.versions: dict[str, str] = {}
        self.requires: dict[str, list[str]] = {}
        for found in distributions(path=sys.path if self.path is None else self.path):
            # A distribution whose installation broke off has no name.
            name = normal(found.metadata['Name'] or '')
            if name and name not in self.versions:  # the first one is imported
                self.versions[name] = found.version
                self.requires[name] = found.requires or []

    def among(self, names: Iterable[str]) -> list[str]:
        """Return those of some distributions that are installed."""
        return [name for name in names if name in self.versions]

    def importable(self, module: str) -> bool:
        """Tell whether the files of a module are there, even if its import would fail.

        In this process all finders of modules are asked, since an editable package has
        a finder of its own. Our own finder is left out, so that an operator which
        another package provides does not look like a compiled one.
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
        """Return the spec of a module by the first finder that knows it, or None."""
        finders = [PathFinder] if self.path is not None else sys.meta_path
        asked = (each for each in finders if not isinstance(each, AnsweringFinder))
        try:
            return next(
                filter(None, (each.find_spec(name, path) for each in asked)), None
            )
        except ImportError:  # a finder may forbid an import
            return None

    def missing(self, modules: Iterable[str]) -> list[str]:
        """Return the requirements for those of some modules that are missing."""
        absent = [module for module in modules if not self.importable(module)]
        return [self.requirement_of(module) for module in absent]

    def requirement_of(self, module: str) -> str:
        """Return the requirement for what is imported under a name."""
        packages = [*FOUNDATION, *(toolbox.package for toolbox in TOOLBOXES.values())]
        for package in packages:
            if package.module == module:
                return self.requirement(package)
        return REQUIREMENTS.get(module, module)

    @property
    def forked(self) -> bool:
        """Return True if the maintained forks are used here: more of them then fit."""
        return any(name.startswith('onedl-') for name in self.versions)

    def requirement(self, package: Package) -> str:
        """Return the requirement for a package that fits what is installed."""
        return package.fork if self.forked else package.requirement

    def owner(self, package: Package) -> str | None:
        """Return the installed distribution of a package, the first of several."""
        return next(iter(self.among(package.distributions)), None)


def normal(name: str) -> str:
    """Return a distribution's name in the form that indexes compare."""
    return name.lower().replace('_', '-').replace('.', '-')
