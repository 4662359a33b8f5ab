"""Several views of an image, at several scales and mirrored, to one label map."""

from __future__ import annotations

from types import SimpleNamespace

import torch
from config_case import read
from mmengine.structures import PixelData
from torch import nn

from hrnet_mm.recipes import SegmentationTTA


class View(SimpleNamespace):
    def set_data(self, data: dict) -> None:
        vars(self).update(data)


def view(logits: torch.Tensor, scale: float, flip: bool) -> View:
    metainfo = dict(scale_factor=(scale, scale), flip=flip)
    return View(seg_logits=PixelData(data=logits), metainfo=metainfo)


def test_views_are_merged_as_in_the_official_code():
    logits = 50 * torch.randn(4, 3, 2, 5, generator=torch.Generator().manual_seed(0))
    views = [
        view(logits[0], 1.0, False),
        view(logits[1], 1.0, True),
        view(logits[2], 2.0, False),
        view(logits[3], 2.0, True),
    ]
    [merged] = SegmentationTTA(nn_model()).merge_preds([views])
    pairs = (logits[0::2] + logits[1::2]) / 2
    expected = pairs.double().exp().sum(0)
    assert torch.equal(merged.pred_sem_seg.data, expected.argmax(0, keepdim=True))
    torch.testing.assert_close(merged.seg_logits.data, expected.log().float())


def test_mirrored_views_exchange_left_and_right():
    logits = torch.randn(20, 2, 3, generator=torch.Generator().manual_seed(0))
    cfg = read('fcn_hrnetv2_w48_lip').tta_model
    model = SegmentationTTA(nn_model(), cfg.mirrored_classes)
    mirrored = logits[[*range(14), 15, 14, 17, 16, 19, 18]]
    assert torch.equal(model.logits(view(logits, 1.0, True)), mirrored)
    assert torch.equal(model.logits(view(logits, 1.0, False)), logits)
    both = model.merge([view(logits, 1.0, False), view(mirrored, 1.0, True)])
    torch.testing.assert_close(both.seg_logits.data, logits)


def nn_model() -> nn.Module:
    model = nn.Identity()
    model.test_step = None
    return model
