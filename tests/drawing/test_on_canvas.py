"""Every toolbox's predictions are drawn, and people of one image on one picture."""

from types import SimpleNamespace

import pytest
import torch
from drawing_case import (
    GREY,
    SIZE,
    changed,
    classification,
    detection,
    draw,
    pose,
    segmentation,
)
from mmengine.structures import PixelData
from mmengine.visualization import Visualizer

from hrnet_mm.errors import UserError
from hrnet_mm.toolboxes import TOOLBOXES
from hrnet_mm.training.report import ReportHook, _light

pytestmark = pytest.mark.slow


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
    merged = TOOLBOXES['mmpose'].merged([_light(first), _light(second)])
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
    with pytest.raises(UserError, match='Visualizer is no visualizer of mmdet. Name'):
        draw(Visualizer(), GREY, detection()[1])
