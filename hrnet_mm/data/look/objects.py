"""Boxes and masks in COCO's form are counted as mmdet would use them.

Sources: `CocoDataset.parse_data_info` and `LoadAnnotations` of mmdet 3.3.
"""

from __future__ import annotations

import difflib
import math
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ...errors import did_you_mean, first
from ..coco_masks import fault_of_mask
from .json_files import (
    GENERAL,
    NO_CROWD,
    NUMBERED,
    UNLISTED,
    AnnotationFile,
    are_numbers,
    faults_of,
    repeated_ids,
    without_size,
)
from .looks import Look, rewritten, side_by_side

CROWD, NO_AREA, OUTSIDE, NO_SIZE = (
    "marked 'iscrowd'",
    'of no area',
    'outside the picture',
    'of no width or height',
)
UNKNOWN = 'of categories that the file does not list'
DAMAGED = (UNLISTED, UNKNOWN, NO_AREA, OUTSIDE, NO_SIZE)  # nobody means to leave out
SLACK = 2  # pixels that a box may reach beyond its picture
FROM_CORNERS = (
    "[a.update(bbox=[*a['bbox'][:2], a['bbox'][2] - a['bbox'][0], a['bbox'][3] - "
    "a['bbox'][1]]) for a in d['annotations']]"
)
AREA_OF_BOX = (
    "[a.update(area=a['bbox'][2] * a['bbox'][3]) for a in d['annotations'] if not "
    "a['area']]"
)
NO_GROUPS = "[a.update(iscrowd=0) for a in d['annotations']]"
SHARES = 1.5  # a box whose corner is below it, in pixels, is given in shares


def look_at_objects(
    look: Look,
    file: AnnotationFile,
    *,
    with_masks: bool = False,
    least: int = 0,
    keeps_empty: bool = False,
) -> None:
    """Count what of an annotation file would be used, and add what is wrong with it.

    Args:
        look: Look at the data set, with its classes.
        file: Its annotation file.
        with_masks: True if the pipeline reads masks.
        least: Smallest width or height of a picture, in pixels, that is used.
        keeps_empty: True if pictures without objects are used.
    """
    check_categories(look, file)
    look.errors += [f'{look.name}: {text}' for text in _faults(look, file, with_masks)]
    if look.errors:
        return
    numbers = {name: number for number, name in enumerate(look.classes)}
    labels: dict[Any, Any] = {
        each['id']: numbers.get(each['name']) for each in file.categories
    }
    used: set[Any] = set()
    for each in file.annotations:
        why = _why_not(each, file, labels)
        if why:
            look.left_out[why] += 1
            continue
        used.add(each['image_id'])
        look.occurring[labels[each['category_id']]] += 1
    sizes = {number: _size(image) for number, image in file.images.items()}
    large = {number for number, size in sizes.items() if min(size) >= least}
    kept = large if keeps_empty else large & used
    look.pictures = (len(kept), len(file.images))
    look.things = (sum(look.occurring.values()), len(file.annotations))
    if not file.annotations and file.images and keeps_empty:
        look.warn(f'{file.path} has no object: its pictures are background alone')
    else:
        _judge(look, file)


def _size(image: dict) -> tuple[int, int]:
    return image['width'], image['height']


def check_categories(look: Look, file: AnnotationFile) -> None:
    """Add an error unless a file has the classes of the data set, in their order.

    mmdet numbers labels in the order of the file and leaves out unknown names, so one
    difference gives the objects of other classes.
    """
    names = file.names
    missing = [name for name in look.classes if name not in names]
    ours = [name for name in names if name in look.classes]
    if missing:
        lists = {file.path.name: names, look.key: look.classes}
        near = did_you_mean(difflib.get_close_matches(missing[0], names, n=1))
        look.error(
            f'{file.path} has no category {first(missing)}{near or "."} mmdet '
            'numbers labels in the order of the file, so all classes behind it would '
            f'be taken for others.\n{side_by_side(lists)}\n'
            f'  {_renamed(look, missing, names)}; or mend the names in the file'
        )
    elif len(set(ours)) != len(ours):
        double = [name for name, n in Counter(ours).items() if n > 1]
        look.error(
            f'{file.path} has several categories {first(double)}: mmdet would count '
            'them as several classes. Give each name one id'
        )
    elif ours != look.classes:
        lists = {file.path.name: ours, look.key: look.classes}
        change = (
            f"o = {look.classes!r}; d['categories'].sort(key=lambda c: (o + "
            "[c['name']]).index(c['name']))"
        )
        look.error(
            f'the categories of {file.path} stand in another order than the classes. '
            'mmdet numbers labels in the order of the file, so they would have the '
            f'names of others.\n{side_by_side(lists)}\n'
            f'  Mend a copy:  {rewritten(file.path, change)}\n'
            '  Or, if the files of all data sets have this order, write  '
            f'{look.key}.metainfo=dict(classes={tuple(ours)})  in each of them'
        )


