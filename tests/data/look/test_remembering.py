"""Facts about files are read once, in several processes where there are many files."""

import os
from pathlib import Path

from hrnet_mm.data.look import remembering
from hrnet_mm.data.look.remembering import Remembered, note_in


def length(path: str) -> int:
    with open(path) as file:
        return len(file.read())


def fresh(folder) -> Remembered:
    return Remembered(length, folder / '.facts.json', 'reading')


def test_a_file_is_read_until_it_changes(tmp_path):
    paths = [tmp_path / name for name in 'ab']
    for path in paths:
        path.write_text('xx')
    assert fresh(tmp_path).of([paths[0], paths[0], paths[1]]) == [2, 2, 2]
    again = fresh(tmp_path)
    again.read = None
    assert again.of(paths) == [2, 2]
    paths[1].write_text('xxx')
    assert fresh(tmp_path).of(paths) == [2, 3]
    os.utime(paths[0], ns=(1, 1))
    assert fresh(tmp_path)._is_known('a', [2, 1]) is False
    assert sorted(p.name for p in tmp_path.iterdir()) == ['.facts.json', 'a', 'b']


def test_the_data_may_be_moved(tmp_path):
    (tmp_path / 'old').mkdir()
    (tmp_path / 'old/a').write_text('xx')
    fresh(tmp_path / 'old').of([tmp_path / 'old/a'])
    (tmp_path / 'old').rename(tmp_path / 'new')
    moved = fresh(tmp_path / 'new')
    moved.read = None
    assert moved.of([tmp_path / 'new/a']) == [2]


def test_a_damaged_note_and_a_folder_that_is_not_there(tmp_path):
    (tmp_path / 'a').write_text('xx')
    for note in ('', '[1]', '{"a": 5}', '{"a": [[2, 1], '):
        (tmp_path / '.facts.json').write_text(note)
        assert fresh(tmp_path).of([tmp_path / 'a']) == [2]
    assert fresh(tmp_path / 'none').of([tmp_path / 'a']) == [2]


def test_many_files_are_read_by_several_processes(tmp_path, monkeypatch):
    monkeypatch.setattr(remembering, 'FEW', 3)
    monkeypatch.setattr(remembering, 'CHUNK', 2)
    paths = [tmp_path / f'{i}' for i in range(5)]
    for i, path in enumerate(paths):
        path.write_text('x' * i)
    assert fresh(tmp_path).of(paths) == [0, 1, 2, 3, 4]


def test_where_the_note_lies():
    paths = [Path('/data/train/1.jpg')]
    assert note_in(Path('/data'), paths, '.n') == Path('/data/.n')
    assert note_in(Path(), paths, '.n') == Path('/data/train/.n')
    assert note_in(Path(), [], '.n') == Path('.n')
