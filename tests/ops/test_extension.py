"""hrnet_mm.ops beside what the compiled operators gave."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from operator_cases import CASES, GOLDEN, boxes, normal

from hrnet_mm import ops
from hrnet_mm.errors import UserError
from hrnet_mm.ops import extension, precision

pytest.importorskip('mmcv')

# Of the processor's rounding: compiled on another one.
NEAR = dict(rtol=1e-4, atol=1e-5)


@pytest.fixture(scope='module')
def golden():
    with np.load(GOLDEN) as file:
        return dict(file)


@pytest.mark.parametrize('name', CASES)
def test_equal_to_the_compiled_operators(golden, name):
    if name == 'detector':
        pytest.importorskip('mmdet')
    found = [tensor.detach() for tensor in CASES[name]()]
    expected = [golden[f'{name}/{i}'] for i in range(len(found))]
    assert f'{name}/{len(found)}' not in golden
    for ours, theirs in zip(found, expected):
        torch.testing.assert_close(ours, torch.from_numpy(theirs), **NEAR)


def test_the_maximum_of_roi_align_is_not_answered():
    maps = torch.zeros(1, 1, 8, 8)
    rois = torch.tensor([[0.0, 0, 0, 4, 4]])
    with pytest.raises(UserError, match="pool_mode='max'"):
        extension.roi_align_forward(
            maps, rois, maps, maps, maps, 8, 8, 1.0, 0, pool_mode=0, aligned=True
        )


def align(maps, rois):
    """The output, and the gradient of the maps."""
    output = maps.new_zeros(len(rois), maps.shape[1], 7, 7)
    gradient = torch.zeros_like(maps)
    empty = maps.new_zeros(0)
    rest = (empty, empty)
    options = dict(
        aligned_height=7,
        aligned_width=7,
        spatial_scale=0.25,
        sampling_ratio=0,
        pool_mode=1,
        aligned=True,
    )
    extension.roi_align_forward(maps, rois, output, *rest, **options)
    extension.roi_align_backward(output, rois, *rest, gradient, **options)
    return output, gradient


def rois_of(count):
    return torch.cat([torch.zeros(count, 1), boxes(0, count)], dim=1)


def test_roi_align_takes_channels_last_maps():
    maps, rois = normal(0, 2, 5, 24, 24), rois_of(6)
    expected = align(maps, rois)
    found = align(maps.contiguous(memory_format=torch.channels_last), rois)
    for ours, theirs in zip(found, expected):
        torch.testing.assert_close(ours, theirs, rtol=0, atol=0)


@pytest.mark.parametrize('dtype', [torch.float16, torch.bfloat16, torch.float64])
def test_roi_align_in_other_types(dtype):
    maps, rois = normal(0, 1, 5, 24, 24), rois_of(6)
    expected = align(maps.to(dtype).float(), rois)
    found = align(maps.to(dtype), rois.to(dtype))
    assert found[0].dtype == found[1].dtype == dtype
    if dtype == torch.float64:
        torch.testing.assert_close(found[0].float(), expected[0], **NEAR)
        return
    found = align(maps.to(dtype), rois)  # boxes stay in float32
    torch.testing.assert_close(found[0], expected[0].to(dtype), rtol=1e-2, atol=1e-2)


@pytest.mark.parametrize('dtype', [torch.float16, torch.bfloat16, torch.float64])
def test_suppression_in_other_types(dtype):
    box, score = boxes(0, 60).round().to(dtype), normal(1, 60).to(dtype)
    kept = extension.nms(box, score, 0.5, 0)
    assert kept.tolist() == extension.nms(box.float(), score.float(), 0.5, 0).tolist()
    assert extension.nms(box, score.float(), 0.5, 0).tolist() == kept.tolist()
    groups = extension.nms_match(torch.cat([box, score[:, None]], 1), 0.5)
    assert sorted(i for group in groups for i in group) == list(range(60))


class OnGPU:
    is_cuda = True


def test_a_gpu_adds_gradients_in_any_order_and_says_so():
    torch.use_deterministic_algorithms(True, warn_only=True)
    try:
        with (
            pytest.warns(UserWarning, match='equal up to rounding, not bit by bit'),
            precision.in_any_order(OnGPU()),
        ):
            assert not torch.are_deterministic_algorithms_enabled()
        assert torch.is_deterministic_algorithms_warn_only_enabled()
        with precision.in_any_order(torch.zeros(1)):
            assert torch.are_deterministic_algorithms_enabled()
    finally:
        torch.use_deterministic_algorithms(False)


def test_an_overlap_that_equals_the_threshold_stays():
    box = torch.tensor([[0.0, 0, 10, 10], [0, 0, 10, 3]])  # overlap 0.3
    assert extension.nms(box, torch.tensor([0.9, 0.8]), 0.3, 0).tolist() == [0, 1]


def test_empty_inputs():
    none = torch.zeros(0, 4)
    assert extension.nms(none, none[:, 0], 0.5, 0).shape == (0,)
    dets = torch.zeros(0, 5)
    assert extension.softnms(none, none[:, 0], dets, 0.5, 0.5, 0, 2, 0).shape == (0,)
    assert extension.nms_match(dets, 0.5) == []
    output, gradient = align(normal(0, 1, 5, 24, 24), torch.zeros(0, 5))
    assert output.shape == (0, 5, 7, 7)
    assert not gradient.any()


GAMMA, ALPHA = 2.5, 0.3


def sigmoid_loss(logits, target, weight):
    """The paper's equations 4 and 5, of each class."""
    p = logits.sigmoid()
    own = F.one_hot(target.clamp(max=3), 5)[:, :3].bool()
    p_t = p.where(own, 1 - p)
    alpha = torch.full_like(p, 1 - ALPHA).masked_fill(own, ALPHA)
    return -alpha * (1 - p_t) ** GAMMA * p_t.log() * weight


