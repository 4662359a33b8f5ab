"""Boxes are chosen equally in any type of numbers."""

from __future__ import annotations

import pytest
import torch
from operator_cases import boxes, normal

from hrnet_mm.ops import extension

pytest.importorskip('mmcv')


@pytest.mark.parametrize('dtype', [torch.float16, torch.bfloat16, torch.float64])
def test_suppression_in_other_types(dtype):
    box, score = boxes(0, 60).round().to(dtype), normal(1, 60).to(dtype)
    kept = extension.nms(box, score, 0.5, 0)
    assert kept.tolist() == extension.nms(box.float(), score.float(), 0.5, 0).tolist()
    assert extension.nms(box, score.float(), 0.5, 0).tolist() == kept.tolist()
    groups = extension.nms_match(torch.cat([box, score[:, None]], 1), 0.5)
    assert sorted(i for group in groups for i in group) == list(range(60))


def test_an_overlap_that_equals_the_threshold_stays():
    box = torch.tensor([[0.0, 0, 10, 10], [0, 0, 10, 3]])  # overlap 0.3
    assert extension.nms(box, torch.tensor([0.9, 0.8]), 0.3, 0).tolist() == [0, 1]
