"""Pixels of any depth and number of channels become a picture."""

import numpy as np
import pytest

from hrnet_mm.drawing.pixels import as_rgb

NOISE = np.random.default_rng(0).integers(0, 256, (4, 5, 5), np.uint8)


@pytest.mark.parametrize('channels', [1, 2, 3, 4, 5])
@pytest.mark.parametrize('kind', [np.uint8, np.uint16, np.float32])
def test_channels_and_depths(channels, kind):
    pixels = NOISE[..., :channels].astype(kind)
    if kind is np.uint16:
        pixels *= 257
    wanted = NOISE[..., 2::-1] if channels > 2 else NOISE[..., [0, 0, 0]]
    assert np.array_equal(as_rgb(pixels), wanted)
    assert as_rgb(pixels).flags.c_contiguous


def test_grey_is_not_mirrored():
    assert np.array_equal(as_rgb(NOISE[..., 0])[..., 1], NOISE[..., 0])


def test_values_beyond_the_range():
    assert as_rgb(np.array([[-9.0, 300.0]])).tolist() == [[[0] * 3, [255] * 3]]
