"""Ids come from annotation files in which every record has one of its own."""

import json

import pytest

from hrnet_mm.data.coco_ids import read_ids
from hrnet_mm.errors import UserError

IMAGES = [dict(id=7, file_name='a.jpg'), dict(id=-3, file_name='b/c.jpg')]
CATEGORIES = [dict(id=1, name='cat'), dict(id=2, name='dog')]


@pytest.fixture
def read(tmp_path):
    def go(content):
        path = tmp_path / 'ann.json'
        path.write_text(json.dumps(content))
        return read_ids(path)

    return go


def test_ids(read):
    ids = {'a.jpg': 7, 'b/c.jpg': -3}
    assert read(dict(images=IMAGES)) == (ids, None)
    assert read(dict(images=IMAGES, categories=None)) == (ids, None)
    assert read(dict(images=IMAGES, categories=CATEGORIES)) == (ids, CATEGORIES)
    assert read(dict(images=[], categories=[])) == ({}, [])


ODD = [None, [], [1], {}, 'text', '7', float('nan'), 7.5, True, 10**400, 2**60]


@pytest.mark.parametrize('odd', ODD)
def test_ids_that_are_none(read, odd):
    record = dict(IMAGES[0], id=odd)
    with pytest.raises(UserError, match=r"'images' needs a whole number as 'id'"):
        read(dict(images=[IMAGES[1], record]))
    category = dict(CATEGORIES[0], id=odd)
    with pytest.raises(UserError, match=r"'categories' needs a whole number as 'id'"):
        read(dict(images=IMAGES, categories=[category]))


@pytest.mark.parametrize('odd', [None, [], 5, '', {}])
def test_names_that_are_none(read, odd):
    with pytest.raises(UserError, match="'id' and a text as 'file_name'"):
        read(dict(images=[dict(id=1, file_name=odd)]))
    with pytest.raises(UserError, match="'id' and a text as 'name'"):
        read(dict(images=IMAGES, categories=[dict(id=1, name=odd)]))


@pytest.mark.parametrize('odd', [None, 5, 'text', [IMAGES[0]]])
def test_records_that_are_none(read, odd):
    with pytest.raises(UserError, match="'images' needs a whole number as 'id'"):
        read(dict(images=[IMAGES[0], odd]))


@pytest.mark.parametrize('content', [None, 5, 'text', [], IMAGES, {}, dict(ids=[])])
def test_other_files(read, content):
    with pytest.raises(UserError, match='ann.json is no COCO annotation file: expec'):
        read(content)


@pytest.mark.parametrize('odd', [None, 5, 'text', {}])
def test_lists_that_are_none(read, odd):
    with pytest.raises(UserError, match="'images' is no list but"):
        read(dict(images=odd))


@pytest.mark.parametrize('field', ['id', 'file_name'])
def test_records_with_one_id_or_name(read, field):
    double = dict(IMAGES[1], **{field: IMAGES[0][field]})
    with pytest.raises(UserError, match=f"two records of 'images' have the {field} "):
        read(dict(images=[IMAGES[0], double]))


@pytest.mark.parametrize('field', ['id', 'name'])
def test_categories_with_one_id_or_name(read, field):
    double = dict(CATEGORIES[1], **{field: CATEGORIES[0][field]})
    with pytest.raises(UserError, match=f'two records of .* have the {field} '):
        read(dict(images=IMAGES, categories=[CATEGORIES[0], double]))
