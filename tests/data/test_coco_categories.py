"""The categories are those of COCO."""

from hrnet_mm.data.shapes import SHAPE_CLASSES
from hrnet_mm.data.shapes.coco import CATEGORIES


def test_categories_are_those_of_coco():
    assert len(CATEGORIES) == 80
    ids = {category['name']: category['id'] for category in CATEGORIES}
    assert len(set(ids.values())) == len(ids) == 80
    known = {
        'person': 1,
        'stop sign': 13,
        'umbrella': 28,
        'sports ball': 37,
        'kite': 38,
    }
    known |= {'bowl': 51, 'chair': 62, 'tv': 72, 'book': 84, 'toothbrush': 90}
    assert known.items() <= ids.items()
    assert [ids[name] for name in SHAPE_CLASSES] == sorted(
        ids[name] for name in SHAPE_CLASSES
    )
