"""Every problem of an environment comes with the pip commands that fix it."""

from __future__ import annotations

from typing import NamedTuple

Command = tuple[str, ...]  # arguments of pip


class Remedy(NamedTuple):
    """A `Remedy` says what fixes a problem; it is empty if no fix is known.

    Attributes:
        commands: Arguments of pip, command by command, in the order to run.
        advice: What no command can do, in words for people.
    """

    commands: tuple[Command, ...] = ()
    advice: str = ''


class Problem(NamedTuple):
    """A `Problem` describes something wrong in the environment, and its remedy.

    Attributes:
        what: Description for people.
        commands: Commands of its remedy.
        advice: Advice of its remedy.
    """

    what: str
    commands: tuple[Command, ...] = ()
    advice: str = ''


def install(*requirements: str) -> Command:
    """Return the pip command that installs some requirements."""
    return ('install', *requirements)


def uninstall(*names: str) -> Command:
    """Return the pip command that removes distributions without asking."""
    return ('uninstall', '-y', *names)
