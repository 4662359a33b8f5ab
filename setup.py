"""What pyproject.toml cannot say: configs and tools go into the package, for `mim`."""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).parent
# What makes the environments of a checkout.
CHECKOUT_ONLY = ('setup_env.sh', 'lock.sh')


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
                ignored = shutil.ignore_patterns('__pycache__', *CHECKOUT_ONLY)
                shutil.copytree(ROOT / name, place / name, ignore=ignored)
            else:
                shutil.copy(ROOT / name, place / name)


setup(cmdclass={'build_py': BuildWithMim})
