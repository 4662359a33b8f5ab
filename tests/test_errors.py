"""An error that a user can mend is one message, from a loading process too."""

from __future__ import annotations

import pytest

from hrnet_mm.errors import (
    UserError,
    did_you_mean,
    first,
    one_line,
    place_of,
    printable,
)


def test_an_error_from_a_loading_process_is_one_message():
    # torch raises the type again with the process's traceback as its text.
    text = (
        'Caught UserError in DataLoader worker process 0.\nOriginal Traceback (most '
        'recent call last):\n  File "x.py", line 1\nhrnet_mm.errors.UserError: the '
        'label map a.png\nAllowed are 0 to 18\n'
    )
    assert str(UserError(text)) == 'the label map a.png\nAllowed are 0 to 18'
    assert str(UserError('no config file')) == 'no config file'


class OtherError(UserError):
    """An error of a module of its own."""


def test_a_derived_error_from_a_loading_process_is_one_message():
    name = f'{OtherError.__module__}.OtherError'
    assert str(OtherError(f'Traceback ...\n{name}: a.png\nMend it\n')) == (
        'a.png\nMend it'
    )


def test_where_an_error_was_raised():
    with pytest.raises(ValueError, match='two') as found:
        raise ValueError('of\ntwo lines')
    assert one_line(found.value) == 'ValueError: of two lines'
    assert place_of(found.value).startswith('test_errors.py, line ')


def test_similar_words():
    assert did_you_mean(['a', 'b']) == '; did you mean a, b?'
    assert did_you_mean([]) == ''


def test_the_first_names():
    assert first([]) == 'nothing'
    assert first('abc') == 'a, b, c'
    assert first(range(5), 2) == '0, 1, ... (5 in all)'


def test_no_control_code_reaches_a_terminal():
    assert printable("it's é 日") == "it's é 日"
    assert printable('a\n\x1b[2J\udcff') == '\\'.join(['a', 'n', 'x1b[2J', 'udcff'])
