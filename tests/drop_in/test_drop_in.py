"""The toolboxes' own configs, unmodified, with their classes and with ours."""

import copy
import importlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
import torch
from conftest import extra_of, randomize
from mmengine.config import Config, ConfigDict
from mmengine.registry import Registry, init_default_scope
from samples import batch, shrunk
from torch import nn
from torch.utils._pytree import tree_flatten

from hrnet_mm.config.initial_weights import starts_of
from hrnet_mm.fast.modules.fast_layers import Fast
from hrnet_mm.fast.optimize import REPLACEMENTS, fast_class
from hrnet_mm.models import HRFPN, HRFuseScales, HRNet
from hrnet_mm.nested_dicts import each_dict

OURS = (HRNet, HRFPN, HRFuseScales)
TOOLBOXES = ('mmdet', 'mmseg', 'mmpose', 'mmpretrain')
QUICK = [
    'mmdet/hrnet/faster-rcnn_hrnetv2p-w18-1x_coco.py',
    'mmseg/hrnet/fcn_hr18s_4xb2-40k_cityscapes-512x1024.py',
    'mmseg/ocrnet/ocrnet_hr18s_4xb2-40k_cityscapes-512x1024.py',
    'mmpose/body_2d_keypoint/topdown_heatmap/coco/'
    'td-hm_hrnet-w32_8xb64-210e_coco-256x192.py',
    'mmpose/face_2d_keypoint/topdown_heatmap/aflw/'
    'td-hm_hrnetv2-w18_8xb64-60e_aflw-256x256.py',
    'mmpretrain/hrnet/hrnet-w18_4xb32_in1k.py',
]


def folder(toolbox: str) -> Path:
    """The configs that a toolbox's distribution has."""
    return Path(importlib.import_module(toolbox).__file__).parent / '.mim/configs'


def read(toolbox: str, name: str) -> Config:
    return Config.fromfile(folder(toolbox) / name, import_custom_modules=False)


def has_hrnet(cfg: Config) -> bool:
    types = {str(node.get('type')) for node in each_dict(cfg.get('model', {}))}
    return bool(types & {'HRNet', 'mmdet.HRNet', 'mmpose.HRNet'})


class Switch(NamedTuple):
    """A toolbox's registry with its own classes, and with ours."""

    registry: Registry
    theirs: dict[str, type]
    ours: dict[str, type]

    def build(self, model: ConfigDict, classes: dict[str, type]) -> nn.Module:
        self.registry.module_dict.update(classes)
        try:
            return self.registry.build(copy.deepcopy(model))
        finally:
            self.registry.module_dict.update(self.theirs)


def registry_of(toolbox: str) -> Registry:
    return importlib.import_module(f'{toolbox}.registry').MODELS


@pytest.fixture(scope='module')
def switches() -> Iterator[dict[str, Switch]]:
    """Replace the classes of each toolbox; other tests see nothing of it."""
    kept = {}
    for toolbox in TOOLBOXES:
        pytest.importorskip(toolbox)
        registry = registry_of(toolbox)
        registry.import_from_location()
        kept[toolbox] = dict(registry.module_dict)
    importlib.import_module('hrnet_mm.drop_in')
    made = {}
    for toolbox, theirs in kept.items():
        registry = registry_of(toolbox)
        changed = {k: v for k, v in registry.module_dict.items() if v != theirs[k]}
        made[toolbox] = Switch(registry, theirs, changed)
        registry.module_dict.update(theirs)
    yield made
    for name in [name for name in sys.modules if name.startswith('hrnet_mm.drop_in')]:
        del sys.modules[name]


def before_and_after(switch: Switch, cfg: Config) -> tuple[nn.Module, nn.Module]:
    """The model with the toolbox's classes and with ours, of equal weights."""
    init_default_scope(cfg.default_scope)
    model = cfg.model
    theirs = randomize(switch.build(model, switch.theirs))
    ours = switch.build(model, switch.ours)
    assert not any(isinstance(part, OURS) for part in theirs.modules())
    assert any(isinstance(part, HRNet) for part in ours.modules())
    shapes = [{k: v.shape for k, v in m.state_dict().items()} for m in (theirs, ours)]
    assert shapes[0] == shapes[1]
    ours.load_state_dict(theirs.state_dict())
    return theirs, ours


def outputs(model: torch.nn.Module, toolbox: str, cfg: Config) -> list[torch.Tensor]:
    """Run the whole network on two images, before anything is decoded."""
    if toolbox == 'mmdet':
        torch.manual_seed(0)
        data = model.data_preprocessor(batch(cfg), False)
        made = model(**data, mode='tensor')
    else:
        size = (64, 96)
        if toolbox == 'mmpose' and 'input_size' in cfg.get('codec', {}):
            size = cfg.codec['input_size'][::-1]
        images = torch.randn(2, 3, *size)
        # CID's head looks for people in its maps, and fails on random ones.
        features = cfg.model.get('head', {}).get('type') == 'CIDHead'
        made = (
            model.extract_feat(images)
            if features
            else model(images, None, mode='tensor')
        )
    return [leaf for leaf in tree_flatten(made)[0] if isinstance(leaf, torch.Tensor)]


