"""What is installed is all that the package needs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def files_below(folder):
    """The files of a package, without those that Python or setup.py make."""
    made = {'__pycache__', '.mim'}
    paths = (p.relative_to(folder) for p in folder.rglob('*') if p.is_file())
    return {p for p in paths if not made & set(p.parts)}


def test_every_file_of_the_package_is_installed(tmp_path):
    build = ['setup.py', '-q', 'build', '--build-base', str(tmp_path)]
    subprocess.run([sys.executable, *build], cwd=ROOT, check=True, capture_output=True)
    installed = files_below(tmp_path / 'lib' / 'hrnet_mm')
    assert Path('fast/csrc/winograd.cpp') in installed
    assert installed == files_below(ROOT / 'hrnet_mm')
