"""Every toolbox's predictions are drawn, and people of one image on one picture."""

from types import SimpleNamespace

import cv2
import numpy as np
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
from mmengine.config import Config
from mmengine.structures import PixelData
from mmengine.visualization import Visualizer

from hrnet_mm.errors import UserError
from hrnet_mm.toolboxes import TOOLBOXES
from hrnet_mm.training.report import ReportHook, _light, load_pixels

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


@pytest.fixture
def painted(tmp_path):
    """A file with four channels; blue is missing in its upper half, alpha is 0."""
    pixels = np.dstack([GREY, np.zeros(SIZE, np.uint8)])
    pixels[:60, :, 0] = 0
    cv2.imwrite(str(tmp_path / 'a.png'), pixels)
    return tmp_path / 'a.png', pixels


def reading(color_type):
    load = dict(type='LoadImageFromFile', color_type=color_type)
    return Config(dict(val_dataloader=dict(dataset=dict(pipeline=[load]))))


def test_the_sheet_shows_images_as_the_evaluation_loads_them(painted):
    path, pixels = painted
    assert (load_pixels(reading('unchanged'), str(path)) == pixels).all()
    assert load_pixels(reading('grayscale'), str(path)).shape == SIZE
    for other in ({}, dict(test_dataloader=dict(dataset=dict(pipeline=[])))):
        assert (load_pixels(Config(other), str(path)) == pixels[..., :3]).all()


@pytest.mark.parametrize('task', [detection, segmentation, classification])
@pytest.mark.parametrize('color_type', ['grayscale', 'unchanged'])
def test_images_of_any_number_of_channels_on_the_sheet(task, color_type, painted):
    visualizer, sample = task()
    sample.set_metainfo(dict(img_path=str(painted[0])))
    runner = SimpleNamespace(cfg=reading(color_type), visualizer=visualizer)
    toolbox = TOOLBOXES[type(visualizer).__module__.split('.')[0]]
    drawn = ReportHook()._drawn(runner, toolbox, sample)
    assert drawn.dtype == np.uint8
    assert drawn.shape[2] == 3
    if color_type == 'grayscale' and task is not segmentation:
        assert (drawn[0, -1] == drawn[0, -1, 0]).all()
