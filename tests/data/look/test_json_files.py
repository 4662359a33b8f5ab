"""Files that are no annotations are named, with the line and what mends them."""

import json
import os
import shlex
import subprocess
import sys

import pytest

from hrnet_mm.data.look.json_files import (
    annotations_in,
    annotations_of,
    are_numbers,
    content_of,
    forget_files,
    read_json,
)
from hrnet_mm.errors import UserError

GOOD = dict(
    images=[dict(id=1, file_name='ä.jpg')],
    annotations=[],
    categories=[dict(id=1, name='猫狗')],
)
TEXT = json.dumps(GOOD, ensure_ascii=False)
FILES = [
    (b'', 'is empty'),
    (b' \n', 'is empty'),
    (TEXT.encode('utf-8-sig'), 'encoding utf-8-sig; the toolboxes read UTF-8 without'),
    (TEXT.encode('utf-16'), 'encoding utf-16'),
    (TEXT.encode('gbk', 'replace'), r'line 1: it is not UTF-8 \(byte 0x'),
    (TEXT.encode()[:60], 'line 1, is not JSON: ends in the middle: it was cut off'),
    (b'{"a": 1,\n"b" 2}', "line 2, is not JSON: Expecting ':' delimiter"),
    (b'<html>', 'is not JSON'),
    (b'[[1]]', r'holds a list of 1 entries; expected is the form of COCO'),
    (b'7', 'holds a int of 7; expected'),
    (b'{}', 'has no images and no annotations and no categories, only nothing'),
    (b'{"images": [], "annotations": []}', 'no categories, only images, annotations'),
    (b'{"images": {"1": 2}, "annotations": [], "categories": []}', 'images is no list'),
    (b'{"images": [1], "annotations": [], "categories": []}', 'images is no list of'),
    (b'{"images": [{"id": 1}], "annotations": [], "categories": []}', "'file_name'"),
    (b'{"images": [], "annotations": [], "categories": [{"id": 1}]}', "no 'name'"),
    (
        b'{"images": [{"id": 1, "file_name": 2}], "annotations": [], "categories": []}',
        "1 of 1 images have a 'file_name' that is no text, such as {",
    ),
    (
        b'{"images": [], "annotations": [], "categories": [{"id": 1, "name": true}]}',
        "1 of 1 categories have a 'name' that is no text, such as {",
    ),
    (b'[' * 100_000, 'nested too deeply'),
]


@pytest.mark.parametrize(('content', 'what'), FILES)
def test_other_files(tmp_path, content, what):
    path = tmp_path / 'a.json'
    path.write_bytes(content)
    with pytest.raises(UserError, match=what) as error:
        annotations_in(path, read_json(path))
    assert str(error.value).startswith(str(path))


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(UserError, match=r'none.json cannot be read: No such file'):
        annotations_of(tmp_path / 'none.json')


@pytest.mark.parametrize('encoding', ['utf-8-sig', 'utf-16'])
def test_the_command_for_another_encoding(tmp_path, encoding):
    path = tmp_path / 'a.json'
    path.write_bytes(TEXT.encode(encoding))
    with pytest.raises(UserError) as error:
        read_json(path)
    command = next(li for li in str(error.value).splitlines() if 'python' in li)
    words = shlex.split(command.partition('Write it so:')[2])
    subprocess.run([sys.executable, *words[1:]], check=True)
    assert read_json(tmp_path / 'a_new.json') == GOOD


def test_a_file_is_read_once(tmp_path):
    path = tmp_path / 'a.json'
    path.write_text(TEXT)
    assert content_of(path) is content_of(path)
    once, first = content_of(path), annotations_of(path)
    forget_files()
    assert content_of(path) is not once
    assert first.names == ['猫狗']
    assert first.images[1]['file_name'] == 'ä.jpg'


def test_a_test_has_no_annotations(tmp_path):
    path = tmp_path / 'a.json'
    path.write_text(json.dumps({k: v for k, v in GOOD.items() if k != 'annotations'}))
    assert annotations_in(path, read_json(path), annotated=False).annotations == []
    with pytest.raises(UserError, match='has no annotations, only images, categories'):
        annotations_in(path, read_json(path))


def test_numbers():
    assert are_numbers([1, 2.5])
    assert are_numbers([], 0)
    for other in ([1, float('nan')], [True], ['1'], None, 'ab', [1, None]):
        assert not are_numbers(other)
    assert not are_numbers([1, 2], 3)


@pytest.mark.parametrize(
    ('text', 'message'),
    [
        (b'{"a": 1, "b": [{"c": 1, "c": 2}]}', "a record has the key 'c' twice"),
        (b'[' * 10**6, 'nested too deeply'),
        (b'{"a":' * 10**5, 'nested too deeply'),
        (b'\0\0\0\0', 'line 1, is not JSON'),
        (b'[1, \0]', 'line 1, is not JSON'),
        (b'["a\0b"]', 'line 1, is not JSON'),
        (b'\xff\xfe[\0]\0', 'in the encoding utf-16'),
        (b'[1e5', 'was cut off'),
    ],
)
def test_odd_files(tmp_path, text, message):
    path = tmp_path / 'odd.json'
    path.write_bytes(text)
    with pytest.raises(UserError, match=message) as found:
        read_json(path)
    assert str(found.value).startswith(str(path))


def test_numbers_of_thousands_of_digits(tmp_path):
    path = tmp_path / 'odd.json'
    path.write_text(f'[{10**400}]')
    assert read_json(path) == [10**400]
    path.write_text(f'[{"1" * 5000}]')
    if hasattr(sys, 'get_int_max_str_digits'):
        with pytest.raises(UserError, match=r'odd.json cannot be read: .*digits'):
            read_json(path)


@pytest.mark.parametrize('kind', ['folder', 'pipe'])
def test_what_is_no_file(tmp_path, kind):
    path = tmp_path / 'odd.json'
    path.mkdir() if kind == 'folder' else os.mkfifo(path)
    with pytest.raises(UserError, match='odd.json is no file'):
        read_json(path)
