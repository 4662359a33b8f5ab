"""Every toolbox's predictions are drawn, and people of one image on one picture."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from mmengine.structures import InstanceData, PixelData
from mmengine.visualization import Visualizer

from hrnet_mm.drawing import draw
from hrnet_mm.errors import UserError
from hrnet_mm.training.report import ReportHook, _light, _merged

pytestmark = pytest.mark.slow
SIZE = (120, 160)
GREY = np.full((*SIZE, 3), 128, np.uint8)


def changed(drawn: np.ndarray) -> np.ndarray:
    """Where a picture is not grey any more, a mask (H, W)."""
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


@pytest.mark.parametrize('task', [detection, segmentation, pose, classification])
def test_predictions_are_drawn(task):
    visualizer, sample = task()
    drawn = draw(visualizer, GREY, sample)
    assert drawn.shape == GREY.shape
    assert changed(drawn).any()
    assert (GREY == 128).all()


def test_boxes_below_the_threshold_are_not_drawn():
    visualizer, sample = detection()
    assert not changed(draw(visualizer, GREY, sample))[:, 85:].any()
    assert changed(draw(visualizer, GREY, sample, score_thr=0.1))[:, 85:].any()


def test_label_maps_in_the_colours_of_their_classes():
    visualizer, sample = segmentation()
    drawn = draw(visualizer, GREY, sample).astype(int)
    upper, lower = drawn[:58].mean((0, 1)), drawn[62:].mean((0, 1))
    assert upper.argmax() == 2
    assert lower.argmax() == 0


@pytest.mark.parametrize('task', [detection, segmentation, pose])
def test_ground_truth_to_the_left(task):
    visualizer, sample = task()
    drawn = draw(visualizer, GREY, sample, draw_gt=True)
    assert drawn.shape == (SIZE[0], 2 * SIZE[1], 3)
    assert changed(drawn[:, : SIZE[1]]).any()


def test_people_of_one_image_are_drawn_together():
    (visualizer, first), (_, second) = pose(10.0), pose(100.0)
    merged = _merged([_light(first), _light(second)])
    assert len(merged.pred_instances.keypoints) == 2
    drawn = changed(draw(visualizer, GREY, merged))
    assert drawn[:, :60].any()
    assert drawn[:, 100:].any()


def test_images_of_the_sheet_are_evenly_spaced_and_complete():
    _, person = pose()
    hook = ReportHook(images=2)
    loader = SimpleNamespace(dataset=range(9))
    hook.before_val_epoch(SimpleNamespace(val_dataloader=loader))
    for path in 'aabbbccdd':  # people in images
        sample = person.clone()
        sample.set_metainfo(dict(img_path=path))
        hook.after_val_iter(None, 0, outputs=[sample])
    assert {path: len(those) for path, those in hook.samples.items()} == dict(a=2, c=2)


def test_what_is_large_is_not_kept():
    _, sample = segmentation()
    sample.seg_logits = PixelData(data=torch.zeros(19, *SIZE))
    assert 'seg_logits' not in _light(sample)
    assert 'seg_logits' in sample


def test_another_visualizer_is_an_error():
    with pytest.raises(UserError, match='Visualizer is no visualizer of mmdet, mmseg'):
        draw(Visualizer(), GREY, detection()[1])
