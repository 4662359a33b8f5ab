"""Label maps are checked when they are loaded, before anything else happens to them."""

from __future__ import annotations

from typing import Any

import mmcv
import numpy as np
from mmcv.transforms import BaseTransform, LoadAnnotations
from mmengine import fileio

from ..errors import UserError
from ..registry import TRANSFORMS


@TRANSFORMS.register_module()
class LoadLabelMaps(LoadAnnotations):
    """This transform loads label maps of up to 16 bits, for more than 255 classes.

    It replaces mmseg's `LoadAnnotations`, which keeps 8 bits: of 256 it makes 0. Set
    the same `ignore_index` in the data set, the heads, the evaluator and `CheckLabels`,
    and `seg_pad_val` of the data preprocessor.

    Args:
        ignore_index: Label of the pixels that do not count. With 256 classes or more it
            cannot be 255, which is a class.
        imdecode_backend: Library that decodes the files, as for mmcv.
        backend_args: Arguments of the file backend, as for mmcv.
    """

    def __init__(
        self,
        ignore_index: int = 65_535,
        imdecode_backend: str = 'pillow',
        backend_args: dict | None = None,
    ) -> None:
        super().__init__(
            with_bbox=False,
            with_label=False,
            with_seg=True,
            imdecode_backend=imdecode_backend,
            backend_args=backend_args,
        )
        self.unlabelled = ignore_index

    def _load_seg_map(self, results: dict[str, Any]) -> None:
        """Load a label map (H, W) as 16 bits, renumbered as the data set says."""
        content = fileio.get(results['seg_map_path'], self.backend_args)
        backend = self.imdecode_backend
        stored = mmcv.imfrombytes(content, flag='unchanged', backend=backend)
        labels = stored.astype(np.int64)
        if results.get('reduce_zero_label'):
            none = (labels == 0) | (labels == self.unlabelled)
            labels = np.where(none, self.unlabelled, labels - 1)
        renumbered = labels.copy()
        for old, new in (results.get('label_map') or {}).items():
            renumbered[labels == old] = self.unlabelled if new == 255 else new
        results['gt_seg_map'] = renumbered.astype(np.uint16)
        results['seg_fields'].append('gt_seg_map')


@TRANSFORMS.register_module()
class CheckLabels(BaseTransform):
    """This transform checks that a label map has its image's size and valid classes.

    It follows `LoadAnnotations` in a pipeline. On an invalid class mmseg's losses fail
    without naming the file, and its metrics silently leave the pixel out. An image
    without labels passes, since the toolbox's inferencers remove `LoadAnnotations` from
    a pipeline.

    Args:
        num_classes: Number of classes; labels are 0 to `num_classes` - 1.
        ignore_index: Label of the pixels that do not count.
    """

    def __init__(self, num_classes: int, ignore_index: int = 255) -> None:
        self.num_classes = num_classes
        self.ignore_index = ignore_index

    def transform(self, results: dict[str, Any]) -> dict[str, Any]:
        """Check the label map and return `results` unchanged.

        Raises:
            UserError: The label map has another size than its image, more than one
                channel, values that are no class, or too few bits for the classes.
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
        if labels.dtype == np.uint8 and self.num_classes > 256:
            raise UserError(
                f'the label map {path} has been loaded with 8 bits, too few for '
                f'{self.num_classes} classes. In the pipelines, set '
                "dict(type='hrnet_mm.LoadLabelMaps', "
                f'ignore_index={self.ignore_index}) in place of LoadAnnotations'
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
