"""COCO 2017 has 80 categories, each with a name, an id and a supercategory."""

from __future__ import annotations

from typing import Any

# In the order of their ids. COCO numbers 91 categories and annotates 80 of them.
_NAMES = {
    'person': 'person',
    'vehicle': 'bicycle, car, motorcycle, airplane, bus, train, truck, boat',
    'outdoor': 'traffic light, fire hydrant, stop sign, parking meter, bench',
    'animal': 'bird, cat, dog, horse, sheep, cow, elephant, bear, zebra, giraffe',
    'accessory': 'backpack, umbrella, handbag, tie, suitcase',
    'sports': 'frisbee, skis, snowboard, sports ball, kite, baseball bat, '
    'baseball glove, skateboard, surfboard, tennis racket',
    'kitchen': 'bottle, wine glass, cup, fork, knife, spoon, bowl',
    'food': 'banana, apple, sandwich, orange, broccoli, carrot, hot dog, pizza, '
    'donut, cake',
    'furniture': 'chair, couch, potted plant, bed, dining table, toilet',
    'electronic': 'tv, laptop, mouse, remote, keyboard, cell phone',
    'appliance': 'microwave, oven, toaster, sink, refrigerator',
    'indoor': 'book, clock, vase, scissors, teddy bear, hair drier, toothbrush',
}
_WITHOUT_ANNOTATION = {12, 26, 29, 30, 45, 66, 68, 69, 71, 83}
_IDS = [i for i in range(1, 91) if i not in _WITHOUT_ANNOTATION]
_PAIRS = [(kind, name) for kind, names in _NAMES.items() for name in names.split(', ')]

#: The 80 categories as COCO 2017 lists them: supercategory, id, name.
CATEGORIES: list[dict[str, Any]] = [
    {'supercategory': kind, 'id': i, 'name': name}
    for i, (kind, name) in zip(_IDS, _PAIRS, strict=True)
]
CATEGORY_IDS: dict[str, int] = {
    category['name']: category['id'] for category in CATEGORIES
}
