"""Packages are known by the names of their distributions."""

from hrnet_mm.environment.packages import FOUNDATION
from hrnet_mm.toolboxes import TOOLBOXES, name_of


def test_distributions_are_names():
    packages = [*FOUNDATION, *(toolbox.package for toolbox in TOOLBOXES.values())]
    names = [name for package in packages for name in package.distributions]
    assert 'mmpose' in names
    assert len({*names}) == len(names)
    assert all(name == name_of(name) for name in names)
