"""Pictures are drawn into memory, and look as the toolboxes' own visualizers draw."""

from __future__ import annotations

import copy
import sys
import tempfile
from types import SimpleNamespace

import cv2
import mmcv
import numpy as np
import pytest
import torch
from drawing_case import (
    SIZE,
    changed,
    classification,
    detection,
    draw,
    pose,
    segmentation,
)
from mmengine.structures import InstanceData, PixelData

from hrnet_mm.drawing import canvas, class_names
from hrnet_mm.drawing.canvas import Pen, _lay, written

pytestmark = pytest.mark.slow
TASKS = [detection, segmentation, pose, classification]
NAMED = (420, 640)  # large enough for the names of classes on label maps


def scene(size: tuple[int, int] = SIZE) -> np.ndarray:
    """An image with all colours."""
    noise = np.random.default_rng(0).integers(0, 255, (8, 8, 3)).astype(np.uint8)
    return cv2.resize(noise, size[::-1], interpolation=cv2.INTER_CUBIC)


def theirs(visualizer, image, sample, tmp_path, **options) -> np.ndarray:
    """Read what the toolbox's visualizer itself writes."""
    path = tmp_path / 'theirs.png'
    method = getattr(visualizer, 'visualize_cls', None)
    options = dict(draw_gt=False, out_file=str(path)) | options
    if method is not None:
        method(image, sample, **options)
    else:
        visualizer.add_datasample('prediction', image, sample, **options)
    return mmcv.imread(str(path), channel_order='rgb')


def masks(boxes: bool = True):
    """Two instances with masks, the first one with a hole."""
    visualizer, sample = detection()
    drawn = np.zeros((2, *SIZE), bool)
    drawn[0, 35:85, 25:55] = True
    drawn[0, 50:70, 35:45] = False
    drawn[1, 40:80, 100:140] = True
    instances = sample.pred_instances
    instances.masks = torch.from_numpy(drawn)
    if not boxes:
        instances.bboxes = torch.zeros(2, 4)
    return visualizer, sample


def like(found: np.ndarray, expected: np.ndarray) -> float:
    """The share of the pixels whose colours are about the same."""
    return 1 - (np.abs(found.astype(int) - expected) > 40).any(-1).mean()


def refuse(*_, **__) -> None:
    pytest.fail('a file is written or read')


@pytest.mark.parametrize('draw_gt', [False, True])
@pytest.mark.parametrize('task', TASKS)
def test_no_file_is_written(task, draw_gt, monkeypatch):
    visualizer, sample = task()
    for module, names in {
        cv2: ('imwrite', 'imencode', 'imread', 'imdecode'),
        mmcv: ('imwrite', 'imread'),
        tempfile: ('mkdtemp', 'mkstemp', 'TemporaryFile'),
    }.items():
        for name in names:
            monkeypatch.setattr(module, name, refuse)
    assert changed(draw(visualizer, scene(), sample, draw_gt=draw_gt)).any()


@pytest.mark.parametrize('task', TASKS)
def test_nothing_goes_to_the_backends_of_a_training(task):
    visualizer, sample = task()
    sent = []
    backend = SimpleNamespace(add_image=lambda *given: sent.append(given))
    visualizer._vis_backends = dict(tracker=backend)
    assert draw(visualizer, scene(), sample) is not None
    assert not sent
    visualizer.add_image('other', scene())
    assert len(sent) == 1


@pytest.mark.parametrize('task', [*TASKS, masks])
def test_image_sample_and_visualizer_stay_as_they_are(task):
    visualizer, sample = task()
    image, before, kind = scene(), str(sample), type(visualizer)
    kept = {k: v for k, v in vars(visualizer).items() if k != '_dataset_meta'}
    draw(visualizer, image, sample)
    assert (image == scene()).all()
    assert str(sample) == before
    assert type(visualizer) is kind
    assert {k: v for k, v in vars(visualizer).items() if k != '_dataset_meta'} == kept


