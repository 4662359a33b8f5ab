"""A picture to draw on is made of whatever pixels a pipeline loads."""

from __future__ import annotations

import numpy as np


def rgb_picture(pixels: np.ndarray) -> np.ndarray:
    """Return a picture to draw on, of the pixels that a pipeline loads.

    Grey has three equal channels in it, and of more than three the first three are
    drawn. Numbers of 8 bits stay as they are. Others are scaled so that they fit: up
    to 1 they are shares of white, and above 255 the largest one is white.

    Args:
        pixels: Any numbers of shape (H, W) or (H, W, C), BGR first, as OpenCV reads.

    Returns:
        Pixels (H, W, 3), RGB, uint8.
    """
    height, width = pixels.shape[:2]
    # (H, W) or (H, W, C) -> (H, W, C)
    channels = pixels.reshape(height, width, -1)
    # BGR with whatever follows -> RGB; grey, perhaps with alpha, -> three channels
    rgb = channels[..., 2::-1]
    if channels.shape[2] < 3:
        rgb = np.broadcast_to(channels[..., :1], (height, width, 3))
    picture = np.ascontiguousarray(rgb)
    return picture if picture.dtype == np.uint8 else _eight_bits(picture)


def _eight_bits(values: np.ndarray) -> np.ndarray:
    """Scale any numbers to 0 to 255, where those that are no numbers become black."""
    numbers = np.nan_to_num(values.astype(np.float32), posinf=0, neginf=0)
    largest = numbers.max()
    white = 1 if largest <= 1 else max(largest, 255)
    return np.rint((numbers * (255 / white)).clip(0, 255)).astype(np.uint8)
