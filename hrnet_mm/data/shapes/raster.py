"""Drawing in integers gives equal pixels for equal seeds on every machine.

No floating-point value decides a pixel. Sines come from a rounded table, smooth noise
from fixed-point interpolation, and every outline is a polygon with integer vertices.
"""

from __future__ import annotations

import math
from typing import NamedTuple, TypeAlias

import cv2
import numpy as np

UNIT = 1024  # figures are drawn in a square from -UNIT to UNIT, x right, y down
TURN = 256  # angle steps in a full turn; positive angles turn clockwise
_BITS = 12
# Rounded to 12 bits: the last bit of a machine's sine cannot reach the result.
SINES = np.array(
    [round(math.sin(math.tau * k / TURN) * (1 << _BITS)) for k in range(TURN)]
)


Point: TypeAlias = 'tuple[int, int] | np.ndarray'  # x, y


class Part(NamedTuple):
    """A `Part` is a filled outline (N, 2) in figure units, and its colour.

    The colour is RGB, 0 to 255.
    """

    outline: np.ndarray
    colour: np.ndarray


class Figure(NamedTuple):
    """A `Figure` has parts from back to front, and key points (K, 2) in figure units.

    K may be 0.
    """

    parts: list[Part]
    keypoints: np.ndarray = np.zeros((0, 2), int)


class Sprite(NamedTuple):
    """A `Sprite` is a figure drawn in pixels, with its mask and key points.

    Pixels are (h, w, 3), the mask (h, w), key points (K, 2). `origin` is the top left
    pixel's (x, y) relative to the figure's own origin; key points are relative to the
    figure's origin, too.
    """

    pixels: np.ndarray
    mask: np.ndarray
    origin: np.ndarray
    keypoints: np.ndarray


