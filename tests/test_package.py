"""The installed package is all that is needed."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from hrnet_mm.environment.packages import FOUNDATION, REQUIREMENTS
from hrnet_mm.toolboxes import TOOLBOXES

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
    assert Path('fast/native/winograd.cpp') in installed
    assert installed == files_below(ROOT / 'hrnet_mm')


def extras() -> dict[str, set[str]]:
    """List what each extra of pyproject.toml asks for, with the extras inside it."""
    tomllib = pytest.importorskip('tomllib')  # Python 3.11
    text = (ROOT / 'pyproject.toml').read_text()
    found = tomllib.loads(text)['project']['optional-dependencies']

    def opened(name):
        for requirement in found[name]:
            inner = re.fullmatch(r'hrnet_mm\[(.*)\]', requirement)
            if inner is None:
                yield requirement
            for other in inner[1].split(',') if inner else ():
                yield from opened(other)

    return {name: set(opened(name)) for name in found}


@pytest.mark.parametrize('toolbox', TOOLBOXES.values(), ids=TOOLBOXES)
def test_an_extra_has_what_the_doctor_installs(toolbox):
    pytest.importorskip('packaging')
    from packaging.requirements import Requirement
    from packaging.utils import canonicalize_name

    extra = [Requirement(text) for text in extras()[toolbox.extra]]
    versions = {canonicalize_name(r.name): r.specifier for r in extra}
    packages = [p.requirement for p in FOUNDATION]
    packages += [] if toolbox.alone else [toolbox.package.requirement]
    for text in packages:
        name, _, version = text.partition('==')
        assert versions[canonicalize_name(name)].contains(version), text
    for module in toolbox.needs:
        needed = Requirement(REQUIREMENTS.get(module, module))
        # mmcv-lite and mmengine bring an OpenCV of their own.
        assert module == 'cv2' or canonicalize_name(needed.name) in versions, module
    assert 'setuptools<81' in extras()[toolbox.extra]
    assert extras()['all'] >= extras()[toolbox.extra]


def test_the_versions_are_those_of_the_stack():
    lock = (ROOT / 'requirements/stack.txt').read_text().splitlines()
    packages = [*FOUNDATION, *(toolbox.package for toolbox in TOOLBOXES.values())]
    assert {package.requirement for package in packages} <= set(lock)


def test_the_page_of_the_distribution_has_no_relative_links():
    page = (ROOT / 'docs/package_page.md').read_text()
    assert 'pip install hrnet_mm' in page
    assert not re.search(r'\]\((?!http)', page)