@pytest.mark.parametrize('size', [SIZE, NAMED])
def test_label_maps_are_those_of_the_toolbox(size, tmp_path):
    visualizer, _ = segmentation()
    from mmseg.structures import SegDataSample

    visualizer.dataset_meta = dict(
        classes=('road', 'sky', 'pole'), palette=[[255, 0, 0], [0, 0, 255], [9, 200, 9]]
    )
    labels = torch.zeros(1, *size, dtype=torch.long)
    labels[:, : size[0] // 3] = 1
    labels[:, -20:, 30:60] = 255  # ignored
    sample = SegDataSample(pred_sem_seg=PixelData(data=labels))
    found = draw(visualizer, scene(size), sample).astype(int)
    named = size == NAMED
    expected = theirs(visualizer, scene(size), sample, tmp_path, with_labels=named)
    assert np.abs(found - expected).max() <= 1


def test_key_points_are_those_of_the_toolbox(tmp_path):
    visualizer, sample = pose()
    found = draw(visualizer, scene(), sample)
    visualizer.set_dataset_meta(visualizer.dataset_meta)
    visualizer.radius, visualizer.line_width = 2, 1
    assert (found == theirs(visualizer, scene(), sample, tmp_path)).all()


@pytest.mark.parametrize('draw_gt', [False, True])
@pytest.mark.parametrize('task', [detection, classification, masks])
def test_it_looks_as_what_the_toolbox_draws(task, draw_gt, tmp_path):
    visualizer, sample = task()
    if task is masks:
        sample = resized(sample)
    image = np.full((*NAMED, 3), 128, np.uint8)
    np.random.seed(0)  # the toolbox jitters the colours of masks
    found = draw(visualizer, image, copy.deepcopy(sample), draw_gt=draw_gt)
    np.random.seed(0)
    expected = theirs(visualizer, image, sample, tmp_path, draw_gt=draw_gt)
    assert found.shape == expected.shape
    ours, theirs_ = changed(found), changed(expected)
    assert (ours & theirs_).sum() > 0.8 * (ours | theirs_).sum()
    assert like(found, expected) > 0.98


def resized(sample):
    """Masks for the large image, without the names, which are the same as of boxes."""
    instances = sample.pred_instances
    large = torch.zeros(2, *NAMED, dtype=torch.bool)
    large[:, : SIZE[0], : SIZE[1]] = instances.masks
    instances.masks = large
    return sample


def test_masks_without_boxes_have_names(tmp_path):
    visualizer, sample = masks(boxes=False)
    sample.pred_instances.scores[:] = 0.9
    grey = np.full((*SIZE, 3), 128, np.uint8)
    np.random.seed(0)
    found = draw(visualizer, grey, copy.deepcopy(sample))
    np.random.seed(0)
    expected = theirs(visualizer, grey, sample, tmp_path)
    assert like(found, expected) > 0.95
    name = np.s_[59:63, 105:135]  # below the middle of the second mask
    assert (found[name].max(-1) < 90).any()
    assert (expected[name].max(-1) < 90).any()


@pytest.mark.parametrize('kind', ['BitmapMasks', 'PolygonMasks'])
def test_masks_of_annotations(kind):
    visualizer, sample = masks()
    from mmdet.structures.mask import BitmapMasks, PolygonMasks

    square = [np.array([100.0, 40.0, 140.0, 40.0, 140.0, 80.0, 100.0, 80.0])]
    bitmap = sample.pred_instances.masks[1:].numpy().astype(np.uint8)
    sample.gt_instances = InstanceData(
        bboxes=torch.tensor([[98.0, 38.0, 142.0, 82.0]]),
        labels=torch.tensor([0]),
        masks=BitmapMasks(bitmap, *SIZE)
        if kind == 'BitmapMasks'
        else PolygonMasks([square], *SIZE),
    )
    grey = np.full((*SIZE, 3), 128, np.uint8)
    drawn = draw(visualizer, grey, sample, draw_gt=True)
    assert changed(drawn[60:76, 104:136]).all()
    assert not changed(drawn[90:, : SIZE[1]]).any()


def test_masks_below_the_threshold_or_empty_are_not_drawn():
    visualizer, sample = masks()
    sample.pred_instances.masks[0] = False
    grey = np.full((*SIZE, 3), 128, np.uint8)
    assert not changed(draw(visualizer, grey, sample))[:, 85:].any()


def test_panoptic_maps_are_drawn_too(tmp_path):
    visualizer, sample = detection()
    visualizer.dataset_meta = dict(classes=('person', 'sky'), palette=[(255, 0, 0)] * 2)
    del sample.pred_instances
    segments = torch.zeros(1, *SIZE, dtype=torch.long)
    segments[:, :60] = 1
    sample.pred_panoptic_seg = PixelData(sem_seg=segments)
    found = draw(visualizer, scene(), sample)
    assert like(found, theirs(visualizer, scene(), sample, tmp_path)) > 0.95


def test_a_visualizer_of_the_users_own_draws_itself():
    visualizer, sample = detection()

    class Framed(type(visualizer)):
        def draw_bboxes(self, bboxes, **options):
            assert 'matplotlib' in sys.modules
            return super().draw_bboxes(bboxes - bboxes, **options)

    framed = Framed(name='framed')
    framed.dataset_meta = visualizer.dataset_meta
    grey = np.full((*SIZE, 3), 128, np.uint8)
    drawn = changed(draw(framed, grey, sample))
    assert not drawn[80:].any()  # where the lower edge of the box would be


def test_what_lies_outside_of_the_image_is_left_out():
    pen = Pen(10, (255, 255, 255), (0, 0, 0), 0.8, 1)
    patch = written('name', pen)
    height, width = patch.shape[:2]
    grey = np.full((*SIZE, 3), 128, np.uint8)
    for x in (-2 * width, -3, SIZE[1] - 3, SIZE[1] + 9):
        for y in (-2 * height, -3, SIZE[0] - 3, SIZE[0] + 9):
            image = grey.copy()
            _lay(patch, image, x, y)
            where = changed(image)
            beside = np.ones_like(where)
            beside[max(y, 0) : max(y + height, 0), max(x, 0) : max(x + width, 0)] = (
                False
            )
            assert not (where & beside).any()
            assert where.any() == (-width < x < SIZE[1] and -height < y < SIZE[0])


@pytest.mark.parametrize('module', [canvas, class_names])
def test_texts_are_those_of_the_toolboxes(module, monkeypatch):
    texts = []
    monkeypatch.setattr(
        module, 'written', lambda text, pen: texts.append(text) or written(text, pen)
    )
    of_boxes = module is canvas
    visualizer, sample = detection() if of_boxes else classification()
    draw(visualizer, scene(), sample, score_thr=0.1)
    assert texts == (
        ['person: 90.0', 'person: 20.0'] if of_boxes else ['Prediction: 1, 0.90 (dog)']
    )


def test_texts_are_written_once_for_all_frames():
    pen = Pen(10, (255, 255, 255), (0, 0, 0), 0.8, 1)
    assert written('person: 90.0', pen) is written('person: 90.0', pen)
    lines = written('one\ntwo', pen).shape[0], written('one', pen).shape[0]
    assert lines[0] > 1.7 * lines[1]
