"""Docstrings of configs, and what is read from them."""

import pytest
from conftest import ROOT

from hrnet_mm.errors import UserError
from papers.entries import Figure, read_docstring

CONFIGS = sorted((ROOT / 'configs').glob('*.py'))
COMMANDS = '\n\n    python tools/train.py configs/x.py\n'


def described(tmp_path, text):
    path = tmp_path / 'x.py'
    path.write_text(f'"""{text}{COMMANDS}"""\n')
    return read_docstring(path)


def test_title_and_figures(tmp_path):
    text = (
        'HRNet, LIP.\n\nTable VI of arXiv 1908.07919, val with flip: aAcc 88.21, '
        'mask AP 1.\nREADME of Some-Code, val: mIoU 56.04.\n\nA note: with, commas 3.'
    )
    assert described(tmp_path, text) == (
        'HRNet, LIP',
        (
            Figure(
                'Table VI of arXiv 1908.07919',
                'val with flip',
                {'aAcc': 88.21, 'mask AP': 1.0},
            ),
            Figure('README of Some-Code', 'val', {'mIoU': 56.04}),
        ),
    )


def test_what_is_no_row_of_the_papers(tmp_path):
    text = 'A demo.\n\nNot a row of the papers: it is\nsmall.'
    assert described(tmp_path, text) == ('A demo', ())


@pytest.mark.parametrize(
    ('text', 'named'),
    [
        ('No full stop', 'starts with'),
        ('A title.\n\nTable 1, val: mIoU good.', 'mIoU good'),
        ('A title.\n\nTable 1: mIoU 80.1.', 'Table 1: mIoU'),
        ('A title.', 'expected a title'),
    ],
)
def test_another_form_is_an_error_that_names_the_file(tmp_path, text, named):
    with pytest.raises(UserError, match='x.py') as error:
        described(tmp_path, text)
    assert named in str(error.value)


@pytest.mark.parametrize('path', CONFIGS, ids=lambda path: path.stem)
def test_every_config_is_described(path):
    title, _ = read_docstring(path)
    assert title
