"""Label maps are compared with their pictures and with the classes."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from PIL import Image

from hrnet_mm.data.look import Look, pixel_classes
from hrnet_mm.data.look.pixel_classes import Values, count_values, look_at_label_maps


@pytest.fixture
def look_at(tmp_path):
    """Return a function that looks at label maps, given as arrays."""

    def of(*maps, classes=('sky', 'road', 'car'), trains=True, **rule) -> Look:
        pairs = []
        for i, labels in enumerate(maps):
            picture, path = tmp_path / f'{i}.jpg', tmp_path / f'{i}.png'
            cv2.imwrite(str(picture), np.zeros((4, 6, 3), np.uint8))
            if labels is not None:
                cv2.imwrite(str(path), np.asarray(labels))
            pairs.append((picture, path))
        look = Look('train', 'train_dataloader.dataset', trains, list(classes))
        values = dict(number=len(classes)) | rule
        look_at_label_maps(look, pairs, tmp_path, Values(**values))
        return look

    return of


def labels(*values, dtype=np.uint8) -> np.ndarray:
    """A map of 6 x 4 pixels with some values."""
    return np.resize(np.array(values, dtype), (4, 6))


def test_what_is_right(look_at):
    look = look_at(labels(0, 1), labels(2, 255, 255))
    assert look.errors == look.warnings == []
    assert look.line() == 'train: 2 of 2 pictures'
    assert look.occurring == {0: 12, 1: 12, 2: 8}


WRONG = [
    (labels(0, 255), ('a', 'b'), {}, 'the values 0 and 255 alone, with two classes'),
    (
        labels(0, 1, 7, 9),
        'abc',
        {},
        'no class: 7, 9, such as .*0.png. Allowed are 0 to',
    ),
    (labels(0, 300, dtype=np.uint16), 'abc', {}, 'up to 300, of which the pipeline ke'),
    (
        labels(1, 4),
        'abc',
        dict(first=1),
        'no class: 4, .* 1 to 3, and 255, 0 by reduce',
    ),
    (np.zeros((4, 6, 3), np.uint8), 'abc', {}, r'are in colors \(RGB\)'),
    (np.zeros((4, 6, 4), np.uint8), 'abc', {}, r'are in colors \(RGBA\)'),
    (np.zeros((6, 4), np.uint8), 'abc', {}, 'has 4 x 6 pixels, its picture 6 x 4'),
    (None, 'abc', {}, '1 of 1 label maps are not there: .*0.png\n.*seg_map_suffix'),
]


@pytest.mark.parametrize(('made', 'classes', 'rule', 'what'), WRONG)
def test_what_is_wrong(look_at, made, classes, rule, what):
    import re

    (error,) = look_at(made, classes=classes, **rule).errors
    assert re.search(what, error), error


def test_values_that_look_strange(look_at):
    (shifted, never) = look_at(labels(1, 2)).warnings
    assert 'the class sky: if classes count from 1' in shifted
    assert '1 of 3 classes never occur' in never
    (zero,) = look_at(labels(1, 2, 3), first=1).warnings
    assert 'which reduce_zero_label leaves out' in zero
    assert look_at(labels(0, 1, 2, 3), first=1).warnings == []


def test_void_and_background_alone_may_be_measured(look_at):
    look = look_at(labels(0, 255), classes=('sky', 'car'), trains=False)
    assert look.errors == []
    assert 'so car would never be measured. If 255 stands for it:' in look.warnings[0]


def test_sixteen_bits(look_at, tmp_path):
    made = labels(0, 256, 299, 65535, dtype=np.uint16)
    classes = [str(i) for i in range(300)]
    look = look_at(made, classes=classes, bits=16, ignored=65535)
    assert look.errors == []
    assert set(look.occurring) == {0, 256, 299}


def test_a_palette_has_indices(tmp_path):
    image = Image.fromarray(labels(0, 2))
    image.putpalette([0, 0, 0, 255, 0, 0, 0, 255, 0])
    image.save(tmp_path / 'a.png')
    assert count_values(str(tmp_path / 'a.png')) == [[0, 2], [12, 12], '']


@pytest.mark.parametrize(
    ('mode', 'become'), [('P', 'colors'), ('1', 'values of 0 and 255')]
)
def test_what_opencv_makes_other_values_of(tmp_path, mode, become):
    cv2.imwrite(str(tmp_path / '0.jpg'), np.zeros((4, 6, 3), np.uint8))
    image = Image.fromarray(labels(0, 1, dtype=bool if mode == '1' else np.uint8))
    if mode == 'P':
        image.putpalette([0, 0, 0, 255, 0, 0])
    image.save(tmp_path / '0.png')
    pairs = [(tmp_path / '0.jpg', tmp_path / '0.png')]
    assert (cv2.imread(str(pairs[0][1]), cv2.IMREAD_UNCHANGED) == 255).any()
    for decoder in ('pillow', 'cv2'):
        look = Look('train', 'train_dataloader.dataset', classes=['a', 'b'])
        look_at_label_maps(look, pairs, tmp_path, Values(2, decoder=decoder))
        if decoder == 'pillow':
            assert look.errors == []
            continue
        assert look.errors == [
            f'train: 1 of 1 label maps become {become} by OpenCV: {pairs[0][1]}\n'
            "  Set imdecode_backend='pillow' in the step that loads them"
        ]


def test_classes_that_the_data_set_renumbers(look_at):
    rule = dict(number=4, renumbered={0: 1, 1: 255, 2: 255, 3: 0})
    look = look_at(labels(0, 3, 2), classes=('car', 'sky'), **rule)
    assert look.errors == look.warnings == []
    assert look.occurring == {1: 8, 0: 8, 255: 8}
    (error,) = look_at(labels(0, 4), classes=('car', 'sky'), **rule).errors
    assert 'no class: 4' in error


def test_of_many_maps_some_are_read(look_at, monkeypatch):
    monkeypatch.setattr(pixel_classes, 'MOST_READ', 2)
    look = look_at(labels(0), labels(1), labels(2), labels(0))
    assert look.occurring == {0: 24, 2: 24}


@pytest.mark.parametrize('place', [60, 100])
def test_damaged_pixels_behind_a_good_header(tmp_path, place):
    path = tmp_path / 'a.png'
    noise = np.random.default_rng(0).integers(0, 3, (64, 64), np.uint8)
    Image.fromarray(noise).save(path)
    content = bytearray(path.read_bytes())
    content[place : place + 30] = bytes(30)
    path.write_bytes(content)
    values, counts, fault = count_values(str(path))
    assert (values, counts) == ([], [])
    assert fault.startswith('it is damaged: OSError')
