"""mmengine and every toolbox find our classes under the scope hrnet_mm."""

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
