"""hrnet_mm.fast computes what the readable network does, in every mode."""

from __future__ import annotations

import ast
import copy
import os
import pickle

import pytest
import torch
import torch.distributed as dist
import torch.multiprocessing as mp
from conftest import ROOT, randomize
from mmcv.cnn import ConvModule
from torch import nn
from torch.nn.parallel import DistributedDataParallel

from hrnet_mm.fast import optimize, winograd
from hrnet_mm.fast.layers import Fast
from hrnet_mm.models import HRFPN, HRNet
from hrnet_mm.models.classification import HRFuseScales
from hrnet_mm.models.hrnet import ExchangeUnit, Upsample, downsample
from hrnet_mm.models.layers import ConvNorm, Layers, stream

ARCH = 'w18_small_v1'
BN = Layers(None, dict(type='BN'))
LEVELS = [
    'default',
    pytest.param(
        'max',
        marks=pytest.mark.skipif(not winograd.available(), reason='no C++ compiler'),
    ),
]
ODD = [(2, 40, 13, 19), (2, 36, 7, 10), (2, 33, 4, 5), (2, 32, 2, 3)]
EVEN = [(2, 40, 16, 24), (2, 36, 8, 12), (2, 33, 4, 6), (2, 32, 2, 3)]


class Streams(nn.Module):
    """Something that takes a list of maps, for `compare`."""

    def __init__(self, module):
        super().__init__()
        self.module = module

    def forward(self, *maps):
        return self.module(list(maps))


def exchange(upsample, num_out=4):
    channels = [40, 36, 33, 32]
    return Streams(ExchangeUnit(channels, num_out, Upsample.of(upsample), BN))


def neck(**options):
    return Streams(HRFPN(in_channels=[40, 36, 33, 32], out_channels=16, **options))


IMAGE = [(2, 3, 53, 75)]
ONE = [(2, 36, 13, 19)]
CASES = {
    'conv norm': (lambda: ConvNorm(36, 40, 3, BN), ONE),
    'conv norm relu': (lambda: ConvNorm(36, 40, 3, BN, stride=2, relu=True), ONE),
    'downsample': (lambda: downsample(36, 40, 3, BN, relu=False), ONE),
    'downsample of images': (lambda: downsample(3, 8, 2, BN, relu=True), IMAGE),
    'basic blocks of images': (lambda: stream('basic', 3, 8, 2, BN), IMAGE),
    'basic blocks': (lambda: stream('basic', 36, 40, 3, BN), ONE),
    'bottlenecks': (lambda: stream('bottleneck', 36, 12, 2, BN, stride=2), ONE),
    'exchange': (lambda: exchange('nearest'), EVEN),
    'exchange, odd': (lambda: exchange('nearest'), ODD),
    'exchange, one out': (lambda: exchange('nearest', 1), EVEN),
    'exchange, bilinear': (lambda: exchange('bilinear'), ODD),
    'exchange, aligned': (
        lambda: exchange(dict(mode='bilinear', align_corners=True)),
        EVEN,
    ),
    'neck': (neck, ODD),
    'neck, max, stride 2': (lambda: neck(pooling_type='MAX', stride=2), EVEN),
    'neck, 6 levels': (lambda: neck(num_outs=6), EVEN),
    'neck with norms': (lambda: neck(norm_cfg=dict(type='BN'), num_outs=2), EVEN),
    'conv module': (
        lambda: ConvModule(36, 8, 3, dilation=2, norm_cfg=dict(type='BN')),
        ONE,
    ),
    'conv module, bias': (lambda: ConvModule(36, 8, 3, act_cfg=None), ONE),
    'classification': (
        lambda: Streams(HRFuseScales(in_channels=[40, 36, 33, 32])),
        ODD,
    ),
    'body': (lambda: HRNet(ARCH), IMAGE),
    'body, one stream': (lambda: HRNet(ARCH, multiscale_output=False), IMAGE),
    'body, bilinear': (lambda: HRNet(ARCH, upsample='bilinear'), IMAGE),
    'body, recomputed': (lambda: HRNet(ARCH, with_cp=True), IMAGE),
    'body, frozen': (lambda: HRNet(ARCH, frozen_stages=2), IMAGE),
    'body, norm_eval': (lambda: HRNet(ARCH, norm_eval=True), IMAGE),
    'body, SyncBN': (lambda: HRNet(ARCH, norm_cfg=dict(type='SyncBN')), IMAGE),
}


def flat(outputs):
    return [outputs] if isinstance(outputs, torch.Tensor) else list(outputs)


def step(model, inputs):
    """Outputs, gradients of inputs and parameters, buffers."""
    inputs = [x.detach().clone().requires_grad_() for x in inputs]
    model.zero_grad(set_to_none=True)
    outputs = flat(model(*inputs))
    sum(x.square().mean() for x in outputs).backward()
    parameters = [p.grad for p in model.parameters() if p.requires_grad]
    return [*outputs, *(x.grad for x in inputs), *parameters, *model.buffers()]


