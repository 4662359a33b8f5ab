"""The tests of a file are where its name says: tests/ mirrors the package."""

from collections import Counter
from pathlib import Path

from conftest import ROOT

TESTS = ROOT / 'tests'
# What is asked of several files at once, of configs/, and of the distribution.
NO_MIRROR = (
    'whole',
    'configs',
    'installation',
    'cluster',
    'test_package.py',
    'test_mirror.py',
)
NO_MIRROR += ('test_architecture.py', 'test_words.py')
LONG = 40  # lines; a longer file has tests of its own
# Files and folders without tests under their name, and where they are tested.
ELSEWHERE = {
    'cli/test.py': 'weights/test_guard.py',
    'cli/train.py': 'whole/test_verbs.py',
    'compared/unetpp.py': 'configs/test_configs.py',
    'data/shapes/figures.py': 'data/shapes/test_layouts.py',
    'drawing/boxes_and_masks.py': 'drawing/test_canvas.py',
    'drawing/class_maps.py': 'drawing/test_canvas.py',
    'drop_in': 'drop_in/test_drop_in.py',
    'environment/commands.py': 'environment/test_remedies.py',
    'fast/modules/fast_conv_module.py': 'whole/test_fast_modules.py',
    'fast/modules/fast_hrfpn.py': 'whole/test_fast_modules.py',
    'fast/operators/gradients.py': 'whole/test_fast_modules.py',
    'fast/operators/upsampling.py': 'whole/test_fast_modules.py',
    'nested_dicts.py': 'config/test_opening.py',
    'toolboxes/mmdet.py': 'inference/test_outputs.py',
    'toolboxes/mmseg.py': 'inference/test_outputs.py',
    'training/report.py': 'drawing/test_on_canvas.py',
}


def files_of(package: str) -> list[Path]:
    """The Python files of a package, without the configs that setup.py copies."""
    found = (ROOT / package).rglob('*.py')
    return sorted(path for path in found if '.mim' not in path.parts)


def place_of(source: Path) -> Path:
    """Tell where the tests of a file are; a folder's own files go by its name."""
    package = ROOT / 'hrnet_mm'
    room = source.parent.relative_to(package if package in source.parents else ROOT)
    of_folder = {
        '__init__': source.parent.name,
        '__main__': f'{source.parent.name}_main',
    }
    return TESTS / room / f'test_{of_folder.get(source.stem, source.stem)}.py'


def all_tests() -> list[Path]:
    return sorted(TESTS.rglob('test_*.py'))


def listed(source: Path) -> bool:
    name = source.relative_to(ROOT / 'hrnet_mm')
    return bool({str(place) for place in (name, *name.parents)} & set(ELSEWHERE))


def names(paths: list[Path]) -> list[str]:
    return [str(path.relative_to(ROOT)) for path in paths]


def test_each_file_of_tests_has_the_name_of_what_it_tests():
    packages = ('hrnet_mm', 'benchmarks', 'papers')
    places = {place_of(path) for package in packages for path in files_of(package)}
    mirrored = [
        p for p in all_tests() if p.relative_to(TESTS).parts[0] not in NO_MIRROR
    ]
    assert names([path for path in mirrored if path not in places]) == []


def test_each_long_file_of_the_package_has_tests_under_its_name():
    long = [
        path
        for path in files_of('hrnet_mm')
        if path.name != '__init__.py' and len(path.read_text().splitlines()) > LONG
    ]
    without = [path for path in long if not place_of(path).exists()]
    assert names([path for path in without if not listed(path)]) == []


def test_what_is_tested_elsewhere_is_there_and_has_no_tests_of_its_own():
    for source, tests in ELSEWHERE.items():
        assert (TESTS / tests).is_file(), tests
        path = ROOT / 'hrnet_mm' / source
        assert path.is_dir() or (path.is_file() and not place_of(path).exists()), source


def test_no_two_files_of_the_package_have_one_name():
    counts = Counter(p.name for p in files_of('hrnet_mm') if p.name != '__init__.py')
    assert [name for name, count in counts.items() if count > 1] == []


def test_no_two_files_of_tests_have_one_name():
    """Pytest imports them by their names: without packages there is one of each."""
    counts = Counter(path.name for path in all_tests())
    assert [name for name, count in counts.items() if count > 1] == []
