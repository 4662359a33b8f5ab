"""Whatever a pipeline loads becomes a picture to draw on."""

import numpy as np
import pytest

from hrnet_mm.drawing.pictures import rgb_picture

BGR = np.random.default_rng(0).integers(0, 256, (3, 5, 3), dtype=np.uint8)
RGB = BGR[..., ::-1]
GREY = BGR[..., 0]
THRICE = np.dstack([GREY] * 3)


@pytest.mark.parametrize(
    ('pixels', 'expected'),
    [
        (BGR, RGB),
        (GREY, THRICE),
        (GREY[..., None], THRICE),
        (np.dstack([GREY, GREY // 2]), THRICE),  # grey with alpha
        (np.dstack([BGR, GREY]), RGB),
        (np.dstack([BGR, GREY, GREY]), RGB),
        (BGR.astype(np.float32), RGB),
        (BGR.astype(np.float64)[..., :1], THRICE),
    ],
)
def test_any_number_of_channels(pixels, expected):
    picture = rgb_picture(pixels)
    assert picture.dtype == np.uint8
    assert picture.flags.c_contiguous
    assert picture.tolist() == expected.tolist()


@pytest.mark.parametrize(
    ('values', 'expected'),
    [
        (np.array([[0, 32768, 65535]], np.uint16), [0, 128, 255]),
        (np.array([[0, 1024, 4096]], np.uint16), [0, 64, 255]),
        (np.array([[0, 7, 255]], np.uint16), [0, 7, 255]),
        (np.array([[0, 0.5, 1]], np.float32), [0, 128, 255]),
        (np.array([[-9, 7.2, 9]], np.float32), [0, 7, 9]),
        (np.array([[np.nan, np.inf, 1020]]), [0, 0, 255]),
        (np.zeros((1, 3)), [0, 0, 0]),
        (np.array([[False, True, True]]), [0, 255, 255]),
    ],
)
def test_other_numbers_than_of_8_bits_are_scaled(values, expected):
    assert rgb_picture(values)[0, :, 1].tolist() == expected


def test_the_largest_number_is_that_of_the_drawn_channels():
    pixels = np.array([[[4, 8, 1020, 65535]]], np.uint16)  # the last one is alpha
    assert rgb_picture(pixels).tolist() == [[[255, 2, 1]]]
