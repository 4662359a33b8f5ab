"""The arrows between the rooms of the package go down, and some must never be."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import ROOT

PACKAGE = ROOT / 'hrnet_mm'
# From the ground up. A room imports what stands in the lines before its own; rooms of
# one line know nothing of each other.
FLOORS = (
    ('errors', 'version', 'shelves'),
    ('log', 'terminal', 'nested_dicts', 'files'),
    ('data',),
    ('ops', 'models', 'drawing'),
    ('registry', 'toolboxes'),
    ('recipes', 'compared', 'fast', 'weights', 'complexity'),
    ('environment',),
    ('checks', 'drop_in'),
    ('config',),
    ('training', 'inference'),
    ('cli',),
)
FLOOR = {room: n for n, rooms in enumerate(FLOORS) for room in rooms}
TOOLBOXES = {'mmdet', 'mmseg', 'mmpose', 'mmpretrain'}
FILES = sorted(p for p in PACKAGE.rglob('*.py') if '.mim' not in p.parts)
INSIDE = [path for path in FILES if path.parent != PACKAGE or path.stem in FLOOR]


def name_of(path: Path) -> str:
    """The path below the package, for the names of tests."""
    return str(path.relative_to(PACKAGE))


def room_of(path: Path) -> str:
    """The folder of a file, or the file itself where it lies at the top."""
    return path.relative_to(PACKAGE).parts[0].removesuffix('.py')


def modules_of(path: Path, nodes: Iterator[ast.AST]) -> Iterator[str]:
    """The absolute names of what is imported; `from . import a` names a."""
    package = ('hrnet_mm', *path.relative_to(PACKAGE).parts[:-1])
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        if isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            module = '.'.join([*base, *filter(None, [node.module])])
            yield from (f'{module}.{alias.name}' for alias in node.names)


def imported(path: Path) -> set[str]:
    """List what a file imports, wherever in it that stands."""
    return set(modules_of(path, ast.walk(ast.parse(path.read_text()))))


def at_import_time(path: Path) -> set[str]:
    """List what importing a file imports: neither in functions nor for types."""
    return set(modules_of(path, ast.parse(path.read_text()).body))


def rooms(modules: set[str]) -> set[str]:
    """The rooms of this package among some modules."""
    ours = (name.split('.') for name in modules if name.startswith('hrnet_mm.'))
    return {parts[1] for parts in ours}


def test_every_room_has_its_floor():
    rooms = {room_of(path) for path in FILES}
    assert rooms - {'__init__', '__main__'} == set(FLOOR)


@pytest.mark.parametrize('path', INSIDE, ids=name_of)
def test_arrows_go_down(path):
    own = room_of(path)
    above = {r for r in rooms(imported(path)) - {own} if FLOOR.get(r, 99) >= FLOOR[own]}
    assert not above, f'{own} is to know nothing of {above}'


@pytest.mark.parametrize('path', sorted((PACKAGE / 'models').glob('*.py')), ids=name_of)
def test_the_networks_import_torch_alone(path):
    allowed = {'torch', 'numpy', 'hrnet_mm'} | sys.stdlib_module_names
    assert {name.split('.')[0] for name in at_import_time(path)} <= allowed
    late = {'mmengine', 'mmcv'}
    assert {name.split('.')[0] for name in imported(path)} <= allowed | late
    assert rooms(imported(path)) <= {'models', 'errors', 'log', 'shelves'}


def test_toolboxes_are_imported_in_few_places():
    # One file for each toolbox, and what must be derived from a class of theirs.
    places = {'toolboxes', 'drop_in'}
    more = {
        'drawing/boxes_and_masks.py',  # the colors that mmdet gives its masks
        'fast/modules/fast_fcn_head.py',  # a faster FCNHead of mmseg
        'inference/top_down.py',  # people that are found twice, as mmpose drops them
    }
    found = {
        name_of(path)
        for path in FILES
        if room_of(path) not in places
        and {name.split('.')[0] for name in imported(path)} & TOOLBOXES
    }
    assert found == more


def test_nobody_asks_which_toolbox_it_is():
    """The names of the toolboxes are strings in the table alone."""
    places = {'toolboxes', 'drop_in'}
    more = {
        'weights/formats/openmmlab.py',  # whose forms of checkpoints there are
        'weights/formats/recognition.py',
        'weights/formats/official_detection.py',
        'weights/formats/official_pose.py',
        'fast/optimize.py',  # whether mmseg is in use, so that its head can be faster
        'ops/mending.py',
    }
    for path in FILES:
        if room_of(path) in places or name_of(path) in more:
            continue
        strings = {
            node.value
            for node in ast.walk(ast.parse(path.read_text()))
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        }
        assert not strings & TOOLBOXES, name_of(path)


@pytest.mark.parametrize('path', FILES, ids=name_of)
def test_nothing_imports_the_training_but_the_command(path):
    if 'training' in rooms(imported(path)):
        assert room_of(path) in ('cli', 'training')


def test_the_package_imports_nothing_of_the_maintainers():
    for path in FILES:
        heads = {name.split('.')[0] for name in imported(path)}
        assert not heads & {'benchmarks', 'papers', 'tests'}, name_of(path)


def test_counting_parameters_imports_neither_runner_nor_matplotlib():
    code = """
import sys
from hrnet_mm import HRNet
from hrnet_mm.complexity.counting import count, parameters
import torch
model = HRNet('w18_small_v1').eval()
assert parameters(model) > 0
assert count(lambda: model(torch.zeros(1, 3, 32, 32))) > 0
ours = ('hrnet_mm.training', 'hrnet_mm.fast', 'hrnet_mm.config')
heavy = (*ours, 'matplotlib', 'mmengine')
print([name for name in sys.modules if name.startswith(heavy)])
"""
    run = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True)
    assert run.stdout == '[]\n', run.stderr
