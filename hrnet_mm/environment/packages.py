"""Tables name what the toolboxes are built on, and what brings their imports."""

from __future__ import annotations

from ..toolboxes import TOOLBOXES, Package

# Import name -> requirement that brings it, where the two names differ.
REQUIREMENTS = {
    'cv2': 'opencv-python-headless',
    'PIL': 'pillow',
    'skimage': 'scikit-image',
    'sklearn': 'scikit-learn',
    'yaml': 'pyyaml',
    'pkg_resources': 'setuptools<81',
    'xtcocotools': 'pycocotools',  # stands in for it; its own wheels are old
}


FOUNDATION = (
    Package(
        'mmengine', 'mmengine==0.10.7', 'onedl-mmengine>=0.10.10', ('mmengine-lite',)
    ),
    Package('mmcv', 'mmcv-lite==2.1.0', 'onedl-mmcv>=2.3', ('mmcv', 'mmcv-full')),
)


def known_modules() -> set[str]:
    """Return the import names whose distributions are known and can be installed."""
    known = {*REQUIREMENTS, *TOOLBOXES, *(package.module for package in FOUNDATION)}
    return known.union(*(toolbox.needs for toolbox in TOOLBOXES.values()))