def _renamed(look: Look, missing: list[str], names: list[str]) -> str:
    """Say what to write in place of classes that a file does not have."""
    near = {m: difflib.get_close_matches(m, names, n=1) for m in missing}
    if all(near.values()):
        pairs = ', '.join(f'{new[0]!r} for {old!r}' for old, new in near.items())
        return f'Write  {pairs}  in the classes of every data set'
    return (
        f'Write  {look.key}.metainfo=dict(classes={tuple(names)})  in every data set, '
        f'and num_classes={len(names)} in the heads'
    )


def _faults(look: Look, file: AnnotationFile, with_masks: bool) -> list[str]:
    tests = [*GENERAL]
    if not look.trains:
        tests.append(NO_CROWD)
    used: set[Any] = set()
    if with_masks:
        used = {c['id'] for c in file.categories if c['name'] in look.classes}
        tests += [(what, change, _of(used, test)) for what, change, test in MASKS]
    found = faults_of(file, tests) + repeated_ids(file) + without_size(file)
    if with_masks and not found:
        found = _damaged_masks(file, used)
    if not look.trains and any(each.get('id') == 0 for each in file.annotations):
        look.warn(
            f'{file.path} has an annotation with the id 0, which pycocotools takes for '
            'none: that object counts as missed when it was found.\n'
            f'  Mend a copy:  {rewritten(file.path, NUMBERED)}'
        )
    return found


def _of(categories: set[Any], test: Callable[[dict], bool]) -> Callable[[dict], bool]:
    """Restrict a test to annotations of some categories, those that mmdet reads."""
    return lambda each: each.get('category_id') in categories and test(each)


def _damaged_masks(file: AnnotationFile, categories: set[Any]) -> list[str]:
    """Return a message if masks of some categories are not those of their pictures."""
    wrong: list[str] = []
    for each in file.annotations:
        image = file.images.get(each['image_id'])
        if image is None or each['category_id'] not in categories:
            continue
        fault = fault_of_mask(each['segmentation'], image['height'], image['width'])
        if fault:
            wrong.append(f'annotation {each["id"]}: {fault}')
    if not wrong:
        return []
    return [
        f'{file.path}: {len(wrong)} of {len(file.annotations)} annotations have a '
        f"'segmentation' that cannot be read, such as {wrong[0]}\n  Mend it where the "
        'file is made, or take these annotations out'
    ]


def _is_mask(mask: Any) -> bool:
    """Tell whether a mask has one of the forms that mmdet and pycocotools read."""
    if isinstance(mask, dict):
        return {'size', 'counts'} <= mask.keys()
    return (
        isinstance(mask, list)
        and bool(mask)
        and all(are_numbers(p) and len(p) >= 6 and len(p) % 2 == 0 for p in mask)
    )


MASKS = (
    (
        "have no 'segmentation', but this config trains masks (one without masks: "
        'faster_rcnn_..., cascade_rcnn_...)',
        "d['annotations'] = [a for a in d['annotations'] if a.get('segmentation')]",
        lambda a: not a.get('segmentation'),
    ),
    (
        "have a 'segmentation' that is no list of polygons [x, y, x, y, x, y, ...] and "
        'no run lengths',
        '',
        lambda a: bool(a.get('segmentation')) and not _is_mask(a['segmentation']),
    ),
)


def _why_not(each: dict, file: AnnotationFile, labels: dict[Any, Any]) -> str:
    """Say why an annotation is not used; empty if it is."""
    image = file.images.get(each['image_id'])
    if image is None:
        return UNLISTED
    if each['category_id'] not in labels:
        return UNKNOWN
    if labels[each['category_id']] is None:
        return 'of other classes'
    if each.get('ignore'):
        return "marked 'ignore'"
    if each.get('iscrowd'):
        return CROWD
    x, y, width, height = each['bbox']
    if width < 1 or height < 1:
        return NO_SIZE
    if min(x + width, image['width']) <= max(x, 0):
        return OUTSIDE
    if min(y + height, image['height']) <= max(y, 0):
        return OUTSIDE
    return '' if each['area'] > 0 else NO_AREA


def _judge(look: Look, file: AnnotationFile) -> None:
    """Add what the counts tell."""
    kept, every = look.things or (0, 0)
    corners = _corners(file)
    if corners:
        look.error(
            f'the boxes of {file.path} look like corners x1, y1, x2, y2: as x, y, '
            f'width, height {corners} of {every} reach beyond their picture.\n'
            f'  Mend a copy:  {rewritten(file.path, FROM_CORNERS)}'
        )
    if not kept and (look.trains or every):
        look.error(f'no object of {file.path} is left{_likely(look, file)}')
        return
    look.check_occurrence()
    if every and kept < every / 2:
        look.warn(f'only {kept} of {every} objects are used')
    beyond = _beyond(file)
    if beyond and not corners:
        look.warn(f'{beyond} of {every} boxes reach beyond their picture')
    lost = {why: look.left_out[why] for why in DAMAGED if look.left_out[why]}
    if kept >= every / 2 and sum(lost.values()) * 10 >= every:
        causes = ', '.join(f'{n} {why}' for why, n in lost.items())
        look.warn(f'{sum(lost.values())} of {every} objects of {file.path}: {causes}')


