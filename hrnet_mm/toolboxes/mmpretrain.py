"""mmpretrain predicts one class for the whole image."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..data.look.class_folders import look_at_folders, look_at_list
from ..errors import UserError, first
from ..nested_dicts import first_value
from ..shelves import short_name
from .toolbox import (
    HIGHEST_STREAM,
    PIXELS,
    SIZES,
    WIDTHS,
    DataSet,
    Package,
    Shape,
    Toolbox,
    folder_of,
    pair,
    prefix_of,
    rounded,
)

if TYPE_CHECKING:
    import numpy as np

    from ..data.look import Look
    from ..drawing.canvas import Kept

TOP = 5  # number of classes reported per image
IMAGENET = (224, 224)
# Number of classes of data sets that read class folders, if the config lists no
# classes; None for as many as there are folders.
FOLDER_DATASETS = {'ImageNet': 1000, 'CustomDataset': None}
IMAGES = ('.jpg', '.jpeg', '.png', '.ppm', '.bmp', '.pgm', '.tif')
CLASSIFIER = dict(
    type='ImageClassifier',
    data_preprocessor=dict(num_classes=3, **PIXELS),
    backbone=HIGHEST_STREAM,
    neck=dict(type='GlobalAveragePooling'),
    head=dict(type='LinearClsHead', num_classes=3, in_channels=WIDTHS[0]),
)


class MMPretrain(Toolbox):
    """MMPretrain describes mmpretrain: for one image, one class."""

    task = 'classification'
    package = Package('mmpretrain', 'mmpretrain==1.2.0', 'onedl-mmpretrain>=1.3')
    extra = 'cls'
    visualizer = 'UniversalVisualizer'
    trial_model = CLASSIFIER

    def trial_sample(self) -> Any:
        from mmpretrain.structures import DataSample

        return DataSample(metainfo=SIZES)

    def input_shape(self, cfg: Mapping[str, Any]) -> Shape:
        """Return the size of the test's crop, or 224 x 224 if there is none."""
        return pair(first_value(cfg.get('test_dataloader'), 'crop_size', IMAGENET))

    def part_of_pretrained(self, node: dict) -> dict:
        """Return the whole classifier, which is what `pretrained` names weights of."""
        return node

    def canvas(self) -> type[Kept]:
        from ..drawing.class_names import ClassNameCanvas

        return ClassNameCanvas

    def ask_to_draw(
        self,
        visualizer: Any,
        image: np.ndarray,
        sample: Any,
        score_thr: float,
        draw_gt: bool,
    ) -> None:
        visualizer.visualize_cls(image, sample, draw_gt=draw_gt)

    def records(self, sample: Any, categories: list[dict]) -> list[dict]:
        """Return the most probable classes, the best one first."""
        scores, labels = sample.pred_score.topk(min(TOP, len(sample.pred_score)))
        pairs = zip(labels.tolist(), rounded(scores, 6), strict=True)
        named = [dict(**categories[label], score=score) for label, score in pairs]
        return [dict(classes=named)]

    def check_files(self, dataset: dict) -> None:
        """Check that there is a folder for each class, and an image in any of them.

        Raises:
            UserError: There are no class folders, the number of folders is not that of
                the classes, or there are no images.
        """
        kind = short_name(dataset.get('type'))
        if kind not in FOLDER_DATASETS or is_listed(dataset):
            return
        place = prefix_of(dataset, 'img_path')
        folders = sorted(path.name for path in place.iterdir() if path.is_dir())
        form = f'{place}/CLASS/IMAGE.jpg'
        expected = f'Expected is a folder of images for each class: {form}'
        if not folders:
            raise UserError(
                f'{place} has no class folders, but {len(list(place.iterdir()))} '
                f'files.\n{expected}, or a list {list_of(dataset)} with a line IMAGE '
                'NUMBER for each image'
            )
        classes = (dataset.get('metainfo') or {}).get('classes')
        number = len(classes) if classes else FOLDER_DATASETS[kind]
        if number not in (None, len(folders)):
            few = ', '.join(folders[:4]) + (', ...' if len(folders) > 4 else '')
            raise UserError(
                f'{place} has {len(folders)} class folders ({few}), but the data set '
                f'has {number} classes.\n{_differing(folders, classes or ())}'
            )
        if not any(path.suffix.lower() in IMAGES for path in place.rglob('*')):
            raise UserError(
                f'no folder in {place} has an image ({" ".join(IMAGES)}).\n{expected}'
            )

    def look(self, look: Look, data: DataSet) -> None:
        """Count the pictures of class folders or of a list, and compare names."""
        kind, config = short_name(data.kind), data.config
        if kind not in FOLDER_DATASETS:
            return
        place = prefix_of(config, 'img_path')
        if is_listed(config):
            file = data.file if config.get('ann_file') else list_of(config)
            look_at_list(look, file, place, len(look.classes) or None, data.root)
            return
        if kind == 'ImageNet' and not (config.get('metainfo') or {}).get('classes'):
            look.classes = []  # the folders have the numbers of WordNet
        suffixes = tuple(config.get('extensions') or IMAGES)
        look_at_folders(look, place, suffixes, data.root)

    def look_at_evaluator(
        self, look: Look, data: DataSet, metric: dict, key: str
    ) -> None:
        """Add an error if the accuracy of more classes is asked for than there are."""
        topk = metric.get('topk') or ()
        wanted = list(topk) if isinstance(topk, list | tuple) else [topk]
        number, largest = len(look.classes), max(wanted, default=0)
        if number and largest > number and short_name(metric.get('type')) == 'Accuracy':
            possible = tuple(k for k in wanted if k <= number) or (1,)
            look.error(
                f'{key} asks for the top-{largest} accuracy of {number} classes. '
                f'Write  {key}.topk={possible}'
            )


def list_of(dataset: dict) -> Path:
    """Return the path of the optional file that lists images and their classes."""
    return folder_of(dataset) / 'meta' / f'{dataset.get("split") or "train"}.txt'


def is_listed(dataset: dict) -> bool:
    """Tell whether a file lists the images, so that class folders are not needed."""
    listed = 'split' in dataset and list_of(dataset).is_file()
    return bool(dataset.get('ann_file')) or listed


def _differing(folders: Sequence[str], classes: Sequence[str]) -> str:
    """Say what to do about class folders of another number than the classes."""
    more = [name for name in folders if name not in classes]
    lacking = [name for name in classes if name not in folders]
    if classes and not lacking:
        return f'No class: {first(more)}. Take these folders away, or name the classes'
    if classes and not more:
        return f'No folder: {first(lacking)}. Make these folders; they may be empty'
    return (
        'Classes of your own: give every data set '
        "metainfo=dict(classes=('first', 'second', ...)), in the order of the folders' "
        f'names, and the head num_classes={len(folders)}'
    )
