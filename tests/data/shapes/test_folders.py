"""Folders are written whole or not at all, and never over someone's files."""

import pytest
import shapes_case
from shapes_case import SMALL, contents

from hrnet_mm.data.shapes import make_shapes

made = shapes_case.made  # a fixture


def test_a_complete_data_set_is_left_as_it_is(made):
    before = contents(made / 'coco')
    assert not make_shapes(made / 'coco', **SMALL)
    assert contents(made / 'coco') == before


def test_other_arguments_need_overwrite(tmp_path):
    arguments = dict(train=1, val=1, size=(96, 96))
    make_shapes(tmp_path / 'out', **arguments)
    with pytest.raises(FileExistsError, match=r'layout coco, train 1, .*--overwrite'):
        make_shapes(tmp_path / 'out', **arguments, seed=1)
    assert make_shapes(tmp_path / 'out', **arguments, seed=1, overwrite=True)
    assert not make_shapes(tmp_path / 'out', **arguments, seed=1)
    assert [path.name for path in tmp_path.iterdir()] == ['out']


def test_a_part_of_a_data_set_is_not_taken_for_the_whole(tmp_path):
    arguments = dict(train=1, val=1, size=(96, 96))
    make_shapes(tmp_path, **arguments)
    next(tmp_path.glob('train2017/*')).unlink()
    with pytest.raises(FileExistsError, match='or a part of one'):
        make_shapes(tmp_path, **arguments)
    assert make_shapes(tmp_path, **arguments, overwrite=True)


@pytest.mark.parametrize('overwrite', [False, True])
def test_foreign_folders_are_never_touched(tmp_path, overwrite):
    (tmp_path / 'thesis.tex').write_text('years of work')
    with pytest.raises(FileExistsError, match=r'not made by .* it holds thesis\.tex\.'):
        make_shapes(tmp_path, overwrite=overwrite)
    assert contents(tmp_path) == {'thesis.tex': b'years of work'}


def test_foreign_files_in_an_own_folder_are_never_touched(tmp_path):
    make_shapes(tmp_path, train=1, val=1, size=(96, 96))
    (tmp_path / 'thesis.tex').write_text('years of work')
    with pytest.raises(FileExistsError, match='holds 5 files, but make_shapes wrote 4'):
        make_shapes(tmp_path, train=2, val=1, size=(96, 96), overwrite=True)
    assert (tmp_path / 'thesis.tex').is_file()


def test_an_interrupted_run_leaves_nothing(tmp_path):
    def interrupted(images):
        yield images[0]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make_shapes(tmp_path / 'out', size=(96, 96), track=interrupted)
    assert list(tmp_path.iterdir()) == []
