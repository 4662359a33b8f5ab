"""mmpose draws key points on what is installed today."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip('mmcv')


def test_mmpose_draws_key_points_with_a_radius_that_is_an_array():
    pytest.importorskip('mmpose')
    from mmpose.visualization.opencv_backend_visualizer import OpencvBackendVisualizer

    picture = np.zeros((20, 20, 3), np.uint8)
    drawer = OpencvBackendVisualizer(backend='opencv')
    drawer.set_image(picture)
    drawer.draw_circles(np.array([9.0, 9.0]), np.array([4]), face_colors=(9, 9, 9))
    assert drawer.get_image()[9, 9].tolist() != [0, 0, 0]
