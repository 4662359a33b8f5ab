"""Class folders that are not there, or other ones than the classes, are named."""

import shutil

import class_folders_case
import pytest
from class_folders_case import COLOURS, on_folders

from hrnet_mm.checks import moments
from hrnet_mm.errors import UserError

folders = class_folders_case.folders  # a fixture


def test_class_folders_that_are_right(folders, tmp_path):
    moments.before_building(on_folders(folders, tmp_path), ['train', 'val', 'test'])


def test_no_class_folders(folders, tmp_path):
    for image in (folders / 'train/red').iterdir():
        image.rename(folders / 'train' / image.name)
    for name in COLOURS:
        shutil.rmtree(folders / 'train' / name)
    cfg = on_folders(folders, tmp_path)
    with pytest.raises(UserError) as raised:
        moments.before_building(cfg, ['train'])
    message = str(raised.value)
    assert f'{folders}/train has no class folders, but 8 files' in message
    assert f'a list {folders}/meta/train.txt with a line IMAGE NUMBER' in message
    (folders / 'meta').mkdir()
    (folders / 'meta/train.txt').write_text('0.jpg 0\n')
    moments.before_building(cfg, ['train'])


def test_another_number_of_class_folders(folders, tmp_path):
    shutil.rmtree(folders / 'val/red')
    message = (
        r'val has 4 class folders \(blue, cyan, green, yellow\), but the data set has '
        r'5 classes.\n'
    )
    cfg = on_folders(folders, tmp_path)
    with pytest.raises(UserError, match=message + 'No folder: red. Make these folders'):
        moments.before_building(cfg, ['train', 'val'])
    (folders / 'val/reed').mkdir()
    moments.before_building(cfg, ['val'])  # the look compares the names
    (folders / 'val/pink').mkdir()
    with pytest.raises(UserError, match=r'Classes of your own: .* num_classes=6'):
        moments.before_building(cfg, ['val'])
    (folders / 'train/.ipynb_checkpoints').mkdir()
    message = r'No class: .ipynb_checkpoints. Take these folders away, or name the clas'
    with pytest.raises(UserError, match=message):
        moments.before_building(cfg, ['train'])


def test_folders_without_images(folders, tmp_path):
    for image in (folders / 'val').rglob('*.jpg'):
        image.unlink()
    with pytest.raises(UserError, match=r'no folder in .*/val has an image \(.jpg'):
        moments.before_building(on_folders(folders, tmp_path), ['val'])