def softmax_loss(logits, target, weight):
    p_t = logits.softmax(dim=1).gather(1, target.clamp(min=0)[:, None])[:, 0]
    return -ALPHA * (1 - p_t) ** GAMMA * p_t.log() * weight[:, 0] * (target >= 0)


@pytest.mark.parametrize('weighted', [False, True])
@pytest.mark.parametrize('name', ['sigmoid', 'softmax'])
@pytest.mark.parametrize('dtype', [torch.float64, torch.float32, torch.float16])
def test_focal_losses_are_the_papers(name, weighted, dtype):
    if not extension_is_used():
        pytest.skip('no CPU has compiled ones')
    from mmcv.ops import sigmoid_focal_loss, softmax_focal_loss

    operator = dict(sigmoid=sigmoid_focal_loss, softmax=softmax_focal_loss)[name]
    none = -1 if name == 'softmax' else 3
    target = torch.tensor([0, 2, none, 1])
    classes = normal(1, 3).abs().double() if weighted else None
    weight = torch.ones(4, 1).double()
    if weighted:
        known = target.clamp(0, 2)
        weight = classes[known].where((target >= 0) & (target < 3), 1)[:, None]
    logits = (normal(0, 4, 3).double() * 3).to(dtype).requires_grad_()
    exact = logits.detach().double().requires_grad_()
    reference = dict(sigmoid=sigmoid_loss, softmax=softmax_loss)[name]
    expected = reference(exact, target, weight)
    classes = classes if classes is None else classes.to(dtype)
    call = partial(operator, logits, target, GAMMA, ALPHA, classes, 'sum')
    found = call()
    assert found.dtype == dtype
    tolerance = {torch.float64: 1e-10, torch.float32: 1e-5, torch.float16: 2e-2}
    near = dict(rtol=tolerance[dtype], atol=tolerance[dtype])
    torch.testing.assert_close(found.double(), expected.sum(), **near)
    (gradient,) = torch.autograd.grad(found, logits)
    (wanted,) = torch.autograd.grad(expected.sum(), exact)
    torch.testing.assert_close(gradient.double(), wanted, **near)


def extension_is_used():
    return not ops.is_installed('mmcv._ext')


def test_far_logits_have_finite_focal_losses():
    logits = torch.tensor([[200.0, -200.0]])
    target, none = torch.tensor([1]), torch.zeros(0)
    output, gradient = torch.zeros(1, 2), torch.zeros(1, 2)
    options = dict(gamma=2.0, alpha=0.25)
    extension.sigmoid_focal_loss_forward(
        logits.detach(), target, none, output, **options
    )
    extension.sigmoid_focal_loss_backward(logits, target, none, gradient, **options)
    assert output[0].tolist() == pytest.approx([0.75 * 200, 0.25 * 200])
    assert gradient[0].tolist() == pytest.approx([0.75, -0.25])


@pytest.mark.parametrize('dtype', [torch.float16, torch.bfloat16])
def test_deformable_convolutions_in_16_bits(dtype):
    from mmcv.ops import deform_conv2d, modulated_deform_conv2d

    if not extension_is_used():
        pytest.skip('compiled ones know no 16 bits on a CPU')
    x, weight = normal(4, 2, 8, 9, 11), normal(5, 6, 8, 3, 3) / 9
    offset, mask = normal(6, 2, 18, 9, 11), normal(7, 2, 9, 9, 11).sigmoid()
    narrow = [t.to(dtype).requires_grad_() for t in (x, offset, weight)]
    output = deform_conv2d(*narrow, 1, 1)
    assert output.dtype == dtype
    output.float().square().mean().backward()
    assert all(t.grad.dtype == dtype and t.grad.isfinite().all() for t in narrow)
    wide = [t.detach().float() for t in narrow]
    torch.testing.assert_close(
        output.float(), deform_conv2d(*wide, 1, 1), rtol=2e-2, atol=2e-2
    )
    found = modulated_deform_conv2d(
        x.to(dtype), offset.to(dtype), mask.to(dtype), weight.to(dtype), None, 1, 1
    )
    assert found.dtype == dtype
