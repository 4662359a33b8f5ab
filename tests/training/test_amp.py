"""bfloat16 training leaves its features in float32."""

import pytest
import torch
from torch import nn

from hrnet_mm.training.amp import Bf16OptimWrapper, float32_outputs


def test_features_leave_bfloat16_in_float32():
    outputs = float32_outputs(None, (), (torch.ones(1, dtype=torch.bfloat16), [None]))
    assert outputs[0].dtype is torch.float32


@pytest.mark.slow
def test_operators_of_mmcv_work_under_bfloat16():
    from mmcv.ops import RoIAlign, nms

    model = nn.ModuleDict(dict(neck=nn.Conv2d(3, 8, 1)))
    wrapper = Bf16OptimWrapper(torch.optim.SGD(model.parameters(), lr=0.1))
    boxes = torch.tensor([[1.0, 1, 9, 9], [1, 1, 9, 8], [3, 3, 15, 15]])
    rois = torch.cat([torch.zeros(3, 1), boxes], 1)
    with wrapper.optim_context(model):
        features = model.neck(torch.randn(1, 3, 16, 16))
        raw = nn.functional.conv2d(features, torch.randn(8, 8, 1, 1))
        assert (features.dtype, raw.dtype) == (torch.float32, torch.bfloat16)
        pooled = RoIAlign(7, 1.0, 2)(raw, rois.bfloat16())
        kept, _ = nms(boxes.bfloat16(), torch.tensor([0.9, 0.8, 0.7]).bfloat16(), 0.5)
    assert pooled.dtype is torch.float32
    assert len(kept) == 2
    pooled.sum().backward()
    assert model.neck.weight.grad.dtype is torch.float32
