"""Label maps of streets hold train ids."""

import cv2
import numpy as np
import shapes_case
from shapes_case import SMALL

from hrnet_mm.data.shapes import STREET_CLASSES

made = shapes_case.made  # a fixture


def test_label_maps_hold_train_ids(made):
    maps = sorted((made / 'cityscapes').glob('gtFine/train/shapes/*'))
    assert len(maps) == SMALL['train']
    for path in maps:
        labels = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
        assert labels.shape == SMALL['size']
        assert (labels[0] == 255).all()
        assert (labels[2:-2, 2:-2] < len(STREET_CLASSES)).all()
        assert len(np.unique(labels)) > 8