def assert_near(found, expected, tolerance):
    assert len(found) == len(expected)
    for a, b in zip(found, expected):
        assert (a.shape, a.dtype) == (b.shape, b.dtype)
        assert (a - b).abs().max() <= tolerance * max(b.abs().max(), 1e-3)


@pytest.fixture(params=list(CASES))
def case(request):
    make, shapes = CASES[request.param]
    model = randomize(make()).double()
    return model, [torch.randn(*shape, dtype=torch.float64) for shape in shapes]


def switched(model):
    fast = optimize(copy.deepcopy(model))
    assert any(isinstance(m, Fast) for m in fast.modules())
    return fast


def test_inference_is_equal_in_float64(case):
    model, inputs = case
    kept = [x.clone() for x in inputs]
    model.eval()
    with torch.no_grad():
        assert_near(flat(switched(model)(*inputs)), flat(model(*inputs)), 1e-10)
    assert all(torch.equal(a, b) for a, b in zip(inputs, kept))


@pytest.mark.parametrize('mode', [True, False], ids=['train', 'eval'])
def test_training_is_equal_in_float64(case, mode, request):
    model, inputs = case
    fast = switched(model.train(mode))
    if mode and 'SyncBN' in request.node.name:
        pytest.skip('SyncBN needs several processes')
    assert_near(step(fast, inputs), step(model, inputs), 1e-10)


@pytest.mark.parametrize('level', LEVELS)
def test_inference_is_equal_in_float32(case, level):
    model, inputs = case
    model.eval()
    fast = optimize(copy.deepcopy(model).float(), inference=True, level=level)
    with torch.no_grad():
        found = flat(fast(*(x.float() for x in inputs)))
        assert_near([x.double() for x in found], flat(model(*inputs)), 1e-5)


@pytest.mark.parametrize('level', LEVELS)
@pytest.mark.parametrize('mode', [True, False], ids=['train', 'eval'])
@pytest.mark.parametrize('name', ['basic blocks', 'exchange', 'neck', 'downsample'])
def test_training_is_equal_in_float32(name, mode, level):
    make, shapes = CASES[name]
    model = randomize(make()).train(mode)
    inputs = [torch.randn(*shape) for shape in shapes]
    fast = optimize(copy.deepcopy(model), level=level)
    expected = step(model.double(), [x.double() for x in inputs])
    found = [x if x.dtype == torch.int64 else x.double() for x in step(fast, inputs)]
    assert_near(found, expected, 2e-5)


def both(**options):
    return randomize(nn.Sequential(HRNet(ARCH, **options), HRFPN(ARCH)))


def test_keys_stay_and_later_weights_count():
    model, image = both().eval(), torch.randn(1, 3, 64, 96)
    fast = optimize(both(), inference=True)
    assert fast.state_dict().keys() == model.state_dict().keys()
    with torch.no_grad():
        fast(image)
        fast.load_state_dict(model.state_dict())
        assert_near(fast(image), model(image), 1e-5)
        for net in (fast, model):
            net[0].stage4[0].branches[0][0].conv1.weight.mul_(1.5)
            net[0].bn1.running_var.mul_(2)
        assert_near(fast(image), model(image), 1e-5)
    state = fast.state_dict()
    assert all(torch.equal(state[k], v) for k, v in model.state_dict().items())


def test_copies_stand_alone():
    fast, image = optimize(both(), inference=True), torch.randn(1, 3, 64, 64)
    with torch.no_grad():
        expected = fast(image)
        for other in (copy.deepcopy(fast), pickle.loads(pickle.dumps(fast))):
            assert_near(other(image), expected, 0)
            other[0].conv1.weight.zero_()
        assert_near(fast(image), expected, 0)


def test_training_steps_follow_the_readable_network():
    model = both().double()
    fast, losses = optimize(copy.deepcopy(model)), {}
    for name, net in dict(readable=model, fast=fast).items():
        torch.manual_seed(1)
        optimizer = torch.optim.SGD(net.parameters(), 1e-3, momentum=0.9)
        losses[name] = []
        for _ in range(3):
            optimizer.zero_grad()
            outputs = net(torch.randn(2, 3, 64, 64, dtype=torch.float64))
            loss = sum(x.square().mean() for x in outputs)
            loss.backward()
            optimizer.step()
            losses[name].append(loss.item())
    assert losses['fast'] == pytest.approx(losses['readable'], rel=1e-9)
    assert fast[0].bn1.num_batches_tracked == 3


def stored_bytes(model, image):
    """What the graph holds for the backward pass, besides parameters and buffers."""
    own = {t.data_ptr() for t in (*model.parameters(), *model.buffers(), image)}
    seen = {}

    def pack(tensor):
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in own:
            seen[storage.data_ptr()] = (storage.nbytes(), tensor)
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        outputs = model(image)
    del outputs
    return sum(size for size, _ in seen.values())


