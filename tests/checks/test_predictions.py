"""Fields with NaN are found in the predictions of every toolbox."""

import numpy as np
import pytest
import torch
from mmengine.structures import BaseDataElement, InstanceData

from hrnet_mm.checks.predictions import is_finite, not_finite

NAN, INF = float('nan'), float('inf')


def sample(**changes) -> BaseDataElement:
    fields = dict(
        bboxes=torch.ones(2, 4),
        scores=torch.ones(2),
        labels=torch.ones(2, dtype=torch.long),
        keypoints=np.ones((2, 17, 2)),
        **changes,
    )
    return BaseDataElement(pred_instances=InstanceData(**fields))


def test_finite_predictions():
    assert not_finite(sample()) == not_finite(None) == []
    assert not_finite(sample(masks=torch.ones(2, 3, 3, dtype=torch.bool))) == []
    assert not_finite(BaseDataElement(pred_label=torch.tensor([1]))) == []


@pytest.mark.parametrize('odd', [NAN, INF, -INF])
def test_fields_that_are_not_finite(odd):
    found = sample()
    found.pred_instances.bboxes[1, 2] = odd
    found.pred_instances.keypoints[1, 2, 0] = odd
    found.pred_score = torch.tensor([0.5, odd])
    found.gt_instances = InstanceData(bboxes=torch.full((1, 4), odd))
    assert not_finite(found) == [
        'pred_instances.bboxes', 'pred_instances.keypoints', 'pred_score'
    ]  # fmt: skip


@pytest.mark.parametrize('odd', [NAN, INF])
@pytest.mark.parametrize('kind', [torch.float16, torch.bfloat16, torch.float64])
def test_numbers_of_all_kinds(kind, odd):
    large = torch.full((300, 300), torch.finfo(torch.float16).max, dtype=kind)
    assert is_finite(large)
    large[7, 7] = odd
    assert not is_finite(large)
    assert not is_finite(odd)
    assert not is_finite(np.float32([1, odd]))
    # Their sum is infinite, but they are not.
    assert is_finite(torch.full((9,), 3e38))
    for value in (None, 'nan', 5, [odd], np.ones(3, np.int64), torch.empty(0)):
        assert is_finite(value)
