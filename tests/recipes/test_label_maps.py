"""Label maps with values that are no class are named."""

from __future__ import annotations

import re

import numpy as np
import pytest

from hrnet_mm.errors import UserError
from hrnet_mm.recipes.label_maps import CheckLabels


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
