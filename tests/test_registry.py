import subprocess
import sys

import pytest
from mmengine.registry import Registry

from hrnet_mm.models import HRFPN, HRNet


def build_from(scope: str, cfg: dict):
    """Build as a toolbox does, from its own registry."""
    toolbox = pytest.importorskip(f'{scope}.registry')
    registry: Registry = toolbox.MODELS
    return registry.build(cfg)


@pytest.mark.slow
@pytest.mark.parametrize('scope', ['mmdet', 'mmseg', 'mmpose', 'mmpretrain'])
def test_builds_in_every_toolbox(scope):
    backbone = build_from(scope, dict(type='hrnet_mm.HRNet', arch='w18_small_v1'))
    neck = build_from(scope, dict(type='hrnet_mm.HRFPN', arch='w18_small_v1'))
    assert type(backbone) is HRNet
    assert type(neck) is HRFPN
    toolbox_own = sys.modules[f'{scope}.registry'].MODELS.get('HRNet')
    assert toolbox_own is not HRNet


SCRIPT = """
import sys
from mmengine.config import Config
from mmengine.registry import MODELS
{custom_imports}
model = MODELS.build(dict(type='hrnet_mm.HRNet', arch='w18_small_v1'))
loaded = [name for name in ('mmdet', 'mmseg', 'mmpose') if name in sys.modules]
print(type(model).__module__, loaded)
"""
IMPORTS = """
Config.fromstring(
    "custom_imports = dict(imports=['hrnet_mm'], allow_failed_imports=False)", '.py')
"""


@pytest.mark.slow
@pytest.mark.parametrize('custom_imports', ['', IMPORTS])
def test_no_toolbox_and_no_import_needed(custom_imports):
    code = SCRIPT.format(custom_imports=custom_imports)
    run = subprocess.run(
        [sys.executable, '-W', 'ignore', '-c', code], capture_output=True, text=True
    )
    assert run.stdout.strip().endswith('hrnet_mm.models.hrnet []'), run.stderr


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


def test_models_import_no_toolbox_and_nothing_of_fast():
    code = (
        'import sys, hrnet_mm.models\n'
        "bad = [n for n in sys.modules if n.split('.')[0] in "
        "('mmdet', 'mmseg', 'mmpose', 'mmpretrain') or n.startswith('hrnet_mm.fast')]\n"
        'print(bad)'
    )
    run = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True)
    assert run.stdout.strip() == '[]', run.stderr
