"""The representation heads: the pyramid for detection, and those for classification."""

import pytest
import torch
from conftest import randomize
from torch import nn

from hrnet_mm.models import HRFPN, HRFuseScales, HRPoolConcat, HRReduceConcat

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


def of_image(size=(64, 96)):
    """Maps as HRNet makes them of two images of that size."""
    return streams([-(-extent // 4) for extent in size], batch=2)


@pytest.mark.parametrize('size', [(64, 96), (224, 224), (32, 32)])
@pytest.mark.parametrize('mode', ['train', 'eval'])
def test_equals_mmpretrain_bit_for_bit(mode, size):
    necks = pytest.importorskip('mmpretrain.models.necks')
    ours = randomize(HRFuseScales('w18'))
    theirs = necks.HRFuseScales(WIDTHS)
    theirs.load_state_dict(ours.state_dict())
    assert list(ours.state_dict()) == list(theirs.state_dict())
    for module in (ours, theirs):
        module.train(mode == 'train')
    maps = of_image(size)
    outputs = [module(tuple(maps)) for module in (ours, theirs)]
    assert torch.equal(outputs[0][0], outputs[1][0])
    for (output,) in outputs:
        output.square().mean().backward()
    for a, b in zip(ours.parameters(), theirs.parameters(), strict=True):
        assert torch.equal(a.grad, b.grad)
    for a, b in zip(ours.buffers(), theirs.buffers(), strict=True):
        assert torch.equal(a, b)


@pytest.mark.parametrize('size', [(31, 45), (225, 223), (33, 65), (1, 1)])
@pytest.mark.parametrize('head', [HRFuseScales('w18'), HRReduceConcat('w18')])
def test_any_size_of_a_classifier(head, size):
    (output,) = head.eval()(of_image(size))
    expected = [-(-extent // 32) for extent in size]
    assert output.shape == (2, 2048, *expected)
    assert output.isfinite().all()


def test_pooled_streams_are_their_means():
    maps = of_image((31, 45))
    (output,) = HRPoolConcat()(maps)
    assert output.shape == (2, sum(WIDTHS))
    torch.testing.assert_close(output[:, 18:54], maps[1].flatten(2).mean(2))


@pytest.mark.parametrize('head', [HRFuseScales, HRReduceConcat])
def test_wrong_arguments_and_streams(head):
    with pytest.raises(ValueError, match='exactly one of arch and in_channels'):
        head()
    with pytest.raises(ValueError, match='exactly one of arch and in_channels'):
        head('w18', in_channels=WIDTHS)
    expected = rf'{head.__name__} was built for streams of \(32, 64, 128, 256\)'
    with pytest.raises(ValueError, match=expected):
        head('w32')(of_image())


def test_in_channels_is_arch():
    given = HRFuseScales(in_channels=list(WIDTHS)).state_dict()
    named = HRFuseScales('w18').state_dict()
    assert [x.shape for x in given.values()] == [x.shape for x in named.values()]


def test_norms_and_initialization():
    head = HRFuseScales('w18', norm_cfg=dict(type='GN', num_groups=4))
    assert not any(isinstance(m, torch.nn.BatchNorm2d) for m in head.modules())
    norms = [m for m in head.modules() if isinstance(m, torch.nn.GroupNorm)]
    assert len(norms) == 4 * 4 + 3 + 1
    head = HRFuseScales('w18')
    head.init_weights()
    weight = head.increase_layers[0][0].conv2.weight  # Kaiming: variance 2 / fan out
    assert weight.std().item() == pytest.approx((2 / (32 * 9)) ** 0.5, rel=0.05)
