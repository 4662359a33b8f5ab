"""Drawing in integers: polygons by pixel centres, sines from a table."""

import math

import numpy as np
import pytest

from hrnet_mm.data.shapes.raster import SINES, TURN, box, disc, inside


def test_sine_table_does_not_depend_on_the_last_bit_of_a_sine():
    exact = [math.sin(math.tau * k / TURN) * 4096 for k in range(TURN)]
    assert all(abs(value % 1 - 0.5) > 1e-6 for value in exact)
    assert SINES[[0, 64, 128, 192]].tolist() == [0, 4096, 0, -4096]


@pytest.mark.parametrize('bits', [0, 4])
def test_polygons_are_filled_by_pixel_centres(bits):
    square = box(2, 1, 5, 3) << bits
    y, x = np.nonzero(inside((6, 8), square, bits))
    assert (x.min(), x.max(), y.min(), y.max(), len(x)) == (2, 4, 1, 2, 6)
    halves = [box(-9, -9, 3, 99), box(3, -9, 99, 99)]
    left, right = (inside((6, 8), half << bits, bits) for half in halves)
    assert (left ^ right).all()  # neighbours share no pixel and leave none out
    outline = disc((40, 30), 25) << bits
    y, x = np.mgrid[:60, :80]
    distance = (x - 40) ** 2 + (y - 30) ** 2
    filled = inside((60, 80), outline, bits)
    assert filled[distance < 24**2].all()
    assert not filled[distance > 26**2].any()
