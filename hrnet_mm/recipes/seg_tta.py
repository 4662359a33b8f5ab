"""Test-time augmentation makes one label map of several views of an image.

The views have several scales, and each may be mirrored.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import reduce
from typing import Any

import torch
from mmengine.model import BaseTTAModel
from mmengine.structures import PixelData
from torch import Tensor

from ..registry import MODELS


@MODELS.register_module()
class SegmentationTTA(BaseTTAModel):
    """This model merges views of an image as the official segmentation code does.

    The logits of an image and its mirror image are averaged; then their exponentials
    are summed over the scales. (mmseg's SegTTAModel averages the probabilities of all
    views.) Source: official HRNet-Semantic-Segmentation, lib/datasets/base_dataset.py
    and lip.py.

    A head with one output channel has a probability for each pixel in place of logits.
    It is averaged over all views, as mmseg means to do, and compared with the
    `threshold` of the head.

    Args:
        module: Config of the segmentor.
        mirrored_classes: Pairs of classes that mirroring exchanges, such as left arm
            and right arm.
        data_preprocessor: See mmengine's BaseTTAModel.
    """

    def __init__(
        self,
        module: Any,
        mirrored_classes: Sequence[tuple[int, int]] = (),
        data_preprocessor: dict | None = None,
    ) -> None:
        super().__init__(module, data_preprocessor)
        self.mirrored_classes = mirrored_classes

    def merge_preds(self, data_samples_list: Sequence[Sequence[Any]]) -> list[Any]:
        """Merge the samples of each image's views into one sample per image."""
        return [self.merge(views) for views in data_samples_list]

    def merge(self, views: Sequence[Any]) -> Any:
        """Return the first view's sample with the labels and logits of all views."""
        binary = len(views[0].seg_logits.data) == 1
        logits, labels = self.probabilities(views) if binary else self.scales(views)
        merged = views[0]
        merged.set_data(
            dict(seg_logits=PixelData(data=logits), pred_sem_seg=PixelData(data=labels))
        )
        return merged

    def probabilities(self, views: Sequence[Any]) -> tuple[Tensor, Tensor]:
        """Return probabilities and labels of a head with one channel, both (1, H, W).

        The labels are of the probabilities' type, as those that mmseg makes.
        """
        # mmseg has taken the sigmoid of each view, and mirrored it back.
        mean = reduce(torch.add, [view.seg_logits.data for view in views]) / len(views)
        threshold = self.module.decode_head.threshold
        return mean, (mean > threshold).to(mean)

    def scales(self, views: Sequence[Any]) -> tuple[Tensor, Tensor]:
        """Return logits (classes, H, W) and labels (1, H, W) of a head with classes."""
        by_scale = defaultdict(list)
        for view in views:
            by_scale[view.metainfo['scale_factor']].append(self.logits(view))
        scales = [reduce(torch.add, those) / len(those) for those in by_scale.values()]
        # The logarithm keeps the classes' order, and the sum itself would overflow.
        logits = reduce(torch.logaddexp, scales)
        return logits, logits.argmax(dim=0, keepdim=True)

    def logits(self, view: Any) -> Tensor:
        """Return the logits of a view, (classes, H, W), as if it were not mirrored.

        mmseg has mirrored the map back already; here the classes are exchanged.
        """
        logits = view.seg_logits.data
        if not view.metainfo.get('flip'):
            return logits
        order = list(range(len(logits)))
        for left, right in self.mirrored_classes:
            order[left], order[right] = right, left
        return logits[order]
