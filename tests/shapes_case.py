"""Tests of the embedded data set share one small set of each layout."""

import json

import pytest

from hrnet_mm.data.shapes import LAYOUTS, make_shapes
from hrnet_mm.data.shapes.raster import generator
from hrnet_mm.data.shapes.scenes import draw_scene

SMALL = dict(train=3, val=2, size=(96, 128), seed=7)


@pytest.fixture(scope='module')
def made(tmp_path_factory):
    """One folder per layout, each with the data set of `SMALL`."""
    root = tmp_path_factory.mktemp('made')
    for layout in LAYOUTS:
        assert make_shapes(root / layout, layout, **SMALL)
    return root


def contents(folder):
    paths = sorted(path for path in folder.rglob('*') if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


def load(folder, name):
    return json.loads((folder / 'annotations' / f'{name}.json').read_text())


def scenes(mix, count, size=(96, 128)):
    for index in range(count):
        yield draw_scene(generator(11, index), *size, mix)
