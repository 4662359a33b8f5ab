"""An argument that a part of a config does not take is named."""

from __future__ import annotations

import pytest
from mmengine.config import ConfigDict
from mmengine.registry import Registry

from hrnet_mm.cli.ending import user_errors

PARTS = Registry('parts of this test')


class Base:
    """A part that takes one argument."""

    def __init__(self, depth=1):
        self.depth = depth


@PARTS.register_module()
class Part(Base):
    """A part that hands all others on."""

    def __init__(self, inner=None, **others):
        super().__init__(**others)
        self.inner = PARTS.build(inner) if inner else None


@PARTS.register_module()
class Wrong:
    """A part with a mistake of its own."""

    def __init__(self, depth):
        Base(width=depth)


def build(cfg, capsys):
    with pytest.raises(SystemExit, match='2'), user_errors():
        PARTS.build(ConfigDict(cfg))
    return capsys.readouterr().err


def test_an_argument_that_a_part_does_not_take(capsys):
    said = build(dict(type='Part', foo=1), capsys)
    assert "error: Part takes no argument 'foo'" in said
    said = build(dict(type='Part', inner=dict(type='Part', dept=1)), capsys)
    assert "error: Part takes no argument 'dept'" in said
    assert 'did you mean depth?' in said
    assert '--cfg-options' in said


def test_a_mistake_of_a_part_keeps_its_traceback():
    with pytest.raises(TypeError, match='width'), user_errors():
        PARTS.build(dict(type='Wrong', depth=1))
    with pytest.raises(TypeError, match='width'), user_errors():
        Base(width=1)


@PARTS.register_module()
class Choosy:
    """A part that looks at its values."""

    def __init__(self, depth):
        if depth > 3:
            raise ValueError(f'depth {depth} is too deep')
        self.words = depth.words


@pytest.mark.parametrize(
    ('cfg', 'message'),
    [
        (dict(type='Choosy', depth=5), 'depth 5 is too deep'),
        (dict(type='Choosy', depth=1), "'int' object has no attribute 'words'"),
        (dict(type='Choosy', depth='x'), 'not supported between instances'),
        (dict(type='Part', inner=dict(type='Choosy', depth=5)), 'depth 5 is too deep'),
    ],
)
def test_a_value_that_a_part_refuses(cfg, message, capsys):
    said = build(cfg, capsys)
    assert 'Choosy cannot be built from the config: ' in said
    assert message in said
    assert '(test_refusal.py, line ' in said
    assert 'HRNET_TRACEBACK=1 shows the whole traceback' in said


def test_authors_of_parts_can_see_the_traceback(monkeypatch):
    monkeypatch.setenv('HRNET_TRACEBACK', '1')
    with pytest.raises(ValueError, match='too deep'), user_errors():
        PARTS.build(ConfigDict(type='Choosy', depth=5))


def test_an_error_that_has_nothing_to_do_with_the_config():
    with pytest.raises(ZeroDivisionError), user_errors():
        _ = 1 / 0
