"""What is checked of label maps before anything is made of them."""

from __future__ import annotations

from typing import Any

import numpy as np
from mmcv.transforms import BaseTransform

from ..errors import UserError
from ..registry import TRANSFORMS


@TRANSFORMS.register_module()
class CheckLabels(BaseTransform):
    """A label map must have its image's size and no class that does not exist.

    Stands behind `LoadAnnotations`. mmseg's losses stop at such a value without naming
    the file, its metrics leave it out without a word. An image without labels passes:
    the toolbox's inferencers take `LoadAnnotations` out of a pipeline.

    Args:
        num_classes: Labels are 0 to `num_classes` - 1.
        ignore_index: The label of pixels that do not count.
    """

    def __init__(self, num_classes: int, ignore_index: int = 255) -> None:
        self.num_classes = num_classes
        self.ignore_index = ignore_index

    def transform(self, results: dict[str, Any]) -> dict[str, Any]:
        """Return `results` as they are.

        Raises:
            UserError: Another size or number of channels, or values out of range.
        """
        if 'gt_seg_map' not in results:
            return results
        labels, path = results['gt_seg_map'], results['seg_map_path']
        height, width = results['ori_shape'][:2]
        if labels.shape != (height, width):
            raise UserError(
                f'the label map {path} is an array of {labels.shape}, its image has '
                f'{height} x {width} pixels. A label map has one channel, the class of '
                "each pixel, and its image's size"
            )
        wrong = (labels >= self.num_classes) & (labels != self.ignore_index)
        if wrong.any():
            raise UserError(self._message(path, labels[wrong], results))
        return results

    def _message(self, path: str, wrong: np.ndarray, results: dict[str, Any]) -> str:
        shift = int(bool(results.get('reduce_zero_label')))
        values, counts = np.unique(wrong.astype(int) + shift, return_counts=True)
        shown = ', '.join(map(str, values[:10])) + (', ...' if len(values) > 10 else '')
        ignored = f'{self.ignore_index} (not counted)'
        if shift:
            ignored = f'0 and {ignored}'
        return (
            f'the label map {path} has values that are no class: {shown} '
            f'({counts.sum()} pixels).\n'
            f'Allowed are {shift} to {self.num_classes - 1 + shift}, and {ignored}.\n'
            'Convert the label maps to train ids (Cityscapes: the files '
            '*_labelTrainIds.png), or give data set, CheckLabels and heads the number '
            'of classes that these have'
        )
