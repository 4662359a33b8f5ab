"""Several views of an image, at several scales and mirrored, to one label map."""

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
    """Test-time augmentation as the official segmentation code has it.

    Logits of an image and its mirror image are averaged; their exponentials are added
    over the scales. (mmseg's SegTTAModel averages probabilities of all views.)
    Official HRNet-Semantic-Segmentation, lib/datasets/base_dataset.py, lip.py.

    Args:
        module: The segmentor's config.
        mirrored_classes: Pairs of classes that a mirror exchanges, as left arm and
            right arm.
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
        """One sample per image from the samples of its views."""
        return [self.merge(views) for views in data_samples_list]

    def merge(self, views: Sequence[Any]) -> Any:
        """The first view's sample with labels and logits of all views."""
        by_scale = defaultdict(list)
        for view in views:
            by_scale[view.metainfo['scale_factor']].append(self.logits(view))
        scales = [reduce(torch.add, those) / len(those) for those in by_scale.values()]
        # log(sum(exp)): the order is that of the sum, which would overflow.
        logits = reduce(torch.logaddexp, scales)
        merged = views[0]
        merged.set_data(
            dict(
                seg_logits=PixelData(data=logits),
                pred_sem_seg=PixelData(data=logits.argmax(dim=0, keepdim=True)),
            )
        )
        return merged

    def logits(self, view: Any) -> Tensor:
        """(classes, H, W) of a view; mmseg has mirrored the map back already."""
        logits = view.seg_logits.data
        if not view.metainfo.get('flip'):
            return logits
        order = list(range(len(logits)))
        for left, right in self.mirrored_classes:
            order[left], order[right] = right, left
        return logits[order]
