"""Focal losses are the paper's."""

from __future__ import annotations

from functools import partial

import pytest
import torch
import torch.nn.functional as F
from extension_case import extension_is_used
from operator_cases import normal

from hrnet_mm.ops import extension

pytest.importorskip('mmcv')
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
