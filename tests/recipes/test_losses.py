"""The losses of the official segmentation code."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from hrnet_mm.errors import UserError
from hrnet_mm.recipes import HardPixelCrossEntropy, PixelCrossEntropy


def labelled(seed: int = 0, classes: int = 5) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    logits = 3 * torch.randn(2, classes, 6, 7, generator=generator)
    labels = torch.randint(classes, (2, 6, 7), generator=generator)
    labels[0, :2] = 255
    return logits, labels


@pytest.mark.parametrize('weights', [None, (0.8, 1.0, 1.2, 0.9, 1.1)])
def test_loss_is_that_of_torch(weights):
    logits, labels = labelled()
    logits.requires_grad_()
    ours = PixelCrossEntropy(class_weight=weights, loss_weight=0.4)(logits, labels)
    theirs = 0.4 * nn.CrossEntropyLoss(
        weight=None if weights is None else torch.tensor(weights), ignore_index=255
    )(logits, labels)
    torch.testing.assert_close(ours, theirs)
    gradients = [torch.autograd.grad(loss, logits)[0] for loss in (ours, theirs)]
    torch.testing.assert_close(*gradients)


@pytest.mark.parametrize('kind', [PixelCrossEntropy, HardPixelCrossEntropy])
def test_loss_of_nothing_is_zero(kind):
    logits, labels = labelled()
    logits.requires_grad_()
    loss = kind()(logits, torch.full_like(labels, 255))
    loss.backward()
    assert loss.item() == 0
    assert not logits.grad.any()


def pixel(probability: float) -> torch.Tensor:
    """Two logits whose soft-max gives class 0 this probability."""
    return torch.tensor([probability, 1 - probability]).log()


def test_hard_pixels():
    own = torch.tensor([0.2, 0.5, 0.95, 0.97, 0.99])
    logits = torch.stack([pixel(p) for p in own], dim=1)[None, :, None]
    labels = torch.zeros(1, 1, 5, dtype=torch.long)

    def mean(*kept: float) -> torch.Tensor:
        return -torch.tensor(kept).log().mean()

    def loss(min_kept: int, labels: torch.Tensor = labels, weights=None):
        kind = HardPixelCrossEntropy(0.9, min_kept, weights)
        return kind(logits, labels)

    # Below 0.9 are two; they are enough.
    torch.testing.assert_close(loss(1), mean(0.2, 0.5))
    # The threshold becomes the probability of pixel 3, counted from 0.
    torch.testing.assert_close(loss(3), mean(0.2, 0.5, 0.95))
    # Fewer than asked for: all but the surest, as in the official code.
    torch.testing.assert_close(loss(100), mean(0.2, 0.5, 0.95, 0.97))
    ignoring = labels.clone()
    ignoring[..., 0] = 255
    torch.testing.assert_close(loss(1, ignoring), mean(0.5))
    # The mean is over pixels, not over weights.
    torch.testing.assert_close(loss(1, labels, (3.0, 1.0)), 3 * mean(0.2, 0.5))


@pytest.mark.parametrize('kind', [PixelCrossEntropy, HardPixelCrossEntropy])
def test_what_cannot_be_a_loss(kind):
    logits, labels = labelled()
    with pytest.raises(UserError, match='there is one: the loss would always be 0'):
        kind()(logits[:, :1], labels.clamp(max=0))
    with pytest.raises(UserError, match='has 2 numbers, the head puts out 5 channels'):
        kind(class_weight=(1.0, 2.0))(logits, labels)
    for value in (7, -1):
        labels[1, 0, 0] = value
        with pytest.raises(UserError, match=f'class {value}, but the head puts out 5'):
            kind()(logits, labels)
    labels[1, 0, 0] = 7
    with pytest.raises(UserError, match='class 7, but the head puts out 5'):
        kind(class_weight=(1.0,) * 5)(logits, labels)
