"""Classes get into the registries whatever is imported first, and later ones too."""

import subprocess
import sys

import pytest

from hrnet_mm.shelves import Shelf, full_name, short_name

ALL = [
    'HRFPN',
    'HRFuseScales',
    'HRNet',
    'HRPoolConcat',
    'HRReduceConcat',
    'HardPixelCrossEntropy',
    'PixelCrossEntropy',
    'ResNet',
    'SegmentationTTA',
    'UNetPlusPlus',
]
LOOK = f"""
from mmengine.registry import MODELS, WEIGHT_INITIALIZERS
assert MODELS.get('hrnet_mm.HRNet') is hrnet_mm.models.HRNet
found = WEIGHT_INITIALIZERS.get('hrnet_mm.Pretrained')
assert found is hrnet_mm.weights.Pretrained
import hrnet_mm.compared, hrnet_mm.recipes
rooms = (hrnet_mm.models, hrnet_mm.compared, hrnet_mm.recipes)
ours = {{name: kind for room in rooms for name, kind in vars(room).items()}}
for name in {ALL}:
    assert MODELS.get(f'hrnet_mm.{{name}}') is ours[name], name
print(sorted(hrnet_mm.registry.MODELS.module_dict) == {ALL})
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    'modules',
    [
        [
            'hrnet_mm.models',
            'hrnet_mm.weights',
        ],  # and mmengine imports the registry
        ['hrnet_mm.models', 'hrnet_mm.registry', 'hrnet_mm.weights'],
        ['hrnet_mm.registry', 'hrnet_mm.models', 'hrnet_mm.weights'],
        ['hrnet_mm.recipes', 'hrnet_mm.weights', 'hrnet_mm.models'],
    ],
    ids=['no registry', 'registry second', 'registry first', 'recipes first'],
)
def test_classes_are_registered_whatever_is_imported_first(modules):
    code = ''.join(f'import {name}\n' for name in modules) + LOOK
    run = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True)
    assert run.stdout == 'True\n', run.stderr


def test_a_class_defined_later_is_registered_too():
    from hrnet_mm.registry import MODELS
    from hrnet_mm.shelves import MODELS as SHELF

    @SHELF.register_module()
    class Later:
        pass

    assert MODELS.get('Later') is Later
    assert SHELF.get('Later') is Later
    del SHELF.classes['Later'], MODELS.module_dict['Later']


def test_names_of_classes():
    assert full_name(Shelf) == 'hrnet_mm.shelves.Shelf'
    assert full_name('mmdet.CocoMetric') == 'mmdet.CocoMetric'
    assert short_name(Shelf) == short_name('a.b.Shelf') == short_name('Shelf')
