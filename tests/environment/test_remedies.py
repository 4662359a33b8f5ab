"""Commands of pip for this interpreter, carried out until one fails."""

import sys

import pytest

from hrnet_mm.environment import remedies
from hrnet_mm.environment.commands import install, uninstall
from hrnet_mm.errors import UserError


def test_without_pip(monkeypatch):
    monkeypatch.setattr(remedies.importlib.util, 'find_spec', lambda name: None)
    monkeypatch.setattr(remedies.shutil, 'which', lambda name: '/bin/uv')
    command = remedies.full(uninstall('mmcv'))
    assert command == ['uv', 'pip', 'uninstall', '--python', sys.executable, 'mmcv']
    monkeypatch.setattr(remedies.shutil, 'which', lambda name: None)
    with pytest.raises(UserError, match='has no pip.*\n.*ensurepip'):
        remedies.full(install('mmcv'))


def test_a_command_that_fails_ends_it(monkeypatch):
    class Done:
        returncode = 7

    commands = []
    monkeypatch.setattr(
        remedies.subprocess, 'run', lambda command: commands.append(command) or Done
    )
    with pytest.raises(UserError, match='ended with status 7'):
        remedies.carry_out([install('a'), install('b')])
    assert len(commands) == 1
