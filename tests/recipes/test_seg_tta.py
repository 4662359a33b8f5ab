"""Several views of an image, at several scales and mirrored, to one label map."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
import torch
from config_case import parsed, read
from mmengine.registry import MODELS
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


def test_the_probabilities_of_a_head_with_one_channel_are_averaged():
    first, second = (
        torch.tensor(x).view(1, 1, 3) for x in ([0.1, 0.5, 0.7], [0.2, 0.6, 0.1])
    )
    views = [view(first, 1.0, False), view(second, 2.0, True)]
    merged = SegmentationTTA(nn_model(threshold=0.45), [(14, 15)]).merge(views)
    means = torch.tensor([[[0.15, 0.55, 0.4]]])
    torch.testing.assert_close(merged.seg_logits.data, means)
    assert merged.pred_sem_seg.data.tolist() == [[[0, 1, 0]]]


@pytest.mark.parametrize(
    'name', ['fcn_hrnetv2_w48_ade20k', 'ocr_hrnetv2_w48_pascal_context_59']
)
def test_one_view_of_a_binary_head_changes_nothing(name):
    cfg = parsed(name).model
    cfg.backbone.update(arch='w18_small_v1', norm_cfg=dict(type='BN'), init_cfg=None)
    heads = cfg.decode_head if isinstance(cfg.decode_head, list) else [cfg.decode_head]
    for head in heads:
        head.update(in_channels=[16, 32, 64, 128], norm_cfg=dict(type='BN'))
        head.update(channels=16, num_classes=2, out_channels=1, threshold=0.5)
    cfg.test_cfg = dict(mode='whole')
    segmentor = MODELS.build(cfg).eval()
    from mmseg.structures import SegDataSample

    sizes = dict.fromkeys(('img_shape', 'ori_shape', 'pad_shape'), (64, 96))
    meta = dict(sizes, scale_factor=(1.0, 1.0), flip=False)
    image = torch.randint(256, (3, 64, 96), dtype=torch.uint8)
    inputs = dict(inputs=[image], data_samples=[SegDataSample(metainfo=meta)])
    views = dict(inputs=[[image]], data_samples=[[SegDataSample(metainfo=meta)]])
    with torch.no_grad():
        [alone] = segmentor.test_step(inputs)
        segmentor.decode_head.threshold = float(alone.seg_logits.data.median())
        [alone] = segmentor.test_step(inputs)
        [merged] = SegmentationTTA(segmentor).test_step(views)
    assert torch.equal(merged.pred_sem_seg.data, alone.pred_sem_seg.data)
    assert torch.equal(merged.seg_logits.data, alone.seg_logits.data)
    assert merged.pred_sem_seg.data.unique().tolist() == [0, 1]


def nn_model(**head) -> nn.Module:
    model = nn.Identity()
    model.decode_head = SimpleNamespace(**head)
    model.test_step = None
    return model
