"""Names are joined, lists stand side by side, and commands write copies."""

from pathlib import Path

from hrnet_mm.data.look import Look
from hrnet_mm.data.look.looks import rewritten, side_by_side


def test_lists():
    shown = side_by_side({'a.json': ['x', 'y'], 'config': ['y']})
    assert shown == '  a.json: x, y\n  config: y'


def test_a_set_whose_class_reads_in_its_own_way():
    line = Look('val', 'val_dataloader.dataset').line()
    assert line == 'val: not counted, as its class reads files in a way of its own'


def test_what_cannot_be_counted():
    look = Look('val', 'val_dataloader.dataset')
    look.error('the categories stand in another order')
    assert look.line() == 'val: not counted, because of what is wrong'


def test_a_copy_is_written_beside_the_file():
    command = rewritten(Path('/data/a.json'), 'pass', 'gbk')
    assert "open(r'/data/a.json', encoding='gbk')" in command
    assert "open(r'/data/a_new.json', 'x')" in command
    assert 'name a_new.json as ann_file' in command


def test_classes_that_never_occur():
    look = Look('val', '', trains=False, classes=['a', 'b', 'c'])
    look.check_occurrence()
    assert look.warnings == []  # nothing is counted
    look.occurring[1] = 4
    look.check_occurrence()
    assert look.warnings == [
        'val: 2 of 3 classes never occur, so they are not measured: a, c'
    ]
