"""Package metadata; tool settings are in pyproject.toml, pins in requirements/."""

import shutil
from pathlib import Path

from setuptools import find_packages, setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).parent
VERSION: dict[str, str] = {}
exec((ROOT / 'hrnet_mm' / 'version.py').read_text(), VERSION)

# No toolbox is a hard requirement: the maintained forks have other distribution names
# but the same import names, and pip would install the originals over them.
# 'mmpose' is in no list: its own requirements do not build (see tools/setup_env.sh).
FORKS = ['onedl-mmengine>=0.10.10', 'onedl-mmcv>=2.3']
EXTRAS = {
    'det': [*FORKS, 'onedl-mmdetection>=3.5'],
    'seg': [
        *FORKS,
        'onedl-mmsegmentation>=1.4',
        'segmentation-models-pytorch',
        'timm',
    ],
    'pose': [*FORKS, 'onedl-mmdetection>=3.5', 'json_tricks', 'munkres'],
    'cls': [*FORKS, 'onedl-mmpretrain>=1.3'],
    'hub': ['huggingface-hub', 'safetensors'],
    'export': ['onnx', 'onnxruntime'],
    'dev': ['pytest', 'pytest-xdist', 'ruff'],
}
EXTRAS['all'] = sorted({name for names in EXTRAS.values() for name in names})


class BuildWithMim(build_py):
    """OpenMMLab's `mim` looks for configs and tools in a package's folder `.mim`."""

    def run(self):
        """Copy them there; an editable installation gets links."""
        super().run()
        if self.editable_mode:
            place = ROOT / 'hrnet_mm' / '.mim'
        else:
            place = Path(self.build_lib) / 'hrnet_mm' / '.mim'
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
        for name in ('configs', 'tools', 'model-index.yml'):
            if self.editable_mode:
                (place / name).symlink_to(ROOT / name)
            elif (ROOT / name).is_dir():
                ignored = shutil.ignore_patterns('__pycache__')
                shutil.copytree(ROOT / name, place / name, ignore=ignored)
            else:
                shutil.copy(ROOT / name, place / name)


setup(
    name='hrnet_mm',
    version=VERSION['__version__'],
    description='HRNet for the OpenMMLab toolboxes: one backbone, every task.',
    long_description=(ROOT / 'README.md').read_text(),
    long_description_content_type='text/markdown',
    license='Apache-2.0',
    python_requires='>=3.10',
    packages=find_packages(include=['hrnet_mm', 'hrnet_mm.*']),
    package_data={'hrnet_mm': ['checkpoints/published.yml', 'fast/csrc/*']},
    entry_points={'console_scripts': ['hrnet = hrnet_mm.cli.main:main']},
    cmdclass={'build_py': BuildWithMim},
    install_requires=['torch>=2.0', 'numpy', 'pyyaml', 'rich', 'filelock'],
    extras_require=EXTRAS,
)