def generator(*key: int) -> np.random.Generator:
    """Return the generator of random numbers for `key`, integers of 0 or more."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(key)))


def rotate(points: np.ndarray, angle: int | np.ndarray) -> np.ndarray:
    """Rotate integer points (..., 2) about the origin by `angle` / TURN of a turn."""
    sin, cos = SINES[angle % TURN], SINES[(angle + TURN // 4) % TURN]
    x, y = points[..., 0], points[..., 1]
    half = 1 << (_BITS - 1)
    turned = np.stack([x * cos - y * sin + half, x * sin + y * cos + half], axis=-1)
    return turned >> _BITS


def polygon(*points: tuple[int, int]) -> np.ndarray:
    """Return the vertices of a polygon as an array (N, 2)."""
    return np.array(points, int)


def box(left: int, top: int, right: int, bottom: int) -> np.ndarray:
    """Return the corners (4, 2) of an upright rectangle."""
    return polygon((left, top), (right, top), (right, bottom), (left, bottom))


def disc(centre: Point, radius: int, vertices: int = 32) -> np.ndarray:
    """Return a regular polygon (vertices, 2), one corner pointing right."""
    angles = np.arange(vertices) * TURN // vertices
    return rotate(np.array([radius, 0]), angles) + centre


def capsule(
    start: Point, end: Point, radius: int, end_radius: int | None = None
) -> np.ndarray:
    """Return the convex hull (N, 2) of two discs: a limb, a pole, a thick line."""
    end_radius = radius if end_radius is None else end_radius
    rims = np.concatenate([disc(start, radius, 16), disc(end, end_radius, 16)])
    return cv2.convexHull(rims.astype(np.int32))[:, 0].astype(int)


def inside(shape: tuple[int, ...], outline: np.ndarray, bits: int = 0) -> np.ndarray:
    """Return the mask (H, W) of the pixels whose centres lie inside a polygon.

    A rectangle from 0 to n covers n pixels. OpenCV fills polygons faster, but its
    pixels differ between its versions.

    Args:
        shape: Shape of the image (H, W, ...).
        outline: Vertices (N, 2), in 1 / 2**bits pixels; edges may cross (even-odd
            rule).
        bits: Number of binary digits after the point in `outline`.
    """
    height, width = shape[:2]
    ends = np.stack([outline, np.roll(outline, -1, axis=0)])
    (x, y), (dx, dy) = ends[0].T, (ends[1] - ends[0]).T
    top, bottom = ends[..., 1].min(axis=0), ends[..., 1].max(axis=0)
    rows = np.arange(height)[:, None] << bits
    row, edge = np.nonzero((top <= rows) & (rows < bottom))
    # The row meets the edge at x + (row - y) * dx / dy; the next pixel starts a run.
    along = x[edge] * dy[edge] + ((row << bits) - y[edge]) * dx[edge]
    column = np.clip(-(-along // (dy[edge] << bits)), 0, width)
    flips = np.bincount(row * (width + 1) + column, minlength=height * (width + 1))
    flips = flips.reshape(height, width + 1)[:, :width]
    return np.cumsum(flips, axis=1, dtype=np.uint8) % 2 == 1


def noise(rng, height: int, width: int, cell: int, amplitude: int, channels: int = 1):
    """Return smooth noise (H, W, channels), bilinear between knots `cell` pixels apart.

    Values lie in [-amplitude, amplitude].
    """
    knots = (height // cell + 2, width // cell + 2, channels)
    knots = rng.integers(-amplitude, amplitude + 1, knots).astype(np.int32)
    row, down = np.divmod(np.arange(height, dtype=np.int32), cell)
    column, along = np.divmod(np.arange(width, dtype=np.int32), cell)
    down, along = down[:, None, None], along[:, None]
    rows = knots[row] * (cell - down) + knots[row + 1] * down
    values = rows[:, column] * (cell - along) + rows[:, column + 1] * along
    return values // (cell * cell)


def ramp(height: int, width: int, angle: int, amplitude: int) -> np.ndarray:
    """Return light (H, W, 1), from `amplitude` to -amplitude at most along `angle`."""
    y, x = np.ogrid[-height + 1 : height : 2, -width + 1 : width : 2]
    sin, cos = SINES[angle % TURN], SINES[(angle + TURN // 4) % TURN]
    light = -amplitude * (x * cos + y * sin) // ((height + width) << _BITS)
    return light.astype(np.int32)[..., None]


def pattern(rng, height: int, width: int) -> np.ndarray:
    """Return a random texture (H, W, 1): plain, stripes, checks or spots."""
    kind, angle = rng.integers(4), rng.integers(TURN)
    period = int(rng.integers(3, 7))
    strength = int(rng.integers(10, 24))
    if kind == 3:
        return noise(rng, height, width, period, 2 * strength)
    points = np.stack(np.meshgrid(np.arange(width), np.arange(height)), axis=-1)
    x, y = np.moveaxis(rotate(points, angle) // period, -1, 0)
    odd = [np.zeros_like(x), x % 2, (x + y) % 2][kind]
    return (odd * strength).astype(np.int32)[..., None]


def render(figure: Figure, size: int, angle: int, light: int, rng) -> Sprite:
    """Draw `figure`, `size` pixels large and turned by `angle`, lit from `light`."""
    bits = 4  # vertices are placed to 1/16 pixel
    scale = size << bits

    def place(points):
        return (rotate(points, angle) * scale + UNIT) // (2 * UNIT)

    outlines = [place(part.outline) for part in figure.parts]
    every = np.concatenate(outlines) >> bits
    origin, width_height = every.min(axis=0) - 1, np.ptp(every, axis=0) + 3
    width, height = width_height.tolist()
    pixels = np.zeros((height, width, 3), np.uint8)
    mask = np.zeros((height, width), bool)
    for outline, part in zip(outlines, figure.parts, strict=True):
        covered = inside(mask.shape, outline - (origin << bits), bits)
        pixels[covered] = part.colour
        mask |= covered
    shading = ramp(height, width, light, 90) - pattern(rng, height, width)
    shading = shading + noise(rng, height, width, 4, 12)
    pixels = np.clip(pixels + shading, 0, 255).astype(np.uint8)
    keypoints = (place(figure.keypoints) + (1 << bits - 1)) >> bits
    return Sprite(pixels, mask, origin, keypoints)


def window(sprite: Sprite, centre: np.ndarray, shape: tuple[int, ...]):
    """Return where `sprite` meets an image of `shape`: slices of image and of sprite.

    Args:
        sprite: Sprite that is put into the image.
        centre: Place (x, y) of the sprite's own origin in the image.
        shape: Shape of the image (H, W, ...).
    """
    start = (centre + sprite.origin)[::-1]
    size = np.array(sprite.mask.shape)
    low = np.clip(start, 0, shape[:2])
    high = np.clip(start + size, 0, shape[:2])
    there = tuple(slice(*pair) for pair in zip(low, high, strict=True))
    here = tuple(slice(*pair) for pair in zip(low - start, high - start, strict=True))
    return there, here


def paste(image: np.ndarray, sprite: Sprite, centre: np.ndarray, shadow: np.ndarray):
    """Draw `sprite` into `image` (H, W, 3) in place, its shadow moved by `shadow`."""
    there, here = window(sprite, centre + shadow, image.shape)
    ground = image[there]
    ground[sprite.mask[here]] = ground[sprite.mask[here]] * 5 // 8
    there, here = window(sprite, centre, image.shape)
    image[there][sprite.mask[here]] = sprite.pixels[here][sprite.mask[here]]


def develop(image: np.ndarray, rng) -> np.ndarray:
    """Turn scene light (H, W, 3) into a photograph: soft edges, exposure, grain.

    Returns:
        Pixels (H, W, 3), uint8.
    """
    wide = np.pad(image.astype(np.int32), ((1, 1), (1, 1), (0, 0)), 'edge')
    wide = wide[:-2] + 2 * wide[1:-1] + wide[2:]
    image = (wide[:, :-2] + 2 * wide[:, 1:-1] + wide[:, 2:] + 8) >> 4  # the lens
    exposure = rng.integers(190, 290) + rng.integers(-14, 15, 3)  # in 1/256, RGB
    strength = int(rng.integers(2, 9))
    grain = rng.integers(-strength, strength + 1, image.shape, np.int32)
    image = ((image * exposure.astype(np.int32)) >> 8) + grain
    return np.clip(image, 0, 255).astype(np.uint8)
