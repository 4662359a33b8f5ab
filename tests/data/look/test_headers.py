"""Headers tell sizes, turns, depths and most damages, without reading the pixels."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from PIL import Image

from hrnet_mm.data.look import Look
from hrnet_mm.data.look import headers as of
from hrnet_mm.data.look.headers import (
    Header,
    headers_of,
    read_header,
    why_unreadable,
)

NOISE = np.random.default_rng(0).integers(0, 256, (40, 60, 3), np.uint8)


@pytest.fixture
def look():
    return Look('train', 'train_dataloader.dataset')


def saved(folder, name, orientation=None, **options):
    """A picture of 60 x 40 pixels."""
    exif = Image.Exif()
    if orientation:
        exif[of.ORIENTATION] = orientation
    Image.fromarray(NOISE).save(folder / name, exif=exif, **options)
    return folder / name


@pytest.mark.parametrize(
    'name', ['a.jpg', 'a.png', 'a.bmp', 'a.tif', 'a.webp', 'a.gif']
)
def test_formats(tmp_path, name):
    header = Header(*read_header(str(saved(tmp_path, name))))
    assert header.shown == (60, 40)
    assert header.fault == ''


@pytest.mark.parametrize('orientation', range(1, 9))
@pytest.mark.parametrize('name', ['a.jpg', 'a.png'])
def test_turned_as_opencv_loads_it(tmp_path, name, orientation):
    path = saved(tmp_path, name, orientation)
    header = Header(*read_header(str(path)))
    assert header.orientation == orientation
    assert header.shown == cv2.imread(str(path)).shape[1::-1]


def damaged(folder) -> dict:
    whole = {
        kind: saved(folder, f'whole.{kind}').read_bytes() for kind in ('jpg', 'png')
    }
    return {
        'empty.jpg': (b'', 'it is empty'),
        'page.jpg': (b'\n<!DOCTYPE html><p>', 'it is a web page'),
        'words.png': (b'just words', 'it is no image'),
        'half.jpg': (whole['jpg'][:-900], 'it is cut off'),
        'half.png': (whole['png'][:-900], 'it is cut off'),
        'stump.png': (whole['png'][:20], ''),
    }


def test_damages(tmp_path, look):
    contents = damaged(tmp_path)
    for name, (content, _) in contents.items():
        (tmp_path / name).write_bytes(content)
    paths = [tmp_path / name for name in contents]
    headers = headers_of([*paths, tmp_path / 'none.jpg'], tmp_path)
    for path in paths:
        assert contents[path.name][1] in headers[path].fault
        assert headers[path].fault
    of.check_files(look, [*paths, tmp_path / 'none.jpg'], headers)
    text = '\n'.join(look.errors)
    assert f'1 of 7 pictures are not there: {tmp_path}/none.jpg' in text
    assert f'(it is empty): {tmp_path}/empty.jpg' in text
    assert f'(it is cut off): {tmp_path}/half.jpg, {tmp_path}/half.png' in text


def test_bytes_behind_the_end_are_no_damage(tmp_path):
    path = saved(tmp_path, 'a.jpg')
    path.write_bytes(path.read_bytes() + b'\0' * 900)
    assert read_header(str(path))[-1] == ''


def test_a_format_that_opencv_alone_reads(tmp_path):
    cv2.imwrite(str(tmp_path / 'a.hdr'), NOISE.astype(np.float32))
    assert read_header(str(tmp_path / 'a.hdr')) == [*Header()]


def test_a_picture_of_any_size_is_looked_at(tmp_path):
    Image.new('1', (20_000, 20_000)).save(tmp_path / 'huge.png')
    limit = Image.MAX_IMAGE_PIXELS
    assert read_header(str(tmp_path / 'huge.png'))[:2] == [20_000, 20_000]
    assert limit == Image.MAX_IMAGE_PIXELS


SIZES = [
    ((60, 40), None, None),
    ((40, 60), None, 'Width and height are exchanged'),
    ((120, 80), None, 'The pictures were resized'),
    ((50, 47), None, 'These are other pictures'),
    ((40, 60), 6, None),
    ((60, 40), 6, "color_type='color_ignore_orientation'"),
]


@pytest.mark.parametrize(('size', 'orientation', 'cause'), SIZES)
def test_sizes(tmp_path, look, size, orientation, cause):
    path = saved(tmp_path, 'a.jpg', orientation)
    headers = headers_of([path], tmp_path)
    of.check_sizes(look, {path: size}, headers, loads_turned=True)
    if cause is None:
        assert look.errors == []
        return
    (error,) = look.errors
    real = '40 x 60' if orientation else '60 x 40'
    assert f'{path} has {real}, annotated are {size[0]} x {size[1]}' in error
    assert cause in error


def test_what_is_loaded_as_stored_is_compared_as_stored(tmp_path, look):
    path = saved(tmp_path, 'a.jpg', 6)
    headers = headers_of([path], tmp_path)
    of.check_sizes(look, {path: (60, 40)}, headers, loads_turned=False)
    assert look.errors == []


def test_upside_down(tmp_path, look):
    headers = headers_of([saved(tmp_path, 'a.jpg', 3)], tmp_path)
    of.check_turns(look, headers, loads_turned=False)
    assert look.warnings == []
    of.check_turns(look, headers, loads_turned=True)
    assert '1 pictures are turned or mirrored by their EXIF' in look.warnings[0]


@pytest.mark.parametrize(('bits', 'wrong'), [(16, False), (12, True), (10, True)])
def test_bits_that_are_used(tmp_path, look, bits, wrong):
    path = tmp_path / 'a.png'
    cv2.imwrite(str(path), (NOISE[..., 0].astype(np.uint16) << 8) >> (16 - bits))
    headers = headers_of([path], tmp_path)
    look.in_8_bits = False
    of.check_files(look, [path], headers)
    assert look.errors == []
    look.in_8_bits = True
    of.check_files(look, [path], headers)
    assert bool(look.errors) == wrong
    if wrong:
        assert f'have 16 bits and use {bits} of them' in look.errors[0]
        assert f'<< {16 - bits}' in look.errors[0]


def test_colors_of_16_bits(tmp_path, look):
    path = tmp_path / 'a.png'
    cv2.imwrite(str(path), NOISE.astype(np.uint16) << 2)
    headers = headers_of([path], tmp_path)
    of.check_files(look, [path], headers)
    assert 'have 16 bits and use 10 of them' in look.errors[0]


@pytest.mark.parametrize('kind', ['float32', 'float64', 'int32'])
def test_values_of_which_nothing_becomes_8_bits(tmp_path, kind):
    path = str(tmp_path / 'a.tiff')
    cv2.imwrite(path, NOISE.astype(kind))
    assert why_unreadable(path) == (
        f'its values are {kind}, of which OpenCV makes no 8 bits: scale them to 0 to '
        '255 and write uint8'
    )


def test_why_a_picture_is_not_read(tmp_path):
    good = saved(tmp_path, 'a.png')
    assert why_unreadable(str(good)) == ''
    damaged = tmp_path / 'b.png'
    content = good.read_bytes()
    damaged.write_bytes(content[:45] + b'x' * 200 + content[-12:])
    assert why_unreadable(str(damaged)) == 'it is damaged'
    assert why_unreadable(str(tmp_path / 'c.png')) == 'No such file or directory'
