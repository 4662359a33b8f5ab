"""The objects of the scenes are drawn as polygons; each is known by its outline."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from .people import person
from .raster import TURN, UNIT, Figure, Part, box, capsule, disc, polygon, rotate

_ORDERS = np.array([(0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0)])
WHITE = np.array([235, 235, 230])
DARK = np.array([35, 35, 40])
_BOW = polygon((-150, -80), (150, 80), (150, -80), (-150, 80))
_CAR = polygon(
    (-1020, 150), (-960, -60), (-640, -110), (-400, -430), (330, -430),
    (620, -110), (960, -40), (1020, 150), (1000, 300), (-1000, 300),
)  # fmt: skip
_CAR_WINDOWS = (
    polygon((-520, -110), (-340, -360), (-60, -360), (-60, -110)),
    polygon((20, -110), (20, -360), (290, -360), (490, -110)),
)
_SIGNS = (
    disc((0, 0), UNIT),
    polygon((0, -1000), (1000, 800), (-1000, 800)),
    box(-900, -900, 900, 900),
)


def vivid(rng) -> np.ndarray:
    """Return a saturated colour, RGB."""
    levels = rng.integers((185, 20, 10), (250, 220, 75))
    return levels[_ORDERS[rng.integers(6)]]


def muted(rng) -> np.ndarray:
    """Return a colour near grey, RGB."""
    return rng.integers(80, 170) + rng.integers(-22, 23, 3)


def wedges(rim: np.ndarray, apex: tuple[int, int], colours, step: int) -> list[Part]:
    """Cut the region between `rim` (N, 2) and `apex` into panels of `step` edges."""
    return [
        Part(np.concatenate([rim[k : k + step + 1], [apex]]), colours[k // step % 2])
        for k in range(0, len(rim) - 1, step)
    ]


def ball(rng) -> Figure:
    """Draw a beach ball whose panels, in a colour and white, meet off the centre."""
    colours = vivid(rng), WHITE
    rim = disc((0, 0), UNIT)
    rim = np.concatenate([rim, rim[:1]])
    apex = tuple(rng.integers(-450, 451, 2))
    panels = wedges(rim, apex, colours, 4)
    return Figure([*panels, Part(disc(apex, 130), WHITE)])


def stop_sign(rng) -> Figure:
    """Draw a red octagon with a white rim and white letters."""
    red = rng.integers((165, 10, 10), (235, 45, 50))
    octagon = rotate(disc((0, 0), UNIT, 8), TURN // 16)
    letters = [box(x, -220, x + 210, 220) for x in (-600, -270, 60, 390)]
    parts = [Part(octagon, WHITE), Part(octagon * 7 // 8, red)]
    return Figure(parts + [Part(letter, WHITE) for letter in letters])


def kite(rng) -> Figure:
    """Draw a rhombus of four panels with a tail of bows."""
    colours = vivid(rng), vivid(rng)
    rim = polygon((0, -1000), (640, -380), (0, 420), (-640, -380), (0, -1000))
    tail = [(0, 420), *((int(rng.integers(-230, 231)), y) for y in (620, 820, 1000))]
    string = [Part(capsule(*ends, 55), DARK) for ends in pairwise(tail)]
    bows = [Part(_BOW + point, colours[k % 2]) for k, point in enumerate(tail[1:])]
    return Figure([*string, *bows, *wedges(rim, (0, -380), colours, 1)])


def book(rng) -> Figure:
    """Draw a book cover with a spine, a title and the edge of the pages."""
    cover, spine = vivid(rng), vivid(rng) // 2
    return Figure([
        Part(box(-700, -960, 740, 960), WHITE),
        Part(box(-740, -1000, 640, 880), cover),
        Part(box(-740, -1000, -520, 880), spine),
        Part(box(-300, -700, 460, -520), WHITE),
        Part(box(-300, -380, 240, -260), WHITE),
        Part(disc((80, 330), 260), spine),
    ])  # fmt: skip


def umbrella(rng) -> Figure:
    """Draw half a disc of panels, light and dark, above a shaft with a hook."""
    colour = vivid(rng)
    colours = colour, colour * 3 // 4
    canopy = disc((0, 50), UNIT)[16:]
    canopy = np.concatenate([canopy, [(UNIT, 50)]])
    shaft = [
        ((0, -1000), (0, 860)),
        ((0, 860), (-130, 980)),
        ((-130, 980), (-270, 870)),
    ]
    parts = [Part(capsule(a, b, 60), DARK) for a, b in shaft]
    return Figure(parts + wedges(canopy, (0, 50), colours, 4))


def car(rng) -> Figure:
    """Draw a car from the side, with windows in the cabin, on two wheels."""
    glass = np.array([120, 150, 170])
    tyres = [Part(disc((x, 300), 210), DARK) for x in (-600, 600)]
    hubs = [Part(disc((x, 300), 100), WHITE * 2 // 3) for x in (-600, 600)]
    windows = [Part(window, glass) for window in _CAR_WINDOWS]
    return Figure([Part(_CAR, vivid(rng) * 3 // 4), *windows, *tyres, *hubs])


def bus(rng) -> Figure:
    """Draw a bus as a long box with a row of windows on two wheels."""
    paint = vivid(rng)
    windows = [box(x, -420, x + 270, -120) for x in range(-940, 900, 320)]
    wheels = [Part(disc((x, 400), 150), DARK) for x in (-620, 620)]
    parts = [
        Part(box(-1020, -560, 1020, 400), paint),
        Part(box(-1020, 60, 1020, 160), WHITE),
    ]
    return Figure([*parts, *(Part(w, DARK * 2) for w in windows), *wheels])


def traffic_light(rng) -> Figure:
    """Draw a dark housing with three lamps, one of them on."""
    lit = rng.integers(3)
    lamps = np.array([(240, 50, 40), (240, 190, 40), (60, 220, 90)])
    discs = [
        Part(disc((0, y), 230), lamp if k == lit else lamp // 4)
        for k, (y, lamp) in enumerate(zip((-620, 0, 620), lamps, strict=True))
    ]
    return Figure([Part(box(-370, -1000, 370, 1000), DARK), *discs])


def traffic_sign(rng) -> Figure:
    """Draw a disc, a triangle or a square with a rim."""
    shape = _SIGNS[rng.integers(3)]
    blue, red, yellow = np.array([(30, 70, 190), (205, 30, 35), (235, 195, 40)])
    rim, face = [(WHITE, blue), (red, WHITE), (DARK, yellow)][rng.integers(3)]
    return Figure([Part(shape, rim), Part(shape * 3 // 4, face)])


def tree(rng) -> Figure:
    """Draw a crown of leaves on a trunk."""
    green = rng.integers((30, 75, 20), (80, 130, 50))
    parts = [Part(capsule((0, 0), (0, 1000), 90), DARK * 2)]
    for _ in range(9):
        centre = rng.integers((-560, -620), (561, 101))
        leaves = disc(centre, int(rng.integers(280, 420)))
        parts.append(Part(leaves, np.clip(green + rng.integers(-22, 23), 0, 255)))
    return Figure(parts)


#: Class name in COCO -> figure and the largest turn either way, of TURN.
SHAPES = {
    'person': (person, 10),
    'stop sign': (stop_sign, 12),
    'umbrella': (umbrella, 20),
    'sports ball': (ball, TURN // 2),
    'kite': (kite, 30),
    'book': (book, TURN // 2),
}
