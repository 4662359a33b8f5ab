"""Street scenes have a class for every pixel, in the train ids of Cityscapes."""

from __future__ import annotations

import numpy as np

from .figures import bus, car, muted, traffic_light, traffic_sign, tree
from .people import person
from .raster import (
    TURN,
    Figure,
    box,
    capsule,
    develop,
    disc,
    inside,
    noise,
    paste,
    polygon,
    render,
    rotate,
    window,
)

#: The classes of Cityscapes; the train id of a class is its position.
STREET_CLASSES = (
    'road', 'sidewalk', 'building', 'wall', 'fence', 'pole', 'traffic light',
    'traffic sign', 'vegetation', 'terrain', 'sky', 'person', 'rider', 'car', 'truck',
    'bus', 'train', 'motorcycle', 'bicycle',
)  # fmt: skip
IGNORED = 255
_SIGNALS = (('traffic sign', traffic_sign), ('traffic light', traffic_light))
# Class, figure, and length in tenths of the camera's height above the road.
_VEHICLES = (('car', car, 20), ('car', car, 20), ('bus', bus, 28))


class _Street:
    """A `_Street` is an image with its label map, painted from far to near.

    Depth is given in percent from the vanishing point (0) to the bottom edge (100).
    """

    def __init__(self, rng, height: int, width: int):
        self.rng, self.height, self.width = rng, height, width
        self.light = self.draw(0, TURN - 1)
        self.vanishing = polygon(
            (width * self.draw(35, 65) // 100, height * self.draw(38, 48) // 100)
        )[0]
        # Where the kerbs and the outer edges of the sidewalks meet the bottom edge.
        left, right = -self.draw(0, 30), self.draw(100, 130)
        self.kerbs = left * width // 100, right * width // 100
        self.sidewalks = self.kerbs[0] - width // 2, self.kerbs[1] + width // 2
        self.image = np.zeros((height, width, 3), int)
        self.labels = np.full((height, width), IGNORED, np.uint8)
        fine, coarse = max(2, height // 80), height // 8
        self.grain = noise(rng, height, width, fine, 14)
        self.grain = self.grain + noise(rng, height, width, coarse, 16)

    def draw(self, low: int, high: int) -> int:
        """Return a random integer, bounds included."""
        return int(self.rng.integers(low, high + 1))

    def at(self, x: int, depth: int) -> np.ndarray:
        """Return the (x, y) at `depth` of the line that leaves the bottom at `x`."""
        near = np.array([x, self.height])
        return self.vanishing + (near - self.vanishing) * depth // 100

    def below_horizon(self, depth: int) -> int:
        """Return how far ground at `depth` lies below the camera."""
        return (self.height - int(self.vanishing[1])) * depth // 100

    def region(self, name: str, outline: np.ndarray, colour) -> np.ndarray:
        """Fill `outline` (N, 2), in pixels, with grainy colour; return its mask."""
        mask = inside(self.labels.shape, outline)
        self.image[mask] = np.add(colour, self.grain[mask])
        self.labels[mask] = STREET_CLASSES.index(name)
        return mask

    def stand(self, name: str, figure: Figure, size: int, foot: np.ndarray) -> None:
        """Put a figure, `size` pixels large, with its lowest point at `foot` (x, y)."""
        sprite = render(figure, max(size, 8), 0, self.light, self.rng)
        centre = foot - (0, sprite.origin[1] + len(sprite.mask) - 1)
        paste(self.image, sprite, centre, rotate(np.array([size // 16, 0]), self.light))
        there, here = window(sprite, centre, self.labels.shape)
        self.labels[there][sprite.mask[here]] = STREET_CLASSES.index(name)


def _backdrop(street: _Street) -> None:
    """Paint the sky, and a row of houses and trees on the horizon."""
    width, (_, horizon) = street.width, street.vanishing
    blue = np.array([150, 180, 215]) + street.draw(-40, 25)
    street.region('sky', box(0, 0, width, horizon), blue)
    y, x = np.ogrid[: street.height, :width]
    left = -street.draw(0, width // 8)
    while left < width:
        right = left + street.draw(width // 8, width // 4)
        top = horizon - horizon * street.draw(25, 95) // 100
        if street.draw(0, 3):
            front = box(left, top, right, horizon)
            wall = street.region('building', front, muted(street.rng))
            pitch = max(6, street.height // street.draw(18, 30))
            panes = ((x - left) % pitch > pitch // 2) & ((y - top) % pitch > pitch // 2)
            street.image[wall & panes] -= street.draw(30, 60)
        else:
            _crown(street, (left + right) // 2, (top + horizon) // 2, horizon - top)
        left = right


def _crown(street: _Street, x: int, y: int, size: int) -> None:
    green = street.rng.integers((35, 70, 20), (75, 115, 45))
    for _ in range(6):
        centre = x + street.draw(-size, size) // 3, y + street.draw(-size, size) // 4
        leaves = disc(centre, size * street.draw(20, 36) // 100)
        street.region('vegetation', leaves, green + street.draw(-14, 14))


def _ground(street: _Street) -> None:
    """Paint terrain, the sidewalks, and the road with its lane marks."""
    meadow = np.array([120, 125, 75]) + street.draw(-20, 20)
    ground = box(0, street.vanishing[1], street.width, street.height)
    street.region('terrain', ground, meadow)
    for name, edges, grey in (
        ('sidewalk', street.sidewalks, 150 + street.draw(-15, 20)),
        ('road', street.kerbs, 85 + street.draw(-25, 15)),
    ):
        near = [street.at(x, 100) for x in edges]
        street.region(name, np.stack([street.vanishing, *near]), grey)
    middle, half = sum(street.kerbs) // 2, street.width // 60
    for depth in (12, 22, 38, 64):
        far = [street.at(x, depth) for x in (middle - half, middle + half)]
        near = [street.at(x, depth * 13 // 10) for x in (middle + half, middle - half)]
        street.region('road', np.stack(far + near), 205)


def _barrier(street: _Street) -> None:
    """Paint a fence of slats or a plain wall along one of the sidewalks."""
    edge = street.sidewalks[street.draw(0, 1)]
    far, near = street.at(edge, 12), street.at(edge, 80)
    far_top = far - (0, street.below_horizon(12) * 8 // 10)
    near_top = near - (0, street.below_horizon(80) * 8 // 10)
    strip = np.stack([far, near, near_top, far_top])
    if street.draw(0, 1):
        street.region('wall', strip, np.array([165, 150, 140]))
        return
    fence = street.region('fence', strip, np.array([95, 80, 65]))
    street.image[fence & (np.arange(street.width) % 4 > 1)] -= 45


def _roadside(street: _Street, depth: int) -> np.ndarray:
    """Return a random place (x, y) on a sidewalk."""
    side = street.draw(0, 1)
    kerb, edge = street.kerbs[side], street.sidewalks[side]
    return street.at(kerb + (edge - kerb) * street.draw(15, 85) // 100, depth)


def _plant(street: _Street, depth: int) -> None:
    size = street.below_horizon(depth) * street.draw(25, 40) // 10
    street.stand('vegetation', tree(street.rng), size, _roadside(street, depth))


def _signpost(street: _Street, depth: int) -> None:
    unit, foot = street.below_horizon(depth), _roadside(street, depth)
    top = foot - (0, unit * street.draw(22, 30) // 10)
    pole = capsule(foot, top, max(1, unit // 20))
    street.region('pole', pole, street.draw(60, 130))
    name, draw = _SIGNALS[street.draw(0, 1)]
    size = unit * street.draw(8, 11) // 10
    street.stand(name, draw(street.rng), size, top + (0, size // 2))


def _vehicle(street: _Street, depth: int) -> None:
    name, draw, length = _VEHICLES[street.draw(0, 2)]
    left, right = street.kerbs
    foot = street.at(left + (right - left) * street.draw(10, 90) // 100, depth)
    size = street.below_horizon(depth) * length // 10
    street.stand(name, draw(street.rng), size, foot)


def _walker(street: _Street, depth: int) -> None:
    size = street.below_horizon(depth) * street.draw(12, 15) // 10
    street.stand('person', person(street.rng), size, _roadside(street, depth))


def draw_street(rng, height: int, width: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw one street; equal states of `rng` give equal streets.

    Args:
        rng: A NumPy generator, see `raster.generator`.
        height: Height of the image in pixels.
        width: Width of the image in pixels.

    Returns:
        Pixels (H, W, 3), RGB, uint8, and train ids (H, W), uint8: 0 to 18, and 255,
        to be ignored, along the edges, as where Cityscapes was rectified.
    """
    street = _Street(rng, height, width)
    _backdrop(street)
    _ground(street)
    if street.draw(0, 2):
        _barrier(street)
    for things, nearest in (((_plant, _signpost), 50), ((_vehicle, _walker), 64)):
        depths = rng.integers(16, nearest, rng.integers(3, 7)).tolist()
        for depth in sorted(depths):
            things[rng.integers(2)](street, depth)
    edge = max(1, height // 80)
    labels = np.full_like(street.labels, IGNORED)
    labels[edge:-edge, edge:-edge] = street.labels[edge:-edge, edge:-edge]
    return develop(street.image, rng), labels
