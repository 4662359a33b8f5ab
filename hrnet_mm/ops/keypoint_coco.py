"""Pycocotools provides what mmpose uses of xtcocotools, its COCO evaluation.

Key points need more than pycocotools has: sigmas of any data set, parts of a whole
body, objects without an area, CrowdPose's metrics, and results without an object.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
from pycocotools import coco as plain_coco
from pycocotools import cocoeval as plain_cocoeval
from pycocotools import mask

__all__ = ['COCO', 'COCOeval', 'mask']

# Part -> the fields whose key points, joined, are the part's key points.
PARTS = {
    'foot': ('foot_kpts',),
    'face': ('face_kpts',),
    'lefthand': ('lefthand_kpts',),
    'righthand': ('righthand_kpts',),
    'wholebody': (
        'keypoints',
        'foot_kpts',
        'face_kpts',
        'lefthand_kpts',
        'righthand_kpts',
    ),
}
# Assumed share of a person's box that the person covers, if no area is annotated.
AREA_OF_BOX = 0.53
# CrowdPose's levels of difficulty, by the crowd index of an image, 0 to 1.
CROWD_NAMES = ('AP', 'AP.50', 'AP.75', 'AR', 'AR.50', 'AR.75', 'easy', 'medium', 'hard')
CROWD_LEVELS = ((0, 0.2), (0.2, 0.8), (0.8, np.inf))


class COCO(plain_coco.COCO):
    """This class extends pycocotools' to files with fewer fields, and empty results.

    The fields are `iscrowd` and `num_keypoints`.
    """

    def __init__(self, annotation_file: str | None = None) -> None:
        super().__init__(annotation_file)
        self.anno_file = [annotation_file]
        for annotation in self.dataset.get('annotations', []):
            annotation.setdefault('iscrowd', False)
            labelled = np.array(annotation.get('keypoints', [])[2::3]) > 0
            annotation.setdefault('num_keypoints', int(labelled.sum()))

    def loadRes(self, resFile: Any) -> plain_coco.COCO:  # noqa: N802, N803  their names
        """Make a data set of the results in a file or list, on the same images."""
        if isinstance(resFile, str):
            resFile = json.loads(Path(resFile).read_text())  # noqa: N806
        if len(resFile):
            return super().loadRes(resFile)
        empty = copy.copy(self)
        empty.dataset = {**self.dataset, 'annotations': []}
        empty.createIndex()
        return empty


class COCOeval(plain_cocoeval.COCOeval):
    """This class evaluates boxes, masks, and key points of any number.

    Args:
        cocoGt: Annotations.
        cocoDt: Results.
        iouType: `'bbox'`, `'segm'`, `'keypoints'`, `'keypoints_crowd'`, or
            `'keypoints_'` and one of `PARTS` or `'body'`.
        sigmas: Tolerance of each key point; None for those of COCO's 17.
        use_area: True to take each object's area from its annotation, not its box.
    """

    def __init__(
        self,
        cocoGt: Any = None,  # noqa: N803  their names
        cocoDt: Any = None,  # noqa: N803
        iouType: str = 'keypoints',  # noqa: N803
        sigmas: np.ndarray | None = None,
        use_area: bool = True,
    ) -> None:
        kind, _, self.part = iouType.partition('_')
        super().__init__(cocoGt, cocoDt, kind)
        self.use_area = use_area
        if sigmas is not None:
            self.params.kpt_oks_sigmas = np.array(sigmas)

    def _prepare(self) -> None:
        """Prepare as pycocotools does, then set each object's key points and area."""
        super()._prepare()
        if self.params.iouType != 'keypoints':
            return
        for key, objects in list(self._gts.items()):
            self._gts[key] = [self.seen(gt) for gt in objects]
        for key, found in list(self._dts.items()):
            poses = [self.posed(dt) for dt in found]
            self._dts[key] = [dt for dt in poses if np.any(dt['keypoints'][2::3])]

    def posed(self, object: dict[str, Any]) -> dict[str, Any]:
        """Return a copy of an object that has the part's key points and score."""
        points = [p for f in PARTS.get(self.part, ['keypoints']) for p in object[f]]
        score = object.get(f'{self.part}_score', object.get('score'))
        return {**object, 'keypoints': points, 'score': score}

    def seen(self, gt: dict[str, Any]) -> dict[str, Any]:
        """Return a copy of an annotated object, ignored if it has no key point."""
        gt = self.posed(gt)
        if not self.use_area or 'area' not in gt:
            gt['area'] = gt['bbox'][2] * gt['bbox'][3] * AREA_OF_BOX
        count = np.count_nonzero(np.array(gt['keypoints'][2::3]) > 0)
        if self.part == 'crowd':
            count = gt['num_keypoints']  # counts visible key points only
        gt['ignore'] = bool(gt.get('iscrowd')) or count == 0
        return gt

    def summarize(self) -> None:
        """Print the metrics and keep them in `stats`.

        There are ten for key points and nine for CrowdPose.
        """
        if self.part != 'crowd':
            super().summarize()
            return
        self.stats = np.array([*self.all_sizes(), *self.crowd_levels()])
        lines = zip(CROWD_NAMES, self.stats, strict=True)
        print('\n'.join(f' {name:<7} = {x:.3f}' for name, x in lines))

    def all_sizes(self) -> Iterator[float]:
        """Yield AP, then AR, of objects of all sizes, or -1 where there are none.

        Each comes over all thresholds, at 0.5 and at 0.75.
        """
        thresholds = self.params.iouThrs
        chosen: list[np.ndarray] = [np.arange(len(thresholds))]
        chosen += [np.flatnonzero(np.isclose(thresholds, t)) for t in (0.5, 0.75)]
        for values in (self.eval['precision'], self.eval['recall']):
            for rows in chosen:
                of_all = values[rows][..., 0, 0]  # areas of any size, 20 results
                known = of_all[of_all > -1]
                yield float(known.mean()) if known.size else -1.0

    def crowd_levels(self) -> Iterator[float]:
        """Yield the AP of the images of each level, to four digits like xtcocotools."""
        for low, high in CROWD_LEVELS:
            images = self.cocoGt.dataset['images']
            part = COCOeval(
                self.cocoGt,
                self.cocoDt,
                'keypoints_crowd',
                self.params.kpt_oks_sigmas,
                self.use_area,
            )
            part.params.imgIds = [
                image['id'] for image in images if low <= image['crowdIndex'] < high
            ]
            with redirect_stdout(StringIO()):
                part.evaluate()
                part.accumulate()
            yield round(next(part.all_sizes()), 4)
