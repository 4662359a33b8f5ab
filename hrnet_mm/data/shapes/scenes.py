"""Scenes show objects and people on textured ground, annotated pixel by pixel.

Later objects cover earlier ones (painter's algorithm), and what is left of an object is
what its annotation says. An object that would hide another, or that would show too
little of itself, is not placed, so that nothing visible is without its label.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from .figures import SHAPES, muted
from .raster import (
    TURN,
    Sprite,
    capsule,
    develop,
    inside,
    noise,
    paste,
    render,
    rotate,
    window,
)

#: The COCO categories that occur, in COCO's order.
SHAPE_CLASSES = tuple(SHAPES)

MIN_SIDE = 96  # pixels: the smallest object of a smaller image would be too small
_MIN_AREA = 64  # visible pixels
_MIN_VISIBLE = (3, 5)  # of an object's own pixels


@dataclass(frozen=True)
class Mix:
    """A `Mix` says which objects a data set shows, how many and how large.

    Sizes are in percent of the shorter side; all ranges include both bounds.
    """

    classes: tuple[str, ...]
    first: tuple[str, ...]  # the class of the first object is one of these
    count: tuple[int, int]
    size: tuple[int, int]
    person_size: tuple[int, int]


DETECTION = Mix(SHAPE_CLASSES, SHAPE_CLASSES, (1, 4), (25, 52), (36, 68))
POSE = Mix(('person', *SHAPE_CLASSES), ('person',), (1, 4), (20, 40), (50, 90))


class Instance(NamedTuple):
    """An `Instance` is one object with its class, visible pixels and key points.

    The mask of visible pixels is (H, W). Key points (K, 3) are x, y and visibility:
    2 visible, 1 covered by another object, 0 outside the image (x = y = 0).
    """

    name: str
    mask: np.ndarray
    keypoints: np.ndarray


class Scene(NamedTuple):
    """A `Scene` is an image with its objects from back to front.

    The image is (H, W, 3), RGB, uint8.
    """

    image: np.ndarray
    instances: list[Instance]


def _ground(rng, height: int, width: int) -> np.ndarray:
    """Return a muted ground (H, W, 3): coloured light, blotches and stray lines."""
    side = min(height, width)
    ground = muted(rng) + noise(rng, height, width, side // 2, 45)
    ground = ground + noise(rng, height, width, side * 2 // 3, 24, channels=3)
    ground = ground + noise(rng, height, width, side // 16, int(rng.integers(5, 22)))
    for _ in range(rng.integers(2, 10)):
        ends = rng.integers((-20, -20), (width + 20, height + 20), (2, 2))
        line = inside(ground.shape, capsule(ends[0], ends[1], int(rng.integers(1, 3))))
        ground[line] += rng.integers(-40, 41) + rng.integers(-12, 13, 3)
    return np.clip(ground, 0, 255)


def _sprite(rng, name: str, side: int, mix: Mix, light: int) -> Sprite:
    low, high = mix.person_size if name == 'person' else mix.size
    draw, turn = SHAPES[name]
    size = side * int(rng.integers(low, high + 1)) // 100
    return render(draw(rng), size, int(rng.integers(-turn, turn + 1)), light, rng)


def _visibility(keypoints: np.ndarray, owner: np.ndarray, label: int) -> np.ndarray:
    """Add a third column to key points (K, 2), their visibility as in `Instance`."""
    x, y = keypoints.T
    height, width = owner.shape
    outside = (x < 0) | (x >= width) | (y < 0) | (y >= height)
    seen = owner[np.clip(y, 0, height - 1), np.clip(x, 0, width - 1)] == label
    labelled = np.column_stack([keypoints, np.where(seen, 2, 1)])
    labelled[outside] = 0
    return labelled


class _Painter:
    """A `_Painter` puts objects into an image, and knows the owner of each pixel."""

    def __init__(self, image: np.ndarray, shadow: np.ndarray):
        self.image, self.shadow = image, shadow
        self.owner = np.zeros(image.shape[:2], int)  # 0: ground, n: n-th object
        self.areas: list[int] = []  # an object's own pixels, hidden ones included
        self.objects: list[tuple[str, np.ndarray]] = []  # name, key points

    def _covered(self, sprite: Sprite, centre: np.ndarray) -> np.ndarray:
        owner = self.owner.copy()
        there, here = window(sprite, centre, owner.shape)
        owner[there][sprite.mask[here]] = len(self.objects) + 1
        return owner

    def admits(self, sprite: Sprite, centre: np.ndarray) -> bool:
        """Tell whether enough stays visible of every object, this one included."""
        areas = np.array([*self.areas, sprite.mask.sum()])
        owner = self._covered(sprite, centre)
        visible = np.bincount(owner.ravel(), minlength=len(areas) + 1)[1:]
        share, of = _MIN_VISIBLE
        return bool(np.all((visible >= _MIN_AREA) & (visible * of >= areas * share)))

    def add(self, name: str, sprite: Sprite, centre: np.ndarray) -> None:
        """Draw an object in front of all others."""
        self.owner = self._covered(sprite, centre)
        self.areas.append(sprite.mask.sum())
        self.objects.append((name, sprite.keypoints + centre))
        paste(self.image, sprite, centre, self.shadow)


def draw_scene(rng, height: int, width: int, mix: Mix = DETECTION) -> Scene:
    """Draw one scene; equal states of `rng` give equal scenes.

    Args:
        rng: A NumPy generator, see `raster.generator`.
        height: Height of the image in pixels, at least `MIN_SIDE`.
        width: Width of the image in pixels, at least `MIN_SIDE`.
        mix: Which objects are drawn, how many and how large.
    """
    side, light = min(height, width), int(rng.integers(TURN))
    shadow = rotate(np.array([side // 24, 0]), light)
    painter = _Painter(_ground(rng, height, width), shadow)
    for k in range(rng.integers(mix.count[0], mix.count[1] + 1)):
        choices = mix.classes if k else mix.first
        name = choices[rng.integers(len(choices))]
        sprite = _sprite(rng, name, side, mix, light)
        low = np.array([width, height]) // 8
        centres = rng.integers(low, 7 * low, (12, 2))
        centre = next((c for c in centres if painter.admits(sprite, c)), None)
        if centre is not None:
            painter.add(name, sprite, centre)
    instances = [
        Instance(name, painter.owner == n, _visibility(keypoints, painter.owner, n))
        for n, (name, keypoints) in enumerate(painter.objects, 1)
    ]
    return Scene(develop(painter.image, rng), instances)
