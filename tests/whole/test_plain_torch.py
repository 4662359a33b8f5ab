"""HRNet with torch alone: what needs neither mmengine nor mmcv, nor imports them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import torch
from alone_case import ALONE, TOOLBOXES
from conftest import needs_fast, randomize
from mmengine.logging import HistoryBuffer

from hrnet_mm.models import HRFPN, HRNet
from hrnet_mm.weights import read_checkpoint

ARCH = 'w18_small_v1'
FOREIGN = (*TOOLBOXES, 'torchvision', 'cv2', 'matplotlib', 'sympy')


def python(code: str, *arguments: Path) -> subprocess.CompletedProcess:
    """Run a program in a process of its own; it must succeed."""
    command = [sys.executable, '-c', code, *map(str, arguments)]
    run = subprocess.run(command, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    return run


def test_public_names():
    code = """
import sys, hrnet_mm
assert not {'torch', 'numpy'} & set(sys.modules), 'too early'
assert set(hrnet_mm.__all__) <= set(dir(hrnet_mm))
"""
    code += ALONE
    code += """
from hrnet_mm import ARCHS, HRFPN, HRFuseScales, HRNet, __version__, load, optimize
import hrnet_mm.weights, hrnet_mm.fast, hrnet_mm.models
assert hrnet_mm.weights.load is load
assert hrnet_mm.fast.optimize is optimize
for name in hrnet_mm.models.__all__:
    getattr(hrnet_mm.models, name)
try:
    hrnet_mm.HRNett
except AttributeError as error:
    print(error)
"""
    assert python(code).stdout == "module 'hrnet_mm' has no attribute 'HRNett'\n"


PACKAGES = ['hrnet_mm.models', 'hrnet_mm.weights', 'hrnet_mm.fast']


def test_nothing_else_is_imported_where_it_is_installed():
    code = f"""
import sys, {', '.join(PACKAGES)}
from hrnet_mm import HRFPN, HRNet, load, optimize
print(sorted({{name.split('.')[0] for name in sys.modules}} & set({FOREIGN})))
"""
    alone = python('import sys, torch; print(*sys.modules)').stdout.split()
    by_torch = sorted(set(FOREIGN) & set(alone))  # sympy, by old ones
    assert set(by_torch) <= {'sympy'}
    assert python(code).stdout == f'{by_torch}\n'


# Each a model and its inputs; written once, for this process and for the other.
MODELS = f"""
import torch
from hrnet_mm.models import HRFPN, HRFuseScales, HRNet, HRPoolConcat, HRReduceConcat

image = torch.randn(2, 3, 53, 75, generator=torch.manual_seed(1))

def made(make):
    torch.manual_seed(0)
    model = make()
    model.init_weights()
    return model

body = made(lambda: HRNet({ARCH!r}, zero_init_residual=True)).eval()
with torch.no_grad():
    streams = body(image)
bn = dict(type='BN', eps=1e-3, momentum=0.2, requires_grad=False)
models = [
    body,
    made(lambda: HRFPN({ARCH!r})),
    made(lambda: HRFPN({ARCH!r}, norm_cfg=bn, conv_cfg=dict(type='Conv'))),
    made(lambda: HRFuseScales({ARCH!r}, out_channels=64)),
    made(lambda: HRReduceConcat({ARCH!r})),
    HRPoolConcat(),
]
inputs = [image] + [streams] * 5
with torch.no_grad():
    outputs = [model.eval()(x) for model, x in zip(models, inputs)]
states = [model.state_dict() for model in models]
grads = [[p.requires_grad for p in model.parameters()] for model in models]
"""


@pytest.mark.slow
def test_initial_weights_and_outputs_are_those_with_mmengine(tmp_path):
    code = ALONE + MODELS + 'torch.save((states, outputs, grads), sys.argv[1])'
    python(code, tmp_path / 'alone.pth')
    states, outputs, grads = torch.load(tmp_path / 'alone.pth')
    here = {}
    exec(MODELS, here)
    assert grads == here['grads']
    for found, expected in zip(states, here['states']):
        assert list(found) == list(expected)
        assert all(torch.equal(x, expected[name]) for name, x in found.items())
    for found, expected in zip(outputs, here['outputs']):
        torch.testing.assert_close(found, expected, rtol=0, atol=1e-5)
    torch.manual_seed(0)
    assert not torch.equal(HRNet(ARCH).conv1.weight, states[0]['conv1.weight'])


def test_initial_weights_twice_is_said():
    code = """
from hrnet_mm import HRFPN
model = HRFPN(in_channels=[4, 8], out_channels=4)
model.init_weights()
kept = model.reduction_conv.conv.weight.clone()
model.init_weights()
assert model.is_init and torch.equal(kept, model.reduction_conv.conv.weight)
"""
    assert 'init_weights of HRFPN has been called before' in python(ALONE + code).stderr


@pytest.fixture
def checkpoint(tmp_path):
    """A file as mmengine's runner writes it, and what is in it."""
    model = randomize(torch.nn.ModuleDict(dict(backbone=HRNet(ARCH), neck=HRFPN(ARCH))))
    logs = HistoryBuffer([1.5, 0.5], [1, 1])
    logs.methods = dict(mean=HistoryBuffer.mean)  # as versions before 0.5 have it
    torch.save(
        dict(
            meta=dict(epoch=1),
            state_dict=model.state_dict(),
            message_hub=dict(log_scalars={'train/loss': logs}),
        ),
        tmp_path / 'epoch_1.pth',
    )
    return tmp_path / 'epoch_1.pth'


