"""Docstrings say something by themselves, and the examples in them run."""

from __future__ import annotations

import ast
import doctest
import logging
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
from conftest import OLD_TORCH, ROOT


def files(*folders: str) -> list[Path]:
    """List the files in folders of the repository."""
    found = (path for folder in folders for path in (ROOT / folder).rglob('*.py'))
    return sorted(path for path in found if '.mim' not in path.parts)


PACKAGES = files('hrnet_mm', 'benchmarks', 'papers')
FILES = [*PACKAGES, *files('tests', 'tools', 'configs/_base_')]
EXAMPLES = [path for path in PACKAGES if '>>>' in path.read_text()]
# Words with which no sentence begins, but an answer to "what is it?".
FRAGMENTS = ('What', 'Whether', 'Of', 'That', 'Those', 'Which', 'Where', 'How', 'As')


def name_of(path: Path) -> str:
    """The path in the repository, for the names of tests."""
    return str(path.relative_to(ROOT))


def docstrings(path: Path) -> Iterator[tuple[str, str]]:
    """The name of everything that has a docstring, and its first paragraph."""
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    for node in ast.walk(ast.parse(path.read_text())):
        text = ast.get_docstring(node) if isinstance(node, kinds) else None
        if text:
            yield getattr(node, 'name', path.stem), text.partition('\n\n')[0]


@pytest.mark.parametrize('path', FILES, ids=name_of)
def test_docstrings_begin_with_a_sentence(path):
    for name, first in docstrings(path):
        sentence = first.replace('\n', ' ')
        assert sentence.rstrip().endswith(('.', ':', '?')), (name, sentence)
        assert len(sentence.split()) >= 3, (name, sentence)
        assert sentence.split()[0] not in FRAGMENTS, (name, sentence)


def test_there_are_examples():
    found = {name_of(path) for path in EXAMPLES}
    assert {'hrnet_mm/models/hrnet.py', 'hrnet_mm/models/heads.py'} <= found
    assert len(found) >= 5


@pytest.mark.slow
@pytest.mark.parametrize('path', EXAMPLES, ids=name_of)
def test_examples_run(path, tmp_path, monkeypatch):
    if OLD_TORCH and 'fast' in path.parts:
        pytest.skip('hrnet_mm.fast needs a newer torch')
    monkeypatch.chdir(tmp_path)  # some write files
    monkeypatch.setattr(logging.root, 'level', logging.ERROR)
    module = import_module('.'.join(path.relative_to(ROOT).with_suffix('').parts))
    found = doctest.testmod(module)
    assert found.attempted > 0
    assert found.failed == 0
