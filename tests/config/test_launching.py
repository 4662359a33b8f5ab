"""A launcher must have started the process that names it."""

import os
import subprocess
import sys

import pytest
from conftest import ROOT

from hrnet_mm.config.launching import COMMANDS, VARIABLES, join_launcher
from hrnet_mm.errors import UserError

EVERY = [name for groups in VARIABLES.values() for names in groups for name in names]


@pytest.fixture(autouse=True)
def _started_by_nobody(monkeypatch):
    for name in EVERY:
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize('launcher', VARIABLES)
def test_the_missing_variable_and_the_command_are_named(launcher, monkeypatch):
    for names in VARIABLES[launcher]:
        with pytest.raises(UserError) as raised:
            join_launcher(launcher, None)
        assert f'variable {" or ".join(names)} is not set' in str(raised.value)
        assert COMMANDS[launcher] in str(raised.value)
        monkeypatch.setenv(names[-1], '3')
    join_launcher(launcher, None)


def test_one_process_needs_no_variables():
    join_launcher('none', None)
    assert 'LOCAL_RANK' not in os.environ


def test_the_local_rank_is_that_of_mpi(monkeypatch):
    for names in VARIABLES['mpi']:
        monkeypatch.setenv(names[0], '2')
    join_launcher('mpi', None)
    assert os.environ['LOCAL_RANK'] == '2'


def test_old_launchers_pass_the_local_rank(monkeypatch):
    for name in ('RANK', 'WORLD_SIZE', 'MASTER_ADDR', 'MASTER_PORT'):
        monkeypatch.setenv(name, '1')
    join_launcher('pytorch', 1)
    assert os.environ['LOCAL_RANK'] == '1'


def test_a_mistake_is_one_message_without_imports():
    config = ROOT / 'configs/demo_topdown_hrnet.py'
    command = ['-X', 'importtime', '-m', 'hrnet_mm', 'train', str(config)]
    run = subprocess.run(
        [sys.executable, *command, '--launcher', 'pytorch'],
        capture_output=True,
        text=True,
    )
    assert run.returncode == 2
    assert 'error: --launcher pytorch, but the environment variable RANK' in run.stderr
    assert 'Traceback' not in run.stderr
    assert '| torch\n' not in run.stderr


def test_each_run_takes_a_port_of_its_own(tmp_path):
    """tools/torchrun.sh is asked what it would start."""
    python = tmp_path / 'python'
    python.write_text(
        f'#!/bin/sh\n[ "$1" = -c ] && exec {sys.executable} "$@"\necho "$@"\n'
    )
    python.chmod(0o755)
    script = [str(ROOT / 'tools/torchrun.sh'), 'train.py', '2', 'config.py']

    def port(**variables):
        env = dict(os.environ, PYTHON=str(python), **variables)
        run = subprocess.run(script, env=env, capture_output=True, text=True)
        words = run.stdout.split()
        return next(word for word in words if word.startswith('--master_port='))

    assert port() != port()
    assert port(PORT='12345') == '--master_port=12345'
    assert port(NNODES='2') == '--master_port=29500'