@pytest.mark.slow
def test_checkpoints_are_loaded(checkpoint):
    code = f"""
from hrnet_mm import HRFPN, HRNet, load
path = sys.argv[1]
backbone, neck = HRNet({ARCH!r}), HRFPN({ARCH!r})
load(path, backbone)
load(path, torch.nn.DataParallel(neck))
init = [dict(type='hrnet_mm.Pretrained', checkpoint=path),
        dict(type='Kaiming', layer='Conv2d')]
begun = HRNet({ARCH!r}, init_cfg=init, zero_init_residual=True)
begun.init_weights()
begun_neck = HRFPN({ARCH!r}, init_cfg=init[0])
begun_neck.init_weights()
states = [model.state_dict() for model in (backbone, neck, begun, begun_neck)]
torch.save(states, path)
"""
    expected = read_checkpoint(checkpoint)['state_dict']
    lines = python(ALONE + code, checkpoint).stderr
    for part, found in zip(['backbone', 'neck'] * 2, torch.load(checkpoint)):
        assert all(torch.equal(x, expected[f'{part}.{k}']) for k, x in found.items())
    assert f'426/426 tensors of hrnet_{ARCH} loaded, 12 of the neck left aside' in lines


def test_curves_are_mmengines_own_where_it_is_in_use(checkpoint):
    curve = read_checkpoint(checkpoint)['message_hub']['log_scalars']['train/loss']
    assert type(curve) is HistoryBuffer
    assert curve.mean() == 1


@pytest.mark.slow
@needs_fast
def test_optimize():
    code = f"""
import copy
from hrnet_mm import HRFPN, HRFuseScales, HRNet, optimize
torch.manual_seed(0)
heads = [HRFPN({ARCH!r}), HRFuseScales({ARCH!r}, out_channels=64)]
models = [torch.nn.Sequential(HRNet({ARCH!r}), head) for head in heads]
image = torch.randn(2, 3, 64, 96)

def near(found, expected):
    assert len(found) == len(expected)
    for a, b in zip(found, expected):
        assert (a - b).abs().max() <= 1e-5 * max(b.abs().max(), 1e-3)

def step(model):
    outputs = model.train()(image.double())
    sum(x.square().mean() for x in outputs).backward()
    return [*outputs, *(p.grad for p in model.parameters()), *model.buffers()]

for model in models:
    fast = optimize(copy.deepcopy(model), inference=True)
    with torch.no_grad():
        near(fast(image), model.eval()(image))
    near(step(optimize(copy.deepcopy(model).double())), step(model.double()))
    print(type(fast[0]).__name__, *(type(m).__name__ for m in fast[1].children()))
"""
    run = python(ALONE + code)
    pyramid, fused = run.stdout.splitlines()
    assert pyramid.split()[:2] == ['FastHRNet', 'FastConvLayer']
    assert fused.split()[-1] == 'FastConvLayer'
    assert "Sequential: 86 modules are fast (level 'default')" in run.stderr


ERRORS = {
    "HRNet('w18', conv_cfg=dict(type='DCN'))": (
        "conv_cfg={'type': 'DCN'} is a layer of mmcv, which cannot be imported "
        "(No module named 'mmcv'): pip install mmengine mmcv-lite. Conv2d and BN need "
        'neither'
    ),
    "HRFPN('w18', norm_cfg=dict(type='GN', num_groups=8))": (
        "norm_cfg={'type': 'GN', 'num_groups': 8} is a layer of mmcv, which cannot be "
        "imported (No module named 'mmcv'): pip install mmengine mmcv-lite. Conv2d and "
        'BN need neither'
    ),
    "HRNet('w18', init_cfg=dict(type='Normal', layer='Conv2d')).init_weights()": (
        "init_cfg={'type': 'Normal', 'layer': 'Conv2d'} is read by mmengine, which "
        "cannot be imported (No module named 'mmengine'): pip install mmengine. "
        'Without it there are the default weights (init_cfg=None) and checkpoints '
        "(type='hrnet_mm.Pretrained')"
    ),
    "load('torchvision://resnet50', HRNet('w18'))": (
        'torchvision://resnet50: what torchvision:// stands for is known to mmengine '
        "alone (No module named 'mmengine'): pip install mmengine. Or give a path, a "
        'URL, or the name of published weights, as hrnet_w32_imagenet'
    ),
    "load('hrnet_w33_imagenet', HRNet('w18'))": (
        'no checkpoint hrnet_w33_imagenet: it is neither a file, nor a URL, nor the '
        'name of published weights; did you mean hrnet_w32_imagenet, '
        'hrnet_w30_imagenet, hrnet_w64_imagenet?'
    ),
}


def test_what_needs_more_is_said():
    code = f"""
from hrnet_mm import HRFPN, HRNet, load
from hrnet_mm.errors import UserError
for line in {list(ERRORS)}:
    try:
        eval(line)
    except UserError as error:
        print(error)
"""
    assert python(ALONE + code).stdout.splitlines() == list(ERRORS.values())


def test_models_import_no_toolbox_and_nothing_of_fast():
    code = (
        'import sys, hrnet_mm.models\n'
        "bad = [n for n in sys.modules if n.split('.')[0] in "
        "('mmdet', 'mmseg', 'mmpose', 'mmpretrain') or n.startswith('hrnet_mm.fast')]\n"
        'print(bad)'
    )
    run = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True)
    assert run.stdout.strip() == '[]', run.stderr
