"""Predictions are drawn by the toolbox that a visualizer is of."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from mmengine.structures import InstanceData, PixelData

from hrnet_mm.toolboxes import TOOLBOXES


def draw(visualizer, image, sample, **options) -> np.ndarray:
    """Draw a sample as the visualizer's own toolbox does."""
    packages = [kind.__module__.split('.')[0] for kind in type(visualizer).__mro__]
    toolbox = next(
        TOOLBOXES[name] for name in [*packages, 'mmdet'] if name in TOOLBOXES
    )
    return toolbox.draw(visualizer, image, sample, **options)


SIZE = (120, 160)
GREY = np.full((*SIZE, 3), 128, np.uint8)


def changed(drawn: np.ndarray) -> np.ndarray:
    """Mark where a picture is not grey any more, in a mask (H, W)."""
    return (np.abs(drawn.astype(int) - 128) > 8).any(-1)


def detection():
    pytest.importorskip('mmdet')
    from mmdet.structures import DetDataSample
    from mmdet.visualization import DetLocalVisualizer

    visualizer = DetLocalVisualizer()
    visualizer.dataset_meta = dict(classes=('person',), palette=[(255, 0, 0)])
    boxes = InstanceData(
        bboxes=torch.tensor([[20.0, 30.0, 60.0, 90.0], [90.0, 30.0, 150.0, 90.0]]),
        labels=torch.tensor([0, 0]),
        scores=torch.tensor([0.9, 0.2]),
    )
    return visualizer, DetDataSample(pred_instances=boxes, gt_instances=boxes[:1])


def segmentation():
    pytest.importorskip('mmseg')
    from mmseg.structures import SegDataSample
    from mmseg.visualization import SegLocalVisualizer

    visualizer = SegLocalVisualizer()
    visualizer.dataset_meta = dict(
        classes=('road', 'sky'), palette=[(255, 0, 0), (0, 0, 255)]
    )
    labels = torch.zeros(1, *SIZE, dtype=torch.long)
    labels[:, :60] = 1
    field = PixelData(data=labels)
    return visualizer, SegDataSample(pred_sem_seg=field, gt_sem_seg=field)


def pose(left: float = 20.0):
    pytest.importorskip('mmpose')
    from mmpose.datasets.datasets.utils import parse_pose_metainfo
    from mmpose.structures import PoseDataSample
    from mmpose.visualization import PoseLocalVisualizer

    visualizer = PoseLocalVisualizer()
    visualizer.dataset_meta = parse_pose_metainfo(
        dict(from_file='configs/_base_/datasets/coco.py')
    )
    points = np.random.default_rng(0).uniform((left, 30), (left + 40, 90), (1, 17, 2))
    scores = np.full((1, 17), 0.9)
    people = InstanceData(
        keypoints=points, keypoint_scores=scores, keypoints_visible=scores
    )
    meta = dict(img_path='a.png')
    return visualizer, PoseDataSample(
        metainfo=meta, pred_instances=people, gt_instances=people
    )


def classification():
    pytest.importorskip('mmpretrain')
    from mmpretrain.structures import DataSample
    from mmpretrain.visualization import UniversalVisualizer

    visualizer = UniversalVisualizer()
    visualizer.dataset_meta = dict(classes=('cat', 'dog'))
    scores = torch.tensor([0.1, 0.9])
    return visualizer, DataSample().set_pred_score(scores).set_pred_label(1)
