"""Key points in COCO's form are counted as mmpose would use them.

Sources: `BaseCocoStyleDataset.parse_data_info` and `_is_valid_instance`, `CocoMetric`
and `NME` of mmpose 1.3.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from ...errors import UserError, first
from .json_files import (
    GENERAL,
    UNLISTED,
    AnnotationFile,
    Fault,
    are_numbers,
    faults_of,
    repeated_ids,
    shortened,
    without_size,
)
from .looks import Look, side_by_side
from .sides import check_sides

UNLABELLED = 'without labelled key points'
UNCOUNTED = "with 'num_keypoints' 0, though points are labelled"
OUTSIDE = 'with a box outside the picture, or of no size'
SWAP = "Set 'swap' in the keypoint_info of the metainfo, so that these pairs change: {}"
NO_AREA = "have no 'area'"


def look_at_people(
    look: Look, file: AnnotationFile, meta: Mapping[str, Any], *, in_full: bool = True
) -> None:
    """Count what of an annotation file would be used, and add what is wrong with it.

    Args:
        look: Look at the data set.
        file: Its annotation file.
        meta: Metainfo of the data set, as mmpose parses it.
        in_full: False for a class of data sets with its own way to read annotations;
            then only the number and names of key points are looked at.

    Raises:
        UserError: The metainfo does not number its key points from 0 on.
    """
    look.unit = 'people'
    numbers = sorted(meta['keypoint_id2name'])
    if numbers != list(range(meta['num_keypoints'])):
        raise UserError(
            f'the keypoint_info of the metainfo has the numbers {first(numbers)}: '
            f'count from 0 to {len(numbers) - 1}'
        )
    check_info(look, meta)
    check_names(look, file, meta)
    number = meta['num_keypoints']
    tests = [*_number_of(number), *(_fields(look.trains) if in_full else ())]
    found = faults_of(file, tests)
    found += repeated_ids(file) + without_size(file) if in_full else []
    look.errors += [f'{look.name}: {text}' for text in found]
    if not look.errors and not in_full:
        look.pictures = (len(file.images), len(file.images))
    elif not look.errors:
        _count(look, file)


def check_info(look: Look, meta: Mapping[str, Any]) -> None:
    """Add an error unless the metainfo has one value for each key point."""
    number = meta['num_keypoints']
    values = dict(sigmas='sigmas', joint_weights='dataset_keypoint_weights')
    for name, key in values.items():
        listed = meta.get(key)
        if listed is not None and len(listed) != number:
            look.error(
                f'the data set has {number} key points, its metainfo {len(listed)} '
                f'{name}. Give {name}=[...] one number for each key point'
                + (' (0.05 if none are known)' if name == 'sigmas' else ' (usually 1)')
            )
    names = [meta['keypoint_id2name'][i] for i in range(number)]
    pairs = meta.get('flip_indices') or range(number)
    one_way = [i for i, j in enumerate(pairs) if pairs[j] != i]
    exchanged = [(i, j) for i, j in enumerate(pairs) if i != j]
    if not one_way:
        check_sides(look, names, exchanged, remedy=SWAP)
    else:
        i, j = one_way[0], pairs[one_way[0]]
        look.error(
            f'a flip exchanges {names[i]} with {names[j]}, but not the other way '
            "round: mend 'swap' in the keypoint_info of the metainfo"
        )


def check_names(look: Look, file: AnnotationFile, meta: Mapping[str, Any]) -> None:
    """Add an error if the file names its key points otherwise than the metainfo."""
    ours = [meta['keypoint_id2name'][i] for i in range(meta['num_keypoints'])]
    for category in file.categories:
        names = category.get('keypoints')
        if not isinstance(names, list) or not names or _plain(names) == _plain(ours):
            continue
        if len(names) != len(ours):
            what = f'{len(names)} key points, the metainfo {len(ours)}'
        elif set(_plain(names)) == set(_plain(ours)):
            what = 'its key points in another order than the metainfo'
        else:
            what = 'other key points than the metainfo'
        look.error(
            f'{file.path} has {what}.\n'
            f'{side_by_side({file.path.name: names, "metainfo": ours}, most=24)}\n'
            f'  Write  {look.key}.metainfo=dict(from_file=FILE)  with the key points '
            'of the file, in every data set, and out_channels='
            f'{len(names)} in the head'
        )


def _plain(names: Sequence[Any]) -> list[str]:
    """Return names in one spelling: `Left Eye` and `left_eye` are one point."""
    return [str(name).lower().replace(' ', '_').replace('-', '_') for name in names]


def check_evaluator(
    look: Look, file: AnnotationFile, meta: Mapping[str, Any], *, key: str
) -> None:
    """Add an error if the file of an evaluator has other points, or lacks fields.

    Args:
        look: Look at the data set that is measured.
        file: Annotation file of the evaluator.
        meta: Metainfo of the data set.
        key: Key of the evaluator in the config.
    """
    check_names(look, file, meta)
    tests = [*_number_of(meta['num_keypoints']), *_fields(trains=False)]
    found = faults_of(file, tests) + repeated_ids(file)
    look.errors += [f'{look.name}, {key}: {text}' for text in found]


# Data sets whose points at the outer corners of the eyes mmpose knows.
KNOWN_DISTANCES = ('horse10', '300w', 'coco_wholebody_face', 'cofw', 'wflw', 'lapa')


def check_distance(look: Look, meta: Mapping[str, Any], metric: dict, key: str) -> None:
    """Add an error unless the metric NME knows by what to divide distances.

    Args:
        look: Look at the data set.
        meta: Its metainfo.
        metric: Config of the metric.
        key: Key of the metric in the config.
    """
    if metric.get('norm_mode') != 'keypoint_distance':
        return
    points, number = metric.get('keypoint_indices'), meta['num_keypoints']
    known = meta.get('dataset_name') in KNOWN_DISTANCES
    if points is None and not known:
        look.error(
            f'{key} divides distances by the one between two key points, but not by '
            f'which of {number}. Write  {key}.keypoint_indices=[A,B]  with their '
            'numbers, from 0: the outer corners of the eyes, for one'
        )
    elif points is not None and (len(points) != 2 or max(points) >= number):
        look.error(
            f'{key}.keypoint_indices is {list(points)}; expected are two numbers from '
            f'0 to {number - 1}'
        )


def _number_of(number: int) -> list[Fault]:
    return [
        (
            f"have 'keypoints' that are not {3 * number} finite numbers, x, y and "
            f'visibility of {number} key points, as the metainfo has',
            '',
            lambda a: (
                'keypoints' in a  # mmpose leaves out people without, not with null
                and not are_numbers(a['keypoints'], 3 * number)
            ),
        )
    ]


def _fields(trains: bool) -> list[Fault]:
    """Return the faults of other fields; areas are needed for measuring alone."""
    return [fault for fault in GENERAL if not trains or fault[0] != NO_AREA]


def _count(look: Look, file: AnnotationFile) -> None:
    used = set()
    for each in file.annotations:
        why = _why_not(each, file)
        if why:
            look.left_out[why] += 1
        else:
            used.add(each['image_id'])
    people = len(file.annotations) - sum(look.left_out.values())
    look.pictures = (len(used), len(file.images))
    look.things = (people, len(file.annotations))
    if not people and file.annotations:
        causes = '; '.join(f'{n} {why}' for why, n in look.left_out.most_common())
        look.error(
            f'nobody of {file.path} is left of {len(file.annotations)} ({causes})'
        )
    elif people < len(file.annotations) / 2:
        look.warn(f'only {people} of {len(file.annotations)} people are used')


def _why_not(each: dict, file: AnnotationFile) -> str:
    """Say why an annotation is not used; empty if it is."""
    image = file.images.get(each['image_id'])
    if image is None:
        return UNLISTED
    if each.get('keypoints') is None:
        return "without 'keypoints'"
    if each.get('iscrowd'):
        return "marked 'iscrowd'"
    points = each['keypoints']
    if not any(v > 0 for v in points[2::3]):
        return UNLABELLED
    if each.get('num_keypoints') == 0:
        return UNCOUNTED
    x, y, width, height = each['bbox']
    right, bottom = image['width'] - 1, image['height'] - 1
    inside = min(max(x + width, 0), right) > min(max(x, 0), right) and min(
        max(y + height, 0), bottom
    ) > min(max(y, 0), bottom)
    return '' if inside else OUTSIDE


def look_at_joints(look: Look, path: Any, people: list[Any], number: int) -> None:
    """Look at a list of people in the form of MPII, with `joints` and `joints_vis`.

    Args:
        look: Look at the data set.
        path: Its file.
        people: Content of the file.
        number: Number of key points of the metainfo.
    """
    look.unit = 'people'
    wrong = [p for p in people if not isinstance(p, dict) or not p.get('joints')]
    if people and len(wrong) == len(people):
        return  # a test's, or reported by `check_people`
    counts = Counter(len(p['joints']) for p in people if p not in wrong)
    others = {n: count for n, count in counts.items() if n != number}
    if others:
        look.error(
            f'{path}: {sum(others.values())} of {len(people)} people have '
            f'{first(sorted(others))} joints, the metainfo has {number} key points'
        )
    if wrong:
        look.error(
            f'{path}: {len(wrong)} of {len(people)} people have no joints, such as '
            f'{shortened(wrong[0])}'
        )
    images = {person.get('image') for person in people if isinstance(person, dict)}
    look.pictures = (len(images), len(images))
    look.things = (len(people) - len(wrong), len(people))
