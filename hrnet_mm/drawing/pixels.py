"""Whatever a pipeline loads becomes a picture that people can look at."""

from __future__ import annotations

import numpy as np


def as_rgb(pixels: np.ndarray) -> np.ndarray:
    """Convert pixels of any depth and number of channels to RGB in 8 bits.

    Args:
        pixels: Pixels (H, W) or (H, W, C), blue, green and red first, 0 to 255, or 0
            to 65,535 in 16 bits.

    Returns:
        Pixels (H, W, 3), 0 to 255. One or two channels become grey, more than three
        are left out.

    Example:
        >>> as_rgb(np.array([[[1, 2, 3, 4]]], np.uint8)).tolist()
        [[[3, 2, 1]]]
        >>> as_rgb(np.array([[257 * 5]], np.uint16)).tolist()
        [[[5, 5, 5]]]
    """
    if pixels.dtype == np.uint16:
        pixels = pixels >> 8
    channels = 1 if pixels.ndim == 2 else pixels.shape[2]
    pixels = pixels.reshape(*pixels.shape[:2], channels)
    # (H, W, C) -> (H, W, 3), BGR -> RGB
    picture = pixels[..., [2, 1, 0] if channels > 2 else [0, 0, 0]]
    return np.ascontiguousarray(picture.clip(0, 255).astype(np.uint8))
