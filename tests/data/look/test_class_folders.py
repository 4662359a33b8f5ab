"""Class folders and lists are counted, and their names compared with the classes."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from hrnet_mm.data.look import Look
from hrnet_mm.data.look.class_folders import look_at_folders, look_at_list
from hrnet_mm.errors import UserError

JPG = ('.jpg',)


@pytest.fixture
def folders(tmp_path):
    for name in ('cat', 'dog'):
        (tmp_path / name).mkdir()
        cv2.imwrite(str(tmp_path / name / '1.jpg'), np.zeros((4, 6, 3), np.uint8))
    return tmp_path


def look(*classes) -> Look:
    return Look('val', 'val_dataloader.dataset', False, list(classes))


def test_folders(folders):
    found = look('cat', 'dog')
    look_at_folders(found, folders, JPG, folders)
    assert found.errors == found.warnings == []
    assert found.line() == 'val: 2 of 2 pictures'
    assert found.occurring == {0: 1, 1: 1}
    found = look()
    look_at_folders(found, folders, JPG, folders)
    assert found.classes == ['cat', 'dog']


def test_classes_in_another_order_than_the_folders(folders):
    found = look('dog', 'cat')
    look_at_folders(found, folders, JPG, folders)
    (error,) = found.errors
    assert '  folders: cat, dog\n  classes: dog, cat\n' in error
    assert "val_dataloader.dataset.metainfo=dict(classes=('cat', 'dog'))" in error
    found = look('Cat', 'Dog')  # other words for the same folders
    look_at_folders(found, folders, JPG, folders)
    assert found.errors == []


def test_damaged_and_other_files(folders):
    (folders / 'dog/2.jpg').write_bytes(b'')
    (folders / 'dog/notes.txt').write_text('mine')
    (folders / 'elk').mkdir()
    found = look('cat', 'dog', 'elk')
    look_at_folders(found, folders, JPG, folders)
    assert f'(it is empty): {folders}/dog/2.jpg' in found.errors[0]
    assert found.warnings == [
        'val: 1 files are no pictures by name: .txt',
        'val: 1 of 3 classes never occur, so they are not measured: elk',
    ]
    assert found.line() == 'val: 3 of 4 pictures'


def test_a_list_in_another_encoding(folders):
    (folders / 'list.txt').write_bytes('kätzchen/1.jpg 0'.encode('latin-1'))
    with pytest.raises(UserError, match='list.txt is not UTF-8'):
        look_at_list(look('cat'), folders / 'list.txt', folders, 1, folders)


LISTS = [
    ('cat/1.jpg 0\ndog/1.jpg 1\n', ''),
    ('cat/1.jpg 0\ndog/1.jpg\n', "line 2: 'dog/1.jpg'; expected is NAME NUMBER"),
    ('cat/1.jpg zero\n', 'line 1'),
    ('cat/1.jpg 0\ndog/1.jpg 2\n', 'line 2: class 2, but there are 2 classes, 0 to 1'),
    ('cat/1.jpg 0\ndog/9.jpg 1\n', '1 of 2 pictures are not there'),
]


@pytest.mark.parametrize(('text', 'what'), LISTS)
def test_lists(folders, text, what):
    file = folders / 'list.txt'
    file.write_text(text)
    found = look('cat', 'dog')
    look_at_list(found, file, folders, 2, folders)
    if what:
        assert what in found.errors[0]
    else:
        assert found.errors == found.warnings == []
        assert found.line() == 'val: 2 of 2 pictures'
