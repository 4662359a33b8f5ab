"""mmpose finds keypoints of people and faces top-down, in boxes of a detector.

mmpose ignores people without keypoints and boxes of other categories. If nothing is
left it fails inside NumPy, so its files are checked beforehand.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..data.coco_boxes import read_boxes
from ..data.coco_numbers import fault_of_numbers
from ..data.look.json_files import FORM, annotations_of, content_of, read_json
from ..data.look.key_points import (
    check_distance,
    check_evaluator,
    look_at_joints,
    look_at_people,
)
from ..data.look.objects import check_pictures
from ..errors import UserError
from ..nested_dicts import first_value
from ..shelves import short_name
from .toolbox import (
    HIGHEST_STREAM,
    PIXELS,
    SIDE,
    WIDTHS,
    DataSet,
    Package,
    Shape,
    Toolbox,
    folder_of,
    pair,
    rounded,
    with_sides,
)

if TYPE_CHECKING:
    import numpy as np

    from ..data.look import Look

PERSON = 1  # id of the category whose boxes mmpose uses
MAPS = (SIDE // 4, SIDE // 4)  # size of the trial's heatmaps
ESTIMATOR = dict(
    type='TopdownPoseEstimator',
    data_preprocessor=dict(type='PoseDataPreprocessor', **PIXELS),
    backbone=HIGHEST_STREAM,
    head=dict(
        type='HeatmapHead',
        in_channels=WIDTHS[0],
        out_channels=17,
        deconv_out_channels=None,
        decoder=dict(
            type='MSRAHeatmap', input_size=(SIDE, SIDE), heatmap_size=MAPS, sigma=2
        ),
    ),
)


class MMPose(Toolbox):
    """MMPose describes mmpose: in one image, many boxes with keypoints in each."""

    task = 'pose'
    package = Package('mmpose', 'mmpose==1.3.2', 'mmpose==1.3.2')
    extra = 'pose'
    needs = (
        *('mmdet', 'json_tricks', 'munkres', 'pycocotools', 'scipy'),
        *('matplotlib', 'cv2', 'PIL', 'six', 'torchvision'),
    )
    alone = True
    layouts = {'CocoDataset': 'coco-pose'}  # noqa: RUF012
    sign = ('annotations/person_keypoints_*.json', 'COCO key points (mmpose)')
    results = 'people'
    takes_boxes = True
    visualizer = 'PoseLocalVisualizer'
    trial_model = ESTIMATOR

    def trial_sample(self) -> Any:
        from mmpose.testing import get_packed_inputs

        made = get_packed_inputs(
            batch_size=1,
            img_shape=(SIDE, SIDE),
            input_size=(SIDE, SIDE),
            heatmap_size=MAPS,
        )
        return made['data_samples'][0]

    def input_shape(self, cfg: Mapping[str, Any]) -> Shape:
        """Return the height and width to which the image in a box is resized."""
        width, height = pair(first_value(cfg.get('val_dataloader'), 'input_size'))
        return height, width

    def check_files(self, dataset: dict) -> None:
        """Check for labeled keypoints in annotations and people in detector boxes.

        Args:
            dataset: Config with `ann_file` below `data_root`, and optionally
                `bbox_file`.

        Raises:
            UserError: A file is not JSON, or has nothing to train or evaluate on.
        """
        path = folder_of(dataset) / (dataset.get('ann_file') or '')
        boxes = dataset.get('bbox_file')
        # `files_are_there` reports missing files
        if path.suffix != '.json' or not path.is_file():
            if boxes:
                check_boxes(Path(boxes), path)
            return
        content = read_json(path)
        if isinstance(content, list):  # the form of MPII
            content = dict(annotations=content)
        listed, images = _lists_in(path, content)
        people = [person for person in listed if isinstance(person, dict)]
        fault = fault_of_numbers(people)
        if fault:
            raise UserError(f'{path}: {fault}')
        # For test-dev the images have no annotations.
        if people or not boxes:
            check_people(path, people)
        if boxes:
            check_boxes(Path(boxes), path, images)

    def look(self, look: Look, data: DataSet) -> None:
        """Compare a file of key points with the metainfo and the pictures."""
        from mmpose.datasets.datasets.base import BaseCocoStyleDataset as Base

        if data.file.suffix != '.json' or not issubclass(data.kind, Base):
            return
        look.classes = []
        content = content_of(data.file)
        own_form = not data.reads_like(Base, '_load_annotations')
        if isinstance(content, list) and own_form:  # the form of MPII
            look_at_joints(look, data.file, content, data.meta['num_keypoints'])
            return
        annotated = look.trains or not data.config.get('bbox_file')
        file = annotations_of(data.file, annotated)
        in_full = data.reads_like(Base, 'parse_data_info', '_load_annotations')
        look_at_people(look, file, data.meta, in_full=in_full)
        data.look_at_pictures(look, file)

    def look_at_evaluator(
        self, look: Look, data: DataSet, metric: dict, key: str
    ) -> None:
        """Compare a metric with its file, and its key points with the metainfo."""
        kind = short_name(metric.get('type'))
        if kind == 'NME':
            check_distance(look, data.meta, metric, key)
        if kind != 'CocoMetric' or data.file.suffix != '.json':
            return
        files = data.beside(metric)
        if files:
            check_pictures(look, key, *files)
            check_evaluator(look, files[1], data.meta, key=key)

    def merged(self, samples: Sequence[Any]) -> Any:
        """Merge the samples of the people in an image into one."""
        if len(samples) == 1:
            return samples[0]
        from mmpose.structures import merge_data_samples

        return merge_data_samples(list(samples))

    def meta(self, stored: dict, own: dict) -> dict:
        """Choose the checkpoint's metadata if it knows which keypoints a flip swaps."""
        return stored if 'flip_indices' in stored else own

    def categories(self, meta: dict, known: list[dict] | None = None) -> list[dict]:
        """List the only category, with the names and bones of its keypoints."""
        names = [meta['keypoint_id2name'][i] for i in range(meta['num_keypoints'])]
        bones = [[a + 1, b + 1] for a, b in meta['skeleton_links']]
        kind = 'person' if bones else 'face'  # faces are points without bones
        return [dict(id=PERSON, name=kind, keypoints=names, skeleton=bones)]

    def ask_to_draw(
        self,
        visualizer: Any,
        image: np.ndarray,
        sample: Any,
        score_thr: float,
        draw_gt: bool,
    ) -> None:
        # mmengine only sets the attribute; the colors follow from this call.
        visualizer.set_dataset_meta(visualizer.dataset_meta)
        small = min(image.shape[:2]) < 400
        visualizer.radius, visualizer.line_width = (2, 1) if small else (4, 2)
        visualizer.add_datasample(
            'prediction', image, sample, kpt_thr=score_thr, draw_gt=draw_gt
        )

    def records(self, sample: Any, categories: list[dict]) -> list[dict]:
        """Return keypoints [x, y, score, ...] in pixels, with each person's box."""
        import numpy as np

        if sample is None:
            return []
        found = sample.pred_instances
        scores = found.keypoint_scores[..., None]
        points = np.concatenate([found.keypoints, scores], axis=2)
        rows = zip(
            points, with_sides(found.bboxes), rounded(found.scores, 6), strict=True
        )
        return [
            dict(
                category_id=categories[0]['id'],
                keypoints=rounded(person.ravel()),
                score=score,
                bbox=rounded(box),
            )
            for person, box, score in rows
        ]


