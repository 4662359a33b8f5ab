import pytest
import torch
from conftest import randomize
from torch import nn

from hrnet_mm.models import HRFPN

WIDTHS = (18, 36, 72, 144)


def streams(size=(32, 48), widths=WIDTHS, batch=1):
    return [
        torch.randn(batch, c, -(-size[0] // 2**r), -(-size[1] // 2**r))
        for r, c in enumerate(widths)
    ]


def by_concatenation(neck, maps):
    """HRFPN as the paper's figure draws it."""
    size = maps[0].shape[-2:]
    enlarged = [
        nn.functional.interpolate(x, size, mode='bilinear', align_corners=False)
        for x in maps
    ]
    base = neck.reduction_conv(torch.cat(enlarged, 1))
    levels = [base] + [nn.functional.avg_pool2d(base, 2**i) for i in range(1, 5)]
    return [conv(level) for conv, level in zip(neck.fpn_convs, levels)]


@pytest.mark.parametrize(('dtype', 'tolerance'), [(torch.float64, 1e-12), (None, 1e-5)])
def test_equals_the_figure_with_gradients(dtype, tolerance):
    neck = randomize(HRFPN('w18', out_channels=16)).to(dtype)
    ours = [x.to(dtype).requires_grad_() for x in streams()]
    theirs = [x.detach().clone().requires_grad_() for x in ours]
    outputs, expected = neck(ours), by_concatenation(neck, theirs)
    for a, b in zip(outputs, expected):
        torch.testing.assert_close(a, b, rtol=tolerance, atol=tolerance)
    sum(x.square().sum() for x in outputs).backward()
    gradients = [p.grad.clone() for p in neck.parameters()]
    neck.zero_grad()
    sum(x.square().sum() for x in expected).backward()
    for a, b in zip(gradients, (p.grad for p in neck.parameters())):
        torch.testing.assert_close(a, b, rtol=tolerance, atol=100 * tolerance)
    for a, b in zip(ours, theirs):
        torch.testing.assert_close(a.grad, b.grad, rtol=tolerance, atol=100 * tolerance)


@pytest.mark.parametrize(
    ('size', 'levels'),
    [
        ((51, 75), [(51, 75), (25, 37), (12, 18), (6, 9), (3, 4)]),
        ((50, 84), [(50, 84), (25, 42), (12, 21), (6, 10), (3, 5)]),
        ((9, 9), [(9, 9), (4, 4), (2, 2), (1, 1), (1, 1)]),
        ((1, 1), [(1, 1)] * 5),
    ],
)
def test_any_size(size, levels):
    outputs = HRFPN('w18', out_channels=8)(streams(size))
    assert [tuple(x.shape[-2:]) for x in outputs] == levels


def test_stride_two_for_fcos():
    outputs = HRFPN('w18', out_channels=8, stride=2)(streams((64, 64)))
    assert [x.shape[-1] for x in outputs] == [32, 16, 8, 4, 2]


def test_keys_are_those_of_mmdet():
    expected = ['reduction_conv.conv.weight', 'reduction_conv.conv.bias']
    for i in range(3):
        expected += [f'fpn_convs.{i}.conv.weight', f'fpn_convs.{i}.conv.bias']
    assert list(HRFPN('w18', num_outs=3).state_dict()) == expected


def test_norm_is_used():
    neck = HRFPN('w18', out_channels=8, norm_cfg=dict(type='BN'))
    assert sum(isinstance(m, nn.BatchNorm2d) for m in neck.modules()) == 6
    neck.train()(streams(batch=2))
    assert neck.reduction_conv.bn.running_mean.abs().sum() > 0


def test_pooling_types():
    maps = streams()
    average = HRFPN('w18', out_channels=8)
    largest = HRFPN('w18', out_channels=8, pooling_type='MAX')
    largest.load_state_dict(average.state_dict())
    base = average.reduce(maps)
    expected = average.fpn_convs[2](nn.functional.max_pool2d(base, 4))
    torch.testing.assert_close(largest(maps)[2], expected)


@pytest.mark.parametrize(
    ('kwargs', 'message'),
    [
        (dict(arch='w18', pooling_type='mean'), 'pooling_type is one of AVG, MAX'),
        (dict(), 'exactly one of arch and in_channels'),
        (dict(arch='w18', in_channels=[1]), 'exactly one of arch and in_channels'),
        (dict(arch='w17'), "unknown arch 'w17'"),
    ],
)
def test_wrong_arguments(kwargs, message):
    with pytest.raises(ValueError, match=message):
        HRFPN(**kwargs)


def test_streams_of_another_backbone():
    with pytest.raises(
        ValueError, match=r'was built for streams of \(32, 64, 128, 256\)'
    ):
        HRFPN('w32')(streams())


def test_arguments_are_not_modified():
    channels, maps = list(WIDTHS), streams()
    kept = list(maps)
    HRFPN(in_channels=channels, out_channels=8)(maps)
    assert channels == list(WIDTHS)
    assert all(a is b for a, b in zip(maps, kept))
