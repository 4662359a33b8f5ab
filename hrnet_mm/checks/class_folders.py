"""What is wrong with a folder of class folders, before mmpretrain reads it."""

from __future__ import annotations

from pathlib import Path

from ..errors import UserError

# Classes of those of mmpretrain's data sets that read class folders, where the config
# does not list any; None: as many as there are folders.
FOLDER_DATASETS = {'ImageNet': 1000, 'CustomDataset': None}
IMAGES = ('.jpg', '.jpeg', '.png', '.ppm', '.bmp', '.pgm', '.tif')  # as mmpretrain


def check_class_folders(dataset: dict) -> None:
    """Each class must have a folder, and some folder an image.

    Args:
        dataset: The config of one data set of mmpretrain.

    Raises:
        UserError: There are no class folders, another number of them, or no images.
    """
    kind = str(dataset.get('type')).rsplit('.', 1)[-1]
    if kind not in FOLDER_DATASETS or _is_listed(dataset):
        return
    prefix = dict(dataset.get('data_prefix') or {}).get('img_path', '')
    place = Path(dataset.get('data_root') or '') / prefix
    folders = sorted(path.name for path in place.iterdir() if path.is_dir())
    expected = f'Expected is a folder of images for each class: {place}/CLASS/IMAGE.jpg'
    if not folders:
        raise UserError(
            f'{place} has no class folders, but {len(list(place.iterdir()))} files.\n'
            f'{expected}, or a list {_list(dataset)} with a line IMAGE NUMBER for each '
            'image'
        )
    classes = (dataset.get('metainfo') or {}).get('classes')
    number = len(classes) if classes else FOLDER_DATASETS[kind]
    if number not in (None, len(folders)):
        few = ', '.join(folders[:4]) + (', ...' if len(folders) > 4 else '')
        raise UserError(
            f'{place} has {len(folders)} class folders ({few}), but the data set has '
            f'{number} classes.\nClasses of your own: give every data set '
            "metainfo=dict(classes=('first', 'second', ...)), in the order of the "
            f"folders' names, and the head num_classes={len(folders)}"
        )
    if not any(path.suffix.lower() in IMAGES for path in place.rglob('*')):
        raise UserError(
            f'no folder in {place} has an image ({" ".join(IMAGES)}).\n{expected}'
        )


def _list(dataset: dict) -> Path:
    """The file that may say which images there are, and their classes."""
    root = Path(dataset.get('data_root') or '')
    return root / 'meta' / f'{dataset.get("split") or "train"}.txt'


def _is_listed(dataset: dict) -> bool:
    return bool(dataset.get('ann_file')) or (
        'split' in dataset and _list(dataset).is_file()
    )