def compare(switches: dict[str, Switch], toolbox: str, cfg: Config) -> None:
    """Equal bit by bit, also where each image is normalized by its batch."""
    theirs, ours = before_and_after(switches[toolbox], shrunk(cfg))
    with torch.no_grad():
        found = []
        for model in (theirs.eval(), ours.eval()):
            torch.manual_seed(0)
            found.append(outputs(model, toolbox, cfg))
    assert found[0]
    assert len(found[0]) == len(found[1])
    assert all(torch.equal(x, y) for x, y in zip(*found))


@pytest.mark.slow
@pytest.mark.parametrize('name', QUICK)
def test_a_shipped_config(switches, name):
    toolbox, _, path = name.partition('/')
    cfg = read(toolbox, path)
    starts_of(cfg)
    compare(switches, toolbox, cfg)


@pytest.mark.full
@pytest.mark.parametrize('toolbox', TOOLBOXES)
def test_all_shipped_configs(switches, toolbox):
    """Every config with an HRNet that the toolbox ships; equal models once."""
    models, number = {}, 0
    for path in sorted(folder(toolbox).rglob('*.py')):
        named = 'hr' in path.name or 'hrnet' in path.read_text().lower()
        if '_base_' in path.parts or not named:  # some others cannot be read at all
            continue
        cfg = Config.fromfile(path, import_custom_modules=False)
        if not has_hrnet(cfg):
            continue
        number += 1
        starts_of(cfg)
        models.setdefault(json.dumps(shrunk(cfg).model.to_dict(), default=str), path)
    for path in models.values():
        print(path.name, flush=True)
        cfg = read(toolbox, path)
        starts_of(cfg)
        compare(switches, toolbox, cfg)
    print(f'{toolbox}: {number} configs, {len(models)} models, equal')
    assert number >= dict(mmdet=29, mmseg=66, mmpose=87, mmpretrain=7)[toolbox]


@pytest.mark.slow
@pytest.mark.parametrize('name', QUICK)
def test_a_training_step(switches, name):
    toolbox, _, path = name.partition('/')
    cfg = read(toolbox, path)
    starts_of(cfg)
    models = before_and_after(switches[toolbox], shrunk(cfg))
    for model in models:
        torch.manual_seed(0)
        data = model.train().data_preprocessor(batch(cfg), True)
        loss, _ = model.parse_losses(model(**data, mode='loss'))
        loss.backward()
    gradients = [{k: p.grad for k, p in m.named_parameters()} for m in models]
    assert all(torch.equal(g, gradients[1][k]) for k, g in gradients[0].items())
    statistics = [m.state_dict() for m in models]
    assert all(torch.equal(x, statistics[1][k]) for k, x in statistics[0].items())


def test_defaults_that_are_not_ours(switches):
    extra, image = extra_of('w18_small_v1'), torch.zeros(2, 3, 64, 64)
    det, seg, pose, cls = (switches[t].ours['HRNet'] for t in TOOLBOXES)
    assert det(extra).norm_eval
    assert not seg(extra).norm_eval
    assert str(seg(extra).upsample) == 'bilinear'
    assert len(pose(extra)(image)) == 1
    assert pose(extra).init_cfg[0]['type'] == 'Normal'
    assert len(cls('W18')(image)) == 4
    assert type(det(extra)(image)) is list


def test_they_can_be_made_fast(switches):
    for toolbox in TOOLBOXES:
        for kind in switches[toolbox].ours.values():
            readable = next(each for each in kind.__mro__ if each in OURS)
            fast = fast_class(kind, REPLACEMENTS)
            assert readable is HRFuseScales or (
                issubclass(fast, kind) and issubclass(fast, Fast)
            )


def test_checkpoints_are_loaded_by_us(switches):
    extra, name = extra_of('w18_small_v1'), 'open-mmlab://msra/hrnetv2_w18'
    ours = dict(type='hrnet_mm.Pretrained', checkpoint=name)
    det = switches['mmdet'].ours['HRNet']
    assert det(extra, pretrained=name).init_cfg == ours
    plain = dict(ours, type='Pretrained')
    assert det(extra, init_cfg=plain).init_cfg == ours
    assert det(extra, init_cfg=[plain]).init_cfg == [ours]
    with pytest.raises(ValueError, match='give one of pretrained='):
        det(extra, pretrained=name, init_cfg=plain)


LAZY = """
import sys
sys.modules['mmpose'] = None                  # as if it were not installed
import hrnet_mm.drop_in
loaded = [t for t in ('mmdet', 'mmseg', 'mmpretrain') if f'{t}.models' in sys.modules]
assert not loaded, loaded
import mmdet.models                           # as register_all_modules does
from mmdet.registry import MODELS
assert MODELS.get('HRNet').__module__ == 'hrnet_mm.drop_in.for_mmdet'
assert MODELS.get('hrnet_mm.HRNet').__module__ == 'hrnet_mm.models.hrnet'
"""
LATE = """
import hrnet_mm                               # answers for mmcv's operators
from mmdet.registry import MODELS
assert MODELS.get('HRNet').__module__.startswith('mmdet')  # in use already
import hrnet_mm.drop_in
assert MODELS.get('HRNet').__module__ == 'hrnet_mm.drop_in.for_mmdet'
"""


@pytest.mark.slow
@pytest.mark.parametrize('code', [LAZY, LATE])
def test_any_order_of_imports(code):
    run = subprocess.run(
        [sys.executable, '-c', code], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr[-2000:]
    assert 'mmdet builds HRNet and HRFPN of hrnet_mm (drop_in)' in run.stdout
