"""What pip is told, and the problem that it mends."""

from __future__ import annotations

from typing import NamedTuple

Command = tuple[str, ...]  # arguments of pip


class Remedy(NamedTuple):
    """Says what mends something; it is empty where nobody knows.

    Attributes:
        commands: In this order.
        advice: What no command can do, for people.
    """

    commands: tuple[Command, ...] = ()
    advice: str = ''


class Problem(NamedTuple):
    """Something that is wrong.

    Attributes:
        what: For people.
        commands: Of its remedy.
        advice: Of its remedy.
    """

    what: str
    commands: tuple[Command, ...] = ()
    advice: str = ''


def install(*requirements: str) -> Command:
    """Return the command that installs something."""
    return ('install', *requirements)


def uninstall(*names: str) -> Command:
    """Return the command that removes distributions, without asking."""
    return ('uninstall', '-y', *names)
