"""Torch computes mmcv's operators that choose boxes: `nms`, `softnms`, `nms_match`."""

from __future__ import annotations

import torch
from torch import Tensor
from torchvision.ops import box_iou

from .precision import TORCHVISION, wide


def rounded(threshold: float) -> float:
    """Round a threshold to float32 as mmcv does, since overlaps may equal it."""
    return torch.tensor(threshold, dtype=torch.float32).item()


def with_offset(boxes: Tensor, offset: int) -> Tensor:
    """Add `offset`, 0 or 1, to the right and lower edges of boxes (N, 4).

    With 1 these edges lie behind the last pixel.
    """
    boxes = wide(boxes)
    return boxes + boxes.new_tensor([0, 0, offset, offset]) if offset else boxes


def nms(boxes: Tensor, scores: Tensor, iou_threshold: float, offset: int) -> Tensor:
    """Return the indices of the boxes (N, 4) to keep, best first by scores (N,)."""
    boxes = with_offset(boxes, offset)
    return TORCHVISION.nms(boxes, scores.to(boxes.dtype), rounded(iou_threshold))


def iou(box: Tensor, others: Tensor) -> Tensor:
    """Return the overlaps (N,) of a box (4,) with others (N, 4), 0 for empty ones."""
    return box_iou(box[None], others)[0].nan_to_num(0)


def softnms(
    boxes: Tensor,
    scores: Tensor,
    dets: Tensor,
    iou_threshold: float,
    sigma: float,
    min_score: float,
    method: int,
    offset: int,
) -> Tensor:
    """Lower the scores of boxes that overlap better ones.

    Paper: https://arxiv.org/abs/1704.04503.

    Args:
        boxes: Boxes (N, 4).
        scores: Scores (N,).
        dets: Output (N, 5); its first rows receive the kept boxes with their scores.
        iou_threshold: Overlap from which on methods 0 and 1 lower a score.
        sigma: Parameter of method 2.
        min_score: A box whose lowered score is below this is dropped.
        method: 0 drops, 1 multiplies by 1 - overlap, 2 by exp(-overlap^2 / sigma).
        offset: See `with_offset`.

    Returns:
        Indices of the kept boxes, best first.
    """
    places = with_offset(boxes, offset)
    left, rest = wide(scores).clone(), torch.arange(len(boxes), device=boxes.device)
    kept: list[Tensor] = []
    while len(rest):
        best = rest[left[rest].argmax()]
        dets[len(kept)] = torch.cat([boxes[best], left[best, None]])
        kept.append(best)
        rest = rest[rest != best]
        overlaps = iou(places[best], places[rest])
        left[rest] *= softened(overlaps, iou_threshold, sigma, method)
        rest = rest[left[rest] >= min_score]
    return torch.stack(kept) if kept else rest


def softened(overlaps: Tensor, threshold: float, sigma: float, method: int) -> Tensor:
    """Return the factors of scores by overlaps with a better box; see `softnms`."""
    if method == 2:
        return torch.exp(-overlaps.square() / sigma)
    lowered = torch.zeros_like(overlaps) if method == 0 else 1 - overlaps
    return lowered.where(overlaps >= rounded(threshold), 1)


def nms_match(dets: Tensor, iou_threshold: float) -> list[list[int]]:
    """Group boxes with scores (N, 5): each kept box, then those that it suppresses."""
    boxes = wide(dets[:, :4])
    rest, groups = wide(dets[:, 4]).sort(descending=True, stable=True).indices, []
    while len(rest):
        best, others = rest[0], rest[1:]
        suppressed = iou(boxes[best], boxes[others]) >= rounded(iou_threshold)
        groups.append([best.item(), *others[suppressed].tolist()])
        rest = others[~suppressed]
    return groups