@pytest.mark.parametrize(('norm_eval', 'share'), [(True, 0.55), (False, 0.6)])
def test_less_is_stored_for_the_backward_pass(norm_eval, share):
    model = HRNet('w32', norm_eval=norm_eval).train()
    image = torch.randn(1, 3, 64, 64).contiguous(memory_format=torch.channels_last)
    readable = stored_bytes(model, image)
    assert stored_bytes(optimize(model), image) < share * readable


def test_automatic_mixed_precision():
    model, image = both().train(), torch.randn(2, 3, 64, 64)
    fast, results = optimize(copy.deepcopy(model)), []
    reference = step(copy.deepcopy(model).double(), [image.double()])[5:]
    reference = torch.cat([x.flatten() for x in reference])
    for net in (model, fast):
        with torch.autocast('cpu', torch.bfloat16):
            outputs = net(image)
            assert {x.dtype for x in outputs} == {torch.bfloat16}
        sum(x.float().square().mean() for x in outputs).backward()
        assert {p.grad.dtype for p in net.parameters()} == {torch.float32}
        gradient = torch.cat([p.grad.flatten() for p in net.parameters()])
        results.append(outputs[0].float())
        assert gradient.isfinite().all()
    scale = results[0].abs().max()
    assert (results[0] - results[1]).abs().max() < 0.1 * scale


def test_bfloat16_for_inference_takes_and_gives_float32():
    model, image = both().eval(), torch.randn(1, 3, 64, 64)
    fast = optimize(copy.deepcopy(model), inference=True, dtype=torch.bfloat16)
    with torch.no_grad():
        assert_near(fast(image), model(image), 0.05)


def _train_as(rank, file, state):
    os.environ['OMP_NUM_THREADS'] = '1'
    torch.set_num_threads(1)
    dist.init_process_group(
        'gloo', init_method=f'file://{file}', rank=rank, world_size=2
    )
    model = HRNet(ARCH).double()
    model.load_state_dict(state)
    parallel = DistributedDataParallel(optimize(model))
    torch.manual_seed(rank)
    outputs = parallel(torch.randn(2, 3, 64, 64, dtype=torch.float64))
    sum(x.square().mean() for x in outputs).backward()
    if rank == 0:
        torch.save([p.grad for p in model.parameters()], f'{file}.grads')
    dist.destroy_process_group()


@pytest.mark.slow
def test_two_processes_share_gradients(tmp_path):
    model = randomize(HRNet(ARCH)).double().train()
    file = tmp_path / 'group'
    mp.spawn(_train_as, (str(file), model.state_dict()), nprocs=2)
    mean = [torch.zeros_like(p) for p in model.parameters()]
    for rank in range(2):
        torch.manual_seed(rank)
        model.zero_grad()
        outputs = model(torch.randn(2, 3, 64, 64, dtype=torch.float64))
        sum(x.square().mean() for x in outputs).backward()
        mean = [m + p.grad / 2 for m, p in zip(mean, model.parameters())]
    assert_near(torch.load(f'{file}.grads'), mean, 1e-10)


def test_other_sizes_need_nothing_new():
    fast = optimize(both(), inference=True)
    with torch.no_grad():
        fast(torch.randn(1, 3, 64, 64))
        unit = fast[0].stage2[0].branches[0][0].last_unit
        weight = unit.packed(torch.randn(1, 18, 16, 16)).weight
        fast(torch.randn(2, 3, 53, 75))
    assert unit.packed(torch.randn(2, 18, 14, 19)).weight is weight


def test_other_norms_stay_as_they_are():
    model = HRNet(ARCH, norm_cfg=dict(type='GN', num_groups=2)).eval()
    image = torch.randn(1, 3, 53, 75)
    with torch.no_grad():
        expected = model(image)
        assert_near(optimize(model)(image), expected, 1e-5)


@pytest.mark.skipif(not winograd.available(), reason='no C++ compiler')
def test_switching_again_changes_the_level():
    model = optimize(both())
    keys, unit = list(model.state_dict()), model[0].stage2[0].branches[0][0]
    assert not unit.settings.winograd
    optimize(model, level='max')
    assert unit.settings.winograd
    assert list(model.state_dict()) == keys


def test_what_makes_no_sense_is_said():
    with pytest.raises(ValueError, match="level is one of default, max, got 'all'"):
        optimize(both(), level='all')
    with pytest.raises(ValueError, match='dtype=torch.bfloat16 is for inference=True'):
        optimize(both(), dtype=torch.bfloat16)


def test_the_readable_network_knows_nothing_of_it():
    for path in (ROOT / 'hrnet_mm/models').glob('*.py'):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import | ast.ImportFrom):
                names = [getattr(node, 'module', None) or '']
                names += [alias.name for alias in node.names]
                assert not any('fast' in name.split('.') for name in names), path
