"""What is wrong with key point and detector box files, before mmpose reads them.

mmpose leaves out people without key points and boxes of other categories. Where nothing
is left it fails in the middle of NumPy.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..errors import UserError

PERSON = 1  # the category whose boxes mmpose takes


def check_pose_files(dataset: dict) -> None:
    """Annotations must have labelled key points, a detector's file boxes of people.

    Args:
        dataset: The config of one data set of mmpose: `ann_file` below `data_root`,
            and perhaps `bbox_file`.

    Raises:
        UserError: A file is no JSON, or has nothing to train or evaluate on.
    """
    path = Path(dataset.get('data_root') or '') / (dataset.get('ann_file') or '')
    if path.suffix != '.json' or not path.is_file():
        return  # check_data says so
    content = _read(path)
    content = content if isinstance(content, dict) else {'annotations': content}  # MPII
    people = content.get('annotations', [])
    boxes = dataset.get('bbox_file')
    # Those who evaluate test-dev have images without any annotation.
    if people or not boxes:
        _check_people(path, people)
    if boxes:
        images = {image['id'] for image in content.get('images', [])}
        _check_boxes(Path(boxes), path, images)


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_text())
    except ValueError as error:
        raise UserError(
            f'{path} is not JSON: {error}. Fetch it again: the download may have '
            'been cut short'
        ) from error


def _check_people(path: Path, people: Sequence[dict]) -> None:
    """`people` in the form of COCO, or of MPII ('joints', 'joints_vis')."""
    if any(map(_is_labelled, people)):
        return
    posed = [person for person in people if 'keypoints' in person]
    if not people:
        found = 'it has no annotations'
    elif not posed and 'joints' not in people[0]:
        keys = ', '.join(sorted(people[0]))
        found = f"none of its {len(people)} annotations has 'keypoints', only {keys}"
    else:
        found = f'all key points of its {len(people)} annotations have visibility 0'
    raise UserError(
        f'{path} has no key points: {found}.\n'
        "  expected: 'keypoints' with x, y, visibility per joint, 1 or 2 where it is "
        'labelled, as in person_keypoints_train2017.json\n'
        '  Name such a file:  --cfg-options train_dataloader.dataset.ann_file=..., and '
        'the same for val and test\n'
        '  a small made data set:  '
        'hrnet shapes data/people --layout coco-pose'
    )


def _is_labelled(person: dict) -> bool:
    visibility = person.get('joints_vis') or person.get('keypoints', [])[2::3]
    return any(v > 0 for v in visibility)


def _check_boxes(path: Path, ann_file: Path, images: set[int]) -> None:
    if not path.is_file():
        raise UserError(f'no detector boxes {path}\n{_BOXES}')
    boxes = _read(path)
    if not isinstance(boxes, list) or not all(map(_is_box, boxes)):
        raise UserError(
            f"{path} is not a list of dicts with 'image_id', 'category_id', 'bbox' "
            f'(x, y, width, height) and score, as COCO results are\n{_BOXES}'
        )
    people = [box for box in boxes if box['category_id'] == PERSON]
    if not people:
        categories = sorted({box['category_id'] for box in boxes})
        found = f'{len(boxes)} boxes, of categories {categories}' if boxes else 'none'
        raise UserError(
            f'{path} has no boxes of people: found {found}, expected category_id '
            f'{PERSON}\n{_BOXES}'
        )
    strange = [box for box in people if box['image_id'] not in images]
    if strange:
        raise UserError(
            f'{len(strange)} of the {len(people)} boxes of {path} are on images that '
            f'{ann_file} does not have, image_id {strange[0]["image_id"]} for one\n'
            f'{_BOXES}'
        )


def _is_box(box: Any) -> bool:
    keys = ('image_id', 'category_id', 'bbox', 'score')
    return isinstance(box, dict) and all(key in box for key in keys)


_BOXES = (
    '  a file of yours:  --cfg-options val_dataloader.dataset.bbox_file=FILE '
    'test_dataloader.dataset.bbox_file=FILE\n'
    '  ground-truth boxes:  the same with None as FILE'
)