def _likely(look: Look, file: AnnotationFile) -> str:
    """Say what is likely to have taken all objects."""
    if not file.annotations:
        return f': it has {len(file.images)} images and no annotations'
    causes = '; '.join(f'{n} {why}' for why, n in look.left_out.most_common())
    largest = max(max(each['bbox']) for each in file.annotations)
    (first, _), *_ = look.left_out.most_common(1)
    hints = {
        NO_AREA: "'area' is 0: it is the mask's area, or width x height of the box.\n"
        f'  Mend a copy:  {rewritten(file.path, AREA_OF_BOX)}',
        CROWD: "'iscrowd' is 1 everywhere: it marks groups that are not learnt (a "
        'mask as run lengths does not need it).\n'
        f'  Mend a copy:  {rewritten(file.path, NO_GROUPS)}',
    }
    hint = hints.get(first, '')
    if first == UNLISTED:
        image, named = next(iter(file.images)), file.annotations[0]['image_id']
        hint = f'images have ids such as {image!r}, annotations {named!r}: write alike'
    if largest <= SHARES:
        hint = 'the boxes are in shares of the picture, 0 to 1: write pixels'
    elif first == NO_SIZE:
        hint = 'boxes are x, y, width, height in pixels, width and height above 0'
    return f' of {len(file.annotations)} ({causes})' + (f'.\n  {hint}' if hint else '')


def _beyond(file: AnnotationFile) -> int:
    """Return the number of boxes that are partly beyond their picture."""
    number = 0
    for each in file.annotations:
        x, y, width, height = each['bbox']
        right, bottom = _ends(file, each)
        inside = x < right and y < bottom and x + width > 0 and y + height > 0
        over = x + width > right or y + height > bottom or min(x, y) < -SLACK
        number += inside and over
    return number


def _ends(file: AnnotationFile, each: dict) -> tuple[float, float]:
    """Return the largest x and y that a box of an annotation may reach, in pixels."""
    image = file.images.get(each['image_id'])
    if image is None:
        return math.inf, math.inf
    return image['width'] + SLACK, image['height'] + SLACK


def _corners(file: AnnotationFile) -> int:
    """Return how many boxes reach beyond their picture, if all may be corners."""
    for each in file.annotations:
        x1, y1, x2, y2 = each['bbox']
        right, bottom = _ends(file, each)
        if not (x1 < x2 <= right and y1 < y2 <= bottom):
            return 0
    beyond = _beyond(file)
    return beyond if beyond * 4 >= len(file.annotations) else 0


def check_evaluator(
    look: Look, key: str, file: AnnotationFile, theirs: AnnotationFile
) -> None:
    """Add an error if an evaluator has other pictures or categories, or lacks fields.

    The arguments are those of `check_pictures`.
    """
    if check_pictures(look, key, file, theirs):
        check_categories(look, theirs)
        look.errors += [f'{look.name}: {text}' for text in _faults(look, theirs, False)]


def check_pictures(
    look: Look, key: str, file: AnnotationFile, theirs: AnnotationFile
) -> bool:
    """Add an error if an evaluator reads the annotations of other pictures.

    Args:
        look: Look at the data set that is measured.
        key: Key of the evaluator in the config.
        file: Annotation file of the data set.
        theirs: Annotation file of the evaluator.

    Returns:
        True if they are of the same pictures.
    """
    line = f'  Write  {key}.ann_file={file.path}'
    ours = {number: image['file_name'] for number, image in file.images.items()}
    others = {number: image['file_name'] for number, image in theirs.images.items()}
    lacking = [name for number, name in ours.items() if number not in others]
    if lacking:
        look.error(
            f'{key} reads {theirs.path}, which does not have {len(lacking)} of the '
            f'{len(ours)} pictures of {file.path}, {first(lacking)}\n{line}'
        )
        return False
    named = [n for n, name in ours.items() if Path(name).name != Path(others[n]).name]
    if named:
        number = named[0]
        look.error(
            f'{key} reads {theirs.path}, in which the same ids are other pictures: id '
            f'{number} is {others[number]}, and {ours[number]} in {file.path}\n{line}'
        )
        return False
    shared = _boxes(file) & _boxes(theirs)
    if file.annotations and theirs.annotations and not shared:
        look.error(
            f'{key} reads {theirs.path}, which has pictures of the same ids and names '
            f'as {file.path}, but not one box of it\n{line}'
        )
    return bool(shared) or not file.annotations


def _boxes(file: AnnotationFile) -> set[tuple]:
    """Return each box of a file with its picture."""
    return {
        (str(each.get('image_id')), str(each.get('bbox'))) for each in file.annotations
    }
