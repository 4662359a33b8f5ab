"""The toolboxes: under which names they are imported, asked for and distributed."""

from __future__ import annotations

import re
from typing import NamedTuple

# Which distribution brings what an import asks for, where the names differ.
REQUIREMENTS = {
    'cv2': 'opencv-python-headless',
    'PIL': 'pillow',
    'skimage': 'scikit-image',
    'sklearn': 'scikit-learn',
    'yaml': 'pyyaml',
    'pkg_resources': 'setuptools<81',
    'xtcocotools': 'pycocotools',  # which answers for it; its own wheels are old
}


def name_of(requirement: str) -> str:
    """Return the name in a requirement such as `torch (>=2.14)` or `mmdet==3.3.0`."""
    return re.findall(r'[\w.-]+', requirement)[0]


class Package(NamedTuple):
    """What is imported under one name, and which distributions bring it.

    Attributes:
        module: The import name.
        requirement: Its own distribution, at the version that is tested.
        fork: The maintained fork's distribution of the same import name.
        others: More distributions that bring it.
    """

    module: str
    requirement: str
    fork: str
    others: tuple[str, ...] = ()

    @property
    def distributions(self) -> tuple[str, ...]:
        """All names of distributions that bring it, each once."""
        named = map(name_of, (self.requirement, self.fork))
        return tuple(dict.fromkeys([*named, *self.others]))


FOUNDATION = (
    Package(
        'mmengine', 'mmengine==0.10.7', 'onedl-mmengine>=0.10.10', ('mmengine-lite',)
    ),
    Package('mmcv', 'mmcv-lite==2.1.0', 'onedl-mmcv>=2.3', ('mmcv', 'mmcv-full')),
)


class Toolbox(NamedTuple):
    """Describes one of OpenMMLab's toolboxes.

    Attributes:
        package: Its import name, which is its scope in mmengine's registries too.
        extra: Under which `pip install 'hrnet_mm[...]'` has what it needs.
        needs: What it imports and does not declare, or what must come before it.
        alone: Whether it is installed without its own requirements, which do not build;
            the extra then has its needs, and a second command brings it.
    """

    package: Package
    extra: str
    needs: tuple[str, ...] = ()
    alone: bool = False

    @property
    def module(self) -> str:
        """Return the import name."""
        return self.package.module

    @property
    def commands(self) -> list[str]:
        """List what a user types to install it."""
        commands = [f"pip install 'hrnet_mm[{self.extra}]'"]
        if self.alone:
            commands.append(f'pip install --no-deps {self.package.requirement}')
        return commands


_ALL = (
    Toolbox(Package('mmdet', 'mmdet==3.3.0', 'onedl-mmdetection>=3.5'), 'det'),
    Toolbox(
        Package('mmseg', 'mmsegmentation==1.2.2', 'onedl-mmsegmentation>=1.4'),
        'seg',
        needs=('ftfy', 'regex'),
    ),
    Toolbox(
        Package('mmpose', 'mmpose==1.3.2', 'mmpose==1.3.2'),
        'pose',
        needs=(
            *('mmdet', 'json_tricks', 'munkres', 'pycocotools', 'scipy'),
            *('matplotlib', 'cv2', 'PIL', 'six', 'torchvision'),
        ),
        alone=True,
    ),
    Toolbox(Package('mmpretrain', 'mmpretrain==1.2.0', 'onedl-mmpretrain>=1.3'), 'cls'),
)
TOOLBOXES = {toolbox.module: toolbox for toolbox in _ALL}


def known_modules() -> set[str]:
    """The import names of which it is known what brings them: these are installed."""
    known = {*REQUIREMENTS, *TOOLBOXES, *(package.module for package in FOUNDATION)}
    return known.union(*(toolbox.needs for toolbox in TOOLBOXES.values()))