def _lists_in(path: Path, content: Any) -> tuple[list, set[int | str]]:
    """Return the annotations in the content of a file, and the ids of its images."""
    form = f'{path} has another form; {FORM}'
    if not isinstance(content, dict):
        raise UserError(form)
    listed, images = (content.get(key) or [] for key in ('annotations', 'images'))
    if not isinstance(listed, list) or not isinstance(images, list):
        raise UserError(form)
    ids = [image.get('id') for image in images if isinstance(image, dict)]
    return listed, {number for number in ids if isinstance(number, int | str)}


def check_people(path: Path, people: Sequence[dict]) -> None:
    """Check that annotations in the form of COCO or MPII have a labeled keypoint.

    MPII's keys are 'joints' and 'joints_vis'.

    Raises:
        UserError: No keypoint is labeled.
    """
    if any(map(is_labelled, people)):
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


def is_labelled(person: dict) -> bool:
    """Tell whether any keypoint of a person is labeled."""
    points, seen = person.get('keypoints'), person.get('joints_vis')
    visibility = seen or (points[2::3] if isinstance(points, list) else [])
    if not isinstance(visibility, list):
        return False
    return any(isinstance(v, int | float) and v > 0 for v in visibility)


def check_boxes(
    path: Path, ann_file: Path, images: set[int | str] | None = None
) -> None:
    """Check that a file lists boxes of people on images that the annotations have.

    Args:
        path: File of the boxes.
        ann_file: File of the annotations.
        images: Ids of its images; None if they are not known.

    Raises:
        UserError: The file is missing, has another form, has no people, or has boxes on
            other images.
    """
    if not path.is_file():
        raise UserError(f'no detector boxes {path}\n{OTHER_BOXES}')
    try:
        boxes = read_boxes(path, needs=('image_id', 'category_id', 'score'))
    except UserError as error:
        raise UserError(f'{error}\n{OTHER_BOXES}') from error
    people = [box for box in boxes if box['category_id'] == PERSON]
    if not people:
        categories = _distinct([box['category_id'] for box in boxes])
        found = f'{len(boxes)} boxes, of categories {categories}' if boxes else 'none'
        raise UserError(
            f'{path} has no boxes of people: found {found}, expected category_id '
            f'{PERSON}\n{OTHER_BOXES}'
        )
    known = set() if images is None else images
    strange = [box for box in people if box['image_id'] not in known]
    if strange and images is not None:
        raise UserError(
            f'{len(strange)} of the {len(people)} boxes of {path} are on images that '
            f'{ann_file} does not have, image_id {strange[0]["image_id"]} for one\n'
            f'{OTHER_BOXES}'
        )


def _distinct(values: Sequence[Any]) -> list[Any]:
    """Return each value of JSON once, in the order of their texts."""
    by_text = {repr(value): value for value in values}
    return [by_text[text] for text in sorted(by_text)]


OTHER_BOXES = (
    '  a file of yours:  --cfg-options val_dataloader.dataset.bbox_file=FILE '
    'test_dataloader.dataset.bbox_file=FILE\n'
    '  ground-truth boxes:  the same with None as FILE'
)
