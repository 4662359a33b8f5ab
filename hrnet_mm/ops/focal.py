"""Torch computes mmcv's sigmoid and softmax focal losses and their derivatives."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from .precision import wide


def sigmoid_focal_loss_forward(
    input: Tensor,
    target: Tensor,
    weight: Tensor,
    output: Tensor,
    gamma: float,
    alpha: float,
) -> None:
    """Write the focal loss of each class on its own into `output` (N, C).

    Paper: https://arxiv.org/abs/1708.02002.

    Args:
        input: Logits (N, C).
        target: Class of each row (N,); C, or any other number, for no class.
        weight: Weights of the classes (C,), or empty.
        output: Losses (N, C), written in place.
        gamma: The focusing parameter.
        alpha: Weight of the positives; negatives have 1 - alpha.
    """
    x, positive = wide(input), of_class(target, input)
    p, q = x.sigmoid(), (-x).sigmoid()
    losses = torch.where(
        positive,
        -alpha * q**gamma * F.logsigmoid(x),
        -(1 - alpha) * p**gamma * F.logsigmoid(-x),
    )
    output.copy_(losses * of_row(weight, target))


def sigmoid_focal_loss_backward(
    input: Tensor,
    target: Tensor,
    weight: Tensor,
    grad_input: Tensor,
    gamma: float,
    alpha: float,
) -> None:
    """Write the derivative of `sigmoid_focal_loss_forward` into `grad_input` (N, C)."""
    x, positive = wide(input), of_class(target, input)
    p, q = x.sigmoid(), (-x).sigmoid()
    grads = torch.where(
        positive,
        alpha * q**gamma * (gamma * p * F.logsigmoid(x) - q),
        (1 - alpha) * p**gamma * (p - gamma * q * F.logsigmoid(-x)),
    )
    grad_input.copy_(grads * of_row(weight, target))


def of_class(target: Tensor, logits: Tensor) -> Tensor:
    """Return a mask (N, C) that is true at each row's own class."""
    return target[:, None] == torch.arange(logits.shape[1], device=logits.device)


def of_row(weight: Tensor, target: Tensor) -> Tensor | float:
    """Return the weight of each row's class (N, 1), or 1 if it has none."""
    if weight.numel() == 0:
        return 1.0
    known = (target >= 0) & (target < len(weight))
    return wide(weight)[target.where(known, 0)].where(known, 1)[:, None]


def softmax_focal_loss_forward(
    input: Tensor,
    target: Tensor,
    weight: Tensor,
    output: Tensor,
    gamma: float,
    alpha: float,
) -> None:
    """Write the focal loss of each row's class among all classes into `output` (N,).

    Args:
        input: Probabilities (N, C), the softmax of the logits.
        target: Class of each row (N,); below 0 for no class, which has no loss.
        weight: Weights of the classes (C,), or empty.
        output: Losses (N,), written in place.
        gamma: The focusing parameter.
        alpha: Factor of all losses.
    """
    p = of_target(input, target)
    losses = -alpha * (1 - p) ** gamma * p.log()
    losses = losses[:, None] * of_row(weight, target)
    output.copy_(losses[:, 0].where(target >= 0, 0))


def softmax_focal_loss_backward(
    input: Tensor,
    target: Tensor,
    weight: Tensor,
    buff: Tensor,
    grad_input: Tensor,
    gamma: float,
    alpha: float,
) -> None:
    """Write the derivative with respect to the logits into `grad_input` (N, C).

    `buff` passes values between mmcv's two kernels and is not used here. The other
    arguments are those of `softmax_focal_loss_forward`.
    """
    p = of_target(input, target)
    focused = gamma * (1 - p) ** (gamma - 1) * p * p.log() - (1 - p) ** gamma
    factor = alpha * focused[:, None] * of_row(weight, target)
    factor = factor.where((target >= 0)[:, None], 0)
    grad_input.copy_(factor * (of_class(target, input).to(p.dtype) - wide(input)))


def of_target(probabilities: Tensor, target: Tensor) -> Tensor:
    """Return the probability of each row's class (N,), always above 0."""
    own = wide(probabilities).gather(1, target.clamp(min=0)[:, None])[:, 0]
    return own.clamp(min=torch.finfo(torch.float32).tiny)
