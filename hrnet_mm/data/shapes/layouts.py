"""Scenes become data sets in the folders and files that the toolboxes expect.

Image i of a split is drawn from (seed, split, i) alone, so that a larger data set
begins with the smaller one.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from ..coco_categories import CATEGORIES
from .coco import PERSON, annotation, detections, person_annotation
from .folders import is_complete, mark, replacing
from .raster import generator
from .scenes import DETECTION, MIN_SIDE, POSE, SHAPE_CLASSES, draw_scene
from .streets import draw_street

SPLITS = ('train', 'val')
_DETECTOR = len(SPLITS)  # key of its random numbers, after the splits' keys
_VERSION = 1  # grows whenever equal arguments give other pixels or annotations
_MAX_SIDE = 4096  # pixels; noise is interpolated in 32 bits


def _write_image(path: Path, image: np.ndarray) -> None:
    """Write pixels (H, W, 3), RGB, or a label map (H, W), as PNG."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not cv2.imwrite(str(path), image[..., ::-1] if image.ndim == 3 else image):
        raise OSError(f'could not write {path}. Is the disk full?')


def _write_json(path: Path, content) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content))


class Coco:
    """This layout is that of COCO 2017 instances, with all 80 categories.

    Only objects of `SHAPE_CLASSES` occur.
    """

    mix = DETECTION
    name = 'instances'
    categories: Sequence[dict[str, Any]] = CATEGORIES
    classes = SHAPE_CLASSES
    record = staticmethod(annotation)

    def __init__(self, folder: Path, size: tuple[int, int], seed: int):
        self.folder, self.size, self.seed = folder, size, seed
        self.images: dict[str, list[dict]] = {split: [] for split in SPLITS}
        self.annotations: dict[str, list[dict]] = {split: [] for split in SPLITS}

    def add(self, split: str, index: int) -> None:
        """Draw and write image `index` of a split."""
        rng = generator(self.seed, SPLITS.index(split), index)
        scene = draw_scene(rng, *self.size, self.mix)
        height, width = self.size
        image: dict[str, Any] = {
            'id': index + 1,
            'file_name': f'{index + 1:012d}.png',
            'height': height,
            'width': width,
        }
        _write_image(self.folder / f'{split}2017' / image['file_name'], scene.image)
        self.images[split].append(image)
        records = self.annotations[split]
        for instance in scene.instances:
            if instance.name in self.classes:
                records.append(self.record(instance, image['id'], len(records) + 1))

    def close(self) -> None:
        """Write the annotation files."""
        for split in SPLITS:
            content = {
                'info': {'description': 'hrnet_mm shapes', 'version': str(_VERSION)},
                'licenses': [],
                'images': self.images[split],
                'annotations': self.annotations[split],
                'categories': self.categories,
            }
            name = f'{self.name}_{split}2017.json'
            _write_json(self.folder / 'annotations' / name, content)


class CocoPose(Coco):
    """This layout is that of COCO 2017 key points, with a detector's boxes for val."""

    mix = POSE
    name = 'person_keypoints'
    categories = (PERSON,)
    classes = ('person',)
    record = staticmethod(person_annotation)

    def close(self) -> None:
        """Write the annotation and detection files."""
        super().close()
        found = []
        for index, image in enumerate(self.images['val']):
            people = [
                person['bbox']
                for person in self.annotations['val']
                if person['image_id'] == image['id']
            ]
            found += detections(generator(self.seed, _DETECTOR, index), people, image)
        name = 'COCO_val2017_detections_AP_H_56_person.json'
        _write_json(self.folder / 'person_detection_results' / name, found)


class Cityscapes:
    """This layout has Cityscapes' fine annotations, as train ids.

    They are of one city, named shapes.
    """

    def __init__(self, folder: Path, size: tuple[int, int], seed: int):
        self.folder, self.size, self.seed = folder, size, seed

    def add(self, split: str, index: int) -> None:
        """Draw and write image `index` of a split and its label map."""
        rng = generator(self.seed, SPLITS.index(split), index)
        image, labels = draw_street(rng, *self.size)
        # City, sequence and frame; Cityscapes annotates frame 19 of each sequence.
        stem = f'{split}/shapes/shapes_{index:06d}_000019'
        _write_image(self.folder / f'leftImg8bit/{stem}_leftImg8bit.png', image)
        _write_image(self.folder / f'gtFine/{stem}_gtFine_labelTrainIds.png', labels)

    def close(self) -> None:
        """Do nothing, since each image has its own label map already."""


LAYOUTS: dict[str, type[Coco] | type[Cityscapes]] = {
    'coco': Coco,
    'coco-pose': CocoPose,
    'cityscapes': Cityscapes,
}


def _check(layout: str, train: int, val: int, size: tuple[int, int], seed: int) -> None:
    if layout not in LAYOUTS:
        raise ValueError(
            f"layout '{layout}' is unknown; there are {', '.join(LAYOUTS)}"
        )
    for split, count in zip(SPLITS, (train, val), strict=True):
        if count < 1:
            raise ValueError(f'{split} is {count}; it must be 1 image or more')
    if seed < 0:
        raise ValueError(f'seed is {seed}; it must be 0 or more')
    if not all(MIN_SIDE <= side <= _MAX_SIDE for side in size):
        raise ValueError(
            f'size is {size[0]}x{size[1]}; height and width must be between '
            f'{MIN_SIDE} and {_MAX_SIDE} pixels'
        )


def make_shapes(
    out: str | Path,
    layout: str = 'coco',
    *,
    train: int = 64,
    val: int = 16,
    size: tuple[int, int] = (240, 320),
    seed: int = 0,
    overwrite: bool = False,
    track: Callable[[list], Iterable] = iter,
) -> bool:
    """Write a data set of drawn scenes, the same for equal arguments on any machine.

    Args:
        out: The folder to make. What is there already stays, unless it was made here
            and `overwrite` is set.
        layout: One of `LAYOUTS`: 'coco', 'coco-pose' or 'cityscapes'.
        train: Number of images in the training split, at least 1.
        val: Number of images in the validation split, at least 1.
        size: Height and width in pixels, 96 to 4096 each.
        seed: Seed of the random numbers, 0 or more.
        overwrite: True to replace a data set that was made here with other arguments.
        track: Wraps the list of images to be drawn, as `rich.progress.track` does.

    Returns:
        True if it was written, False if it was there already, complete.

    Raises:
        ValueError: An argument is out of its range.
        FileExistsError: `out` holds something else.
        OSError: `out` cannot be written.

    Example:
        >>> make_shapes('data/coco', train=64, val=16, size=(192, 192))
        True
    """
    _check(layout, train, val, size, seed)
    out = Path(out).resolve()
    arguments = {
        'layout': layout,
        'train': train,
        'val': val,
        'size': list(size),
        'seed': seed,
        'version': _VERSION,
    }
    if is_complete(out, arguments, overwrite):
        return False
    with replacing(out) as folder:
        dataset = LAYOUTS[layout](folder, (size[0], size[1]), seed)
        counts = dict(zip(SPLITS, (train, val), strict=True))
        for split, index in track([(s, i) for s in SPLITS for i in range(counts[s])]):
            dataset.add(split, index)
        dataset.close()
        mark(folder, arguments)
    return True
