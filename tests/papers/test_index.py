"""Docstrings of configs, and the index made of them."""

import pytest
import yaml
from conftest import ROOT

from hrnet_mm.errors import UserError
from hrnet_mm.weights.published import weights_for
from papers.entries import Entry, Figure, read_docstring
from papers.pages import pages

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


def test_pages():
    name = 'fcos_hrnetv2p_w18_1x_mmdet'
    figure = Figure(
        'Table 1 of arXiv 1904.04514', 'val2017', {'AP': 39.6, 'AP50': 61.0}
    )
    numbers = ('mmdet', 'COCO', (800, 1216), 17_500_000, 180_000_000_000)
    entry = Entry(name, 'FCOS', (figure,), *numbers, weights_for(name))
    made = {str(path): text for path, text in pages([entry]).items()}
    (weights,) = weights_for(name)
    line = made['configs/README.md'].splitlines()[-1]
    assert '| [AP 39.6](https://arxiv.org/abs/1904.04514) (val2017) |' in line
    assert '| 800 x 1216 | 17.50 | 180.00 |' in line
    assert weights.urls[0] in line
    (model,) = yaml.safe_load(made['configs/metafile.yml'])['Models']
    assert model['Name'] == name
    assert model['Config'] == f'configs/{name}.py'
    assert model['Weights'] == weights.urls[0]
    assert model['Results'][0]['Metrics'] == {'box AP': 35.3}  # the weights' own
    assert yaml.safe_load(made['model-index.yml']) == {
        'Import': ['configs/metafile.yml']
    }


def test_the_index_names_every_config():
    text = (ROOT / 'configs/README.md').read_text()
    assert not [path.name for path in CONFIGS if f']({path.name})' not in text]
