"""Mistakes in a config end in one message with its file, its line and the reason."""

from __future__ import annotations

import pytest

from hrnet_mm.cli.main import main
from hrnet_mm.config.opening import read_config
from hrnet_mm.errors import UserError

WRONG = {
    'open.py': (b'\nmodel = dict(\n', r"open.py, line 2: '\(' was never closed"),
    'base.py': (
        b"_base_ = ['none.py']",
        r'base.py: _base_ names .*none.py, .* no file',
    ),
    'inner.py': (b"_base_ = ['base.py']", r'/base.py: _base_ names .*none.py'),
    'notes.txt': (b'model', r'notes.txt: only py/yml/yaml/json'),
    'words.py': (b'a = 1\njust words\n', r'words.py, line 2: invalid syntax'),
    'latin.py': (b'a = 1\nb = "\xe9"\n', r'latin.py, line 2: it is not UTF-8'),
    'list.json': (b'[1, 2]', r'list.json: a list; expected .* model'),
    'empty.yml': (b'', r'empty.yml: nothing; expected .* model'),
    'colon.json': (b'{"a": 1,\n"b" 2}', r'colon.json, line 2: '),
    'open.yml': (b'a: 1\nb: [1\n', r'open.yml, line 3: '),
    'name.py': (b'a = 1\n\nb = c\n', r"name.py, line 3: NameError: name 'c'"),
    'key.py': (b'a = dict()\nb = a["x"]\n', r"key.py, line 2: KeyError: 'x'"),
    'bare.py': (b'a = 1\n', r'bare.py has no model'),
    'text.py': (b'model = "HRNet"\n', r"text.py has no model: .* found 'HRNet'"),
}


@pytest.fixture
def folder(tmp_path):
    for name, (content, _) in WRONG.items():
        (tmp_path / name).write_bytes(content)
    return tmp_path


@pytest.mark.parametrize('name', WRONG)
def test_the_file_the_line_and_the_reason(folder, name):
    with pytest.raises(UserError, match=WRONG[name][1]):
        read_config(folder / name)


@pytest.mark.parametrize('verb', ['train', 'complexity'])
def test_of_every_verb(folder, verb, monkeypatch, capsys):
    monkeypatch.chdir(folder)
    monkeypatch.setattr('hrnet_mm.cli.main.forbid_unpickling', lambda: None)
    for name in ('open.py', 'bare.py'):
        with pytest.raises(SystemExit, match='2'):
            main([verb, name])
        assert f'error: {name}' in capsys.readouterr().err.replace(f'{folder}/', '')


def test_an_option_makes_the_model(folder):
    with pytest.raises(UserError, match='bare.py has no model'):
        read_config(folder / 'bare.py', {'a': 2})
    cfg = read_config(folder / 'bare.py', {'model.type': 'hrnet_mm.HRNet'})
    assert cfg.model == dict(type='hrnet_mm.HRNet')


IMPORTS = 'model = dict()\ncustom_imports = dict(imports={names})\n'


def test_modules_of_the_user(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    own = tmp_path / 'own.py'
    own.write_text(IMPORTS.format(names=['words_not_there']))
    with pytest.raises(UserError, match=r'own.py: .*words_not_there.*\n.*PYTHONPATH'):
        read_config(own)
    read_config(own, {'custom_imports.imports': ['json']})
    (tmp_path / 'words_need_mmcv.py').write_text(
        'raise ModuleNotFoundError("No module named \'mmcv\'", name="mmcv")\n'
    )
    own.write_text(IMPORTS.format(names=['words_need_mmcv']))
    with pytest.raises(ModuleNotFoundError, match="^No module named 'mmcv'$"):
        read_config(own)
    (tmp_path / 'words_wrong.py').write_text('1 / 0\n')
    own.write_text(IMPORTS.format(names=['words_wrong']))
    with pytest.raises(ZeroDivisionError):
        read_config(own)


@pytest.mark.parametrize('imports', ["['json']", "dict(modules=['json'])"])
def test_custom_imports_of_another_form(tmp_path, imports):
    (tmp_path / 'own.py').write_text(f'model = dict()\ncustom_imports = {imports}\n')
    with pytest.raises(UserError, match=r"own.py: .* expected .*dict\(imports=\['my_"):
        read_config(tmp_path / 'own.py')
