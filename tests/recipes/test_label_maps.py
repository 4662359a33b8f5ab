"""Label maps with values that are no class are named."""

from __future__ import annotations

import re

import cv2
import numpy as np
import pytest

from hrnet_mm.errors import UserError
from hrnet_mm.recipes.label_maps import CheckLabels, LoadLabelMaps


def results(labels: np.ndarray, **more) -> dict:
    return dict(
        gt_seg_map=labels, seg_map_path='gtFine/a.png', ori_shape=labels.shape, **more
    )


def test_labels_in_range_pass():
    labels = np.array([[0, 18], [255, 7]], np.uint8)
    assert CheckLabels(19)(results(labels))['gt_seg_map'] is labels


def test_labels_out_of_range_are_named():
    labels = np.array([[0, 19], [33, 33]], np.uint8)
    expected = (
        'the label map gtFine/a.png has values that are no class: 19, 33 (3 pixels).\n'
        'Allowed are 0 to 18, and 255 (not counted).\n'
    )
    with pytest.raises(UserError, match=re.escape(expected)):
        CheckLabels(19)(results(labels))


def test_labels_without_zero_are_named_as_in_the_file():
    labels = np.array([[0, 149], [255, 150]], np.uint8)
    expected = '151 (1 pixels).\nAllowed are 1 to 150, and 0 and 255 (not counted).'
    with pytest.raises(UserError, match=re.escape(expected)):
        CheckLabels(150)(results(labels, reduce_zero_label=True))


def test_pictures_are_no_label_maps():
    picture = results(np.zeros((4, 6, 3), np.uint8))
    with pytest.raises(UserError, match=re.escape('(4, 6, 3), its image has 4 x 6')):
        CheckLabels(19)(picture)


def test_eight_bits_are_too_few_for_300_classes():
    labels = np.zeros((4, 6), np.uint8)
    expected = (
        'the label map gtFine/a.png has been loaded with 8 bits, too few for 300 '
        "classes. In the pipelines, set dict(type='hrnet_mm.LoadLabelMaps', "
        'ignore_index=65535) in place of LoadAnnotations'
    )
    with pytest.raises(UserError, match=f'^{re.escape(expected)}$'):
        CheckLabels(300, 65_535)(results(labels))
    assert CheckLabels(256, 65_535)(results(labels))


def loaded(tmp_path, labels, ignore_index=65_535, **more) -> np.ndarray:
    path = tmp_path / 'a.png'
    cv2.imwrite(str(path), np.array(labels, np.uint16))
    step = LoadLabelMaps(ignore_index=ignore_index)
    return step(dict(seg_map_path=str(path), seg_fields=[], **more))['gt_seg_map']


def test_sixteen_bits_are_kept(tmp_path):
    values = [[0, 255, 256], [299, 65_535, 1]]
    assert loaded(tmp_path, values).tolist() == values
    reduced = loaded(tmp_path, values, reduce_zero_label=True).tolist()
    assert reduced == [[65_535, 254, 255], [298, 65_535, 0]]
    renumbered = {0: 255, 255: 0, 256: 1, 299: 299, 1: 2}
    mapped = loaded(tmp_path, values, label_map=renumbered).tolist()
    assert mapped == [[65_535, 0, 1], [299, 65_535, 2]]
    assert loaded(tmp_path, [[0, 7, 255]], 255, reduce_zero_label=True).tolist() == [
        [255, 6, 255]
    ]


def test_eight_bits_are_loaded_as_by_mmseg(tmp_path):
    pytest.importorskip('mmseg')
    from mmseg.datasets.transforms import LoadAnnotations

    path = tmp_path / 'a.png'
    cv2.imwrite(str(path), np.array([[0, 3, 255]] * 2, np.uint8))
    made = dict(seg_map_path=str(path), reduce_zero_label=True)
    theirs = LoadAnnotations()(dict(made, seg_fields=[]))['gt_seg_map']
    ours = LoadLabelMaps(255)(dict(made, seg_fields=[]))['gt_seg_map']
    assert ours.tolist() == theirs.tolist() == [[255, 2, 255]] * 2


def test_300_classes_from_the_file_to_the_metric(tmp_path):
    pytest.importorskip('mmseg')
    import torch
    from mmseg.datasets.transforms import PackSegInputs
    from mmseg.evaluation import IoUMetric
    from mmseg.models import FCNHead

    truth = np.array([[0, 256, 299, 65_535]] * 4)
    labels = CheckLabels(300, 65_535)(results(loaded(tmp_path, truth)))['gt_seg_map']
    image = dict(img=np.zeros((4, 4, 3), np.uint8), gt_seg_map=labels)
    sample = PackSegInputs(meta_keys=())(image)['data_samples']
    sample.set_metainfo(dict(img_shape=(4, 4), ori_shape=(4, 4)))
    torch.manual_seed(0)
    head = FCNHead(
        in_channels=8,
        channels=8,
        num_convs=0,
        concat_input=False,
        num_classes=300,
        ignore_index=65_535,
        dropout_ratio=0,
        loss_decode=dict(type='hrnet_mm.PixelCrossEntropy'),
    )
    step = torch.optim.Adam(head.parameters(), 0.1)
    maps = [torch.eye(4).repeat(2, 4).view(1, 8, 4, 4)]
    for _ in range(60):
        loss = head.loss(maps, [sample], None)['loss_ce']
        step.zero_grad()
        loss.backward()
        step.step()
    scores = head(maps)
    assert loss.item() < 0.01
    metric = IoUMetric(ignore_index=65_535)
    metric.dataset_meta = dict(classes=[str(i) for i in range(300)])
    found = scores.argmax(1)
    record = dict(
        pred_sem_seg=dict(data=found), gt_sem_seg=dict(data=sample.gt_sem_seg.data)
    )
    metric.process({}, [record])
    assert metric.evaluate(1)['mIoU'] == 100
    assert set(found.unique().tolist()) >= {0, 256, 299}
