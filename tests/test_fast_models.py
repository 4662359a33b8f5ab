"""hrnet_mm.fast on whole networks: their files, copies, training, memory, types."""

from __future__ import annotations

import ast
import copy
import functools
import os
import pickle

import pytest
import torch
import torch.distributed as dist
import torch.multiprocessing as mp
from conftest import ROOT, randomize
from fast_case import LEVELS, assert_near, step
from mmengine.config import Config
from mmengine.registry import MODELS, init_default_scope
from samples import batch, losses_and_gradients, shrunk
from torch import nn
from torch.nn.parallel import DistributedDataParallel

from hrnet_mm.fast import optimize, winograd
from hrnet_mm.models import HRFPN, HRNet
from hrnet_mm.models.hrnet import ExchangeUnit

ARCH = 'w18_small_v1'


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


def test_weights_written_behind_autograds_back_count_from_eval_on():
    """As mmengine's EMAHook writes them."""
    model, image = both().eval(), torch.randn(1, 3, 64, 64)
    fast = optimize(copy.deepcopy(model), inference=True)
    with torch.no_grad():
        fast(image)
        for net in (fast, model):
            for parameter in net.parameters():
                parameter.data.mul_(0.9)
        assert_near(fast.eval()(image), model(image), 1e-5)


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


@pytest.mark.slow
@pytest.mark.parametrize(
    'name',
    [
        'demo_topdown_hrnet',
        'fcn_hrnetv2_w18_small_v1_cityscapes',
        'ocr_hrnetv2_w48_lip',
    ],
)
def test_losses_and_gradients_of_whole_models(name):
    assert_same_training(name, torch.float64, 'default', 1e-9)


@pytest.mark.slow
@pytest.mark.parametrize('level', LEVELS)
def test_losses_and_gradients_of_a_detector(level):
    """Its own operators know float32 alone; its norms are frozen."""
    assert_same_training('demo_mask_rcnn_hrnetv2p', torch.float32, level, 1e-3)


def assert_same_training(name, dtype, level, tolerance):
    cfg = shrunk(Config.fromfile(ROOT / f'configs/{name}.py'))
    pytest.importorskip(cfg.default_scope)
    init_default_scope(cfg.default_scope)
    model = MODELS.build(cfg.model)
    model.init_weights()
    model.to(dtype)
    data = batch(cfg)
    loss, gradient = losses_and_gradients(model, data)
    losses, gradients = losses_and_gradients(optimize(model, level=level), data)
    torch.testing.assert_close(losses, loss, rtol=1e-5, atol=0)
    assert gradients.dtype == dtype
    assert (gradients - gradient).norm() < tolerance * gradient.norm()


def test_equal_modules_compile_once_and_sizes_do_not_add_up(monkeypatch):
    compiled = []

    def backend(graph, inputs):
        compiled.append(graph)
        return graph

    compile = functools.partial(torch.compile, backend=backend)
    monkeypatch.setattr(torch, 'compile', compile)
    torch._dynamo.reset()
    # Four equal modules in stage 3, three in stage 4, the last of which gives one map.
    model = randomize(HRNet('w18', multiscale_output=False)).eval()
    units = [m for m in model.modules() if isinstance(m, ExchangeUnit)]
    assert len(units) == 8
    fast = optimize(copy.deepcopy(model), inference=True, compile=True)
    counts = []
    with torch.no_grad():
        for size in [(64, 64), (64, 96), (96, 64), (128, 160), (96, 128)]:
            image = torch.randn(1, 3, *size)
            assert_near(fast(image), model(image), 1e-5)
            counts.append(len(compiled))
    assert counts[0] == 4
    assert counts[-1] == counts[-3] <= 12
