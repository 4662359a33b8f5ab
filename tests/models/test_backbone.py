"""A backbone's training policy: freezing, recomputation, norms that stay."""

import pytest
import torch
from conftest import randomize
from torch import nn

from hrnet_mm.models import HRFPN, HRNet

ARCH = 'w18_small_v1'


def statistics(model):
    return {k: v.clone() for k, v in model.state_dict().items() if 'running' in k}


def test_train_and_eval_return_the_model():
    model = HRNet(ARCH)
    assert model.eval() is model
    assert model.train() is model
    assert HRNet(ARCH, norm_eval=True, frozen_stages=1).train() is not None


@pytest.mark.parametrize('frozen_stages', [-1, 0, 1, 2, 3, 4])
def test_frozen_stages(frozen_stages):
    model = HRNet(ARCH, frozen_stages=frozen_stages).train()
    names = [
        ('conv1', 'bn1', 'conv2', 'bn2'),
        ('layer1', 'transition1'),
        ('stage2', 'transition2'),
        ('stage3', 'transition3'),
        ('stage4',),
    ]
    frozen = {name for stage in names[: frozen_stages + 1] for name in stage}
    for name, parameter in model.named_parameters():
        assert parameter.requires_grad is (name.split('.')[0] not in frozen), name
    for name, module in model.named_children():
        if name != 'relu':
            assert module.training is (name not in frozen), name
    before = statistics(model)
    weights = {k: v.clone() for k, v in model.named_parameters()}
    optimizer = torch.optim.SGD(
        [p for p in model.parameters() if p.requires_grad]
        or [nn.Parameter(torch.ones(1))],
        lr=0.1,
    )
    loss = sum(x.square().mean() for x in model(torch.randn(2, 3, 32, 32)))
    if loss.requires_grad:
        loss.backward()
    optimizer.step()
    for name, value in statistics(model).items():
        assert torch.equal(value, before[name]) is (name.split('.')[0] in frozen), name
    for name in frozen:
        moved = [k for k, p in model.named_parameters() if k.split('.')[0] == name]
        assert all(torch.equal(weights[k], model.get_parameter(k)) for k in moved)


@pytest.mark.parametrize('frozen_stages', [-2, 5])
def test_wrong_frozen_stages(frozen_stages):
    with pytest.raises(ValueError, match=r'frozen_stages is -1 \(none\) to 4 \(all\)'):
        HRNet(ARCH, frozen_stages=frozen_stages)


def test_norm_eval_keeps_statistics_and_trains_weights():
    model = HRNet(ARCH, norm_eval=True).train()
    before = statistics(model)
    sum(x.mean() for x in model(torch.randn(2, 3, 32, 32))).backward()
    assert all(torch.equal(v, before[k]) for k, v in statistics(model).items())
    assert model.bn1.weight.grad is not None
    assert model.training


def test_zero_init_residual_makes_units_their_shortcuts():
    model = HRNet(ARCH, zero_init_residual=True)
    model.init_weights()
    assert model.layer1[0].bn3.weight.abs().sum() == 0
    assert model.stage2[0].branches[0][0].bn2.weight.abs().sum() == 0
    assert model.stage2[0].fuse_layers[0][1][1].weight.min() == 1
    unit = model.stage2[0].branches[0][0].eval()
    x = torch.randn(1, 16, 8, 8)
    assert torch.equal(unit(x), x.relu())


def test_zero_init_residual_leaves_checkpoints_alone(tmp_path):
    path = tmp_path / 'weights.pth'
    torch.save(randomize(HRNet(ARCH)).state_dict(), path)
    init = dict(type='hrnet_mm.Pretrained', checkpoint=str(path))
    model = HRNet(ARCH, zero_init_residual=True, init_cfg=init)
    model.init_weights()
    assert model.layer1[0].bn3.weight.abs().min() > 0


@pytest.mark.parametrize('norm_eval', [False, True])
def test_recomputing_changes_nothing_but_memory(norm_eval):
    image = torch.randn(2, 3, 64, 64)
    results = []
    for with_cp in (False, True):
        torch.manual_seed(0)
        model = HRNet(ARCH, with_cp=with_cp, norm_eval=norm_eval)
        neck = HRFPN(ARCH, out_channels=8, norm_cfg=dict(type='BN'), with_cp=with_cp)
        both = randomize(nn.Sequential(model, neck)).train()
        outputs = both(image)
        sum(x.square().mean() for x in outputs).backward()
        gradients = [p.grad for p in both.parameters()]
        results.append((outputs, gradients, both.state_dict()))
    (out_a, grad_a, state_a), (out_b, grad_b, state_b) = results
    assert all(torch.equal(a, b) for a, b in zip(out_a, out_b))
    assert all(torch.equal(a, b) for a, b in zip(grad_a, grad_b))
    # Running statistics too: the second pass does not count the batch again.
    assert all(torch.equal(state_a[k], state_b[k]) for k in state_a)


def test_recomputing_stores_less():
    stored = {}
    for with_cp in (False, True):
        model = HRNet(ARCH, with_cp=with_cp)
        sizes = []
        with torch.autograd.graph.saved_tensors_hooks(
            lambda t, sizes=sizes: sizes.append(t.numel()) or t, lambda t: t
        ):
            model(torch.randn(1, 3, 64, 64))
        stored[with_cp] = sum(sizes)
    assert stored[True] < 0.6 * stored[False]
