"""A person's or a face's box is resized and turned as in the official code."""

import numpy as np
import pytest

from hrnet_mm.recipes.augmentation import (
    KeypointsFromZero,
    RandomScaleRotate,
    UniformScaleRotate,
)


def boxes(count):
    return {'bbox_scale': np.full((count, 2), 100, np.float32)}


@pytest.mark.parametrize(('scale', 'rotation'), [(0.35, 45), (0.3, 40), (0.25, 30)])
def test_scale_and_rotation_are_the_official_formulas(scale, rotation):
    transform = RandomScaleRotate(scale, rotation)
    for seed in range(200):
        np.random.seed(seed)
        factor = np.clip(np.random.randn() * scale + 1, 1 - scale, 1 + scale)
        turned = np.random.rand() <= 0.6
        angle = np.clip(np.random.randn() * rotation, -rotation * 2, rotation * 2)
        np.random.seed(seed)
        results = transform.transform(boxes(1))
        np.testing.assert_allclose(results['bbox_scale'], 100 * factor, rtol=1e-6)
        np.testing.assert_allclose(
            results['bbox_rotation'], angle if turned else 0, rtol=1e-6
        )
        assert results['bbox_scale'].shape == (1, 2)
        assert results['bbox_scale'].dtype == np.float32


def test_scale_and_rotation_have_the_official_distribution():
    np.random.seed(0)
    results = RandomScaleRotate(0.35, 45).transform(boxes(100_000))
    factors, angles = results['bbox_scale'][:, 0] / 100, results['bbox_rotation']
    assert (factors.min(), factors.max()) == pytest.approx((0.65, 1.35))
    assert (angles.min(), angles.max()) == (-90, 90)
    assert np.mean(angles == 0) == pytest.approx(0.4, abs=0.01)
    # Beyond one and two standard deviations: 31.7 % and 4.6 % of a normal distribution.
    at_bounds = np.isclose(factors, 0.65) | np.isclose(factors, 1.35)
    assert np.mean(at_bounds) == pytest.approx(0.317, abs=0.01)
    assert np.mean(np.abs(angles) == 90) == pytest.approx(0.6 * 0.0455, abs=0.003)


def test_faces_are_resized_and_turned_uniformly():
    np.random.seed(0)
    results = UniformScaleRotate(0.25, 30).transform(boxes(100_000))
    factors, angles = results['bbox_scale'][:, 0] / 100, results['bbox_rotation']
    turned = angles[angles != 0]
    assert len(turned) / len(angles) == pytest.approx(0.6, abs=0.01)
    for values, low, high in ((factors, 0.75, 1.25), (turned, -30, 30)):
        assert low <= values.min()
        assert values.max() <= high
        quarters = np.histogram(values, 4, (low, high))[0] / len(values)
        assert quarters == pytest.approx(0.25, abs=0.01)


def test_mpii_counts_from_zero():
    given = np.array([[[1.0, 1.0], [20.0, 30.0]]])
    results = KeypointsFromZero().transform({'keypoints': given})
    assert results['keypoints'].tolist() == [[[0, 0], [19, 29]]]
    assert given[0, 0, 0] == 1  # mmpose keeps what it has read
