"""A file is whole or absent, and a link is replaced, not followed."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from hrnet_mm.errors import UserError
from hrnet_mm.files import underway, whole, write_whole


def test_file_appears_at_the_end_alone(tmp_path: Path) -> None:
    path = tmp_path / 'a.txt'
    with whole(path) as part:
        part.write_text('new')
        assert not path.exists()
    assert path.read_text() == 'new'
    assert list(tmp_path.iterdir()) == [path]


def write_half(path: Path, error: BaseException) -> None:
    """Write a part of a file and fail."""
    with whole(path) as part:
        part.write_text('half')
        raise error


def test_error_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / 'a.txt'
    path.write_text('old')
    with pytest.raises(KeyboardInterrupt):
        write_half(path, KeyboardInterrupt())
    assert path.read_text() == 'old'
    assert list(tmp_path.iterdir()) == [path]


def test_full_disk_is_one_message(tmp_path: Path) -> None:
    path = tmp_path / 'a.txt'
    path.write_text('old')
    full = OSError(errno.ENOSPC, 'No space left on device')
    with pytest.raises(UserError, match=r'a\.txt could not be written: the disk is fu'):
        write_half(path, full)
    assert path.read_text() == 'old'
    assert list(tmp_path.iterdir()) == [path]


def test_link_is_replaced_and_not_followed(tmp_path: Path) -> None:
    outside, link = tmp_path / 'outside.txt', tmp_path / 'link.txt'
    outside.write_text('precious')
    link.symlink_to(outside)
    write_whole(link, 'new')
    assert outside.read_text() == 'precious'
    assert link.read_text() == 'new'
    assert not link.is_symlink()


def test_link_in_the_place_of_the_part_is_not_followed(tmp_path: Path) -> None:
    outside, path = tmp_path / 'outside.txt', tmp_path / 'a.txt'
    outside.write_text('precious')
    underway(path).symlink_to(outside)
    write_whole(path, 'new')
    assert outside.read_text() == 'precious'
    assert path.read_text() == 'new'


def test_longest_name_can_be_written(tmp_path: Path) -> None:
    path = tmp_path / ('a' * 251 + '.txt')
    write_whole(path, 'new')
    assert path.read_text() == 'new'
