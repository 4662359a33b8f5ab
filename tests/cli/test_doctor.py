"""`hrnet doctor`: what it says, asks and runs."""

import sys

import doctor_case
import pytest

from hrnet_mm.cli.main import main
from hrnet_mm.environment import probes, remedies
from hrnet_mm.environment.probes import Outcome

environment, made = doctor_case.environment, doctor_case.made  # fixtures


@pytest.fixture
def ran(monkeypatch):
    """Collect each command that would have been run, as a list, and run none."""
    commands = []

    class Done:
        returncode = 0

    def run(command):
        commands.append(command)
        return Done

    monkeypatch.setattr(remedies.subprocess, 'run', run)
    return commands


@pytest.mark.usefixtures('environment')
def test_the_table_and_the_commands(capsys):
    assert main(['doctor', 'cls']) == 1
    shown = capsys.readouterr().out
    assert '3.5.1' not in shown
    assert 'missing' in shown
    command = "-m pip install 'onedl-mmpretrain>=1.3'\n"
    assert shown.endswith(f'\nmmpretrain is missing\n  {sys.executable} {command}')


def test_advice_is_printed_once(environment, made, capsys):
    made('torch==2.13.0+cpu', 'torchvision==0.27.0+cpu')
    error = 'operator torchvision::nms does not exist'
    line = '{"name": "%s", "error": "%s"}'
    lines = [line % (name, error) for name in ('torchvision', 'OpenCV')]
    environment['base'] = Outcome('', '\n'.join(lines))
    assert main(['doctor', 'det', '--fix', '--yes']) == 1
    shown = capsys.readouterr().out
    assert shown.count('must come from the same place') == 1
    assert 'no remedy' not in shown


@pytest.mark.usefixtures('environment')
def test_fix_runs_the_commands_and_looks_again(ran, capsys):
    assert main(['doctor', 'det', '--fix', '--yes']) == 0
    assert ran == []
    assert main(['doctor', 'pose', '--fix', '--yes']) == 1  # still missing: not again
    pip = [sys.executable, '-m', 'pip', 'install']
    assert [command[:4] for command in ran] == [pip, pip]
    assert ran[0][4:6] == ['json_tricks', 'munkres']
    assert ran[1][4:] == ['--no-deps', 'mmpose==1.3.2']
    assert capsys.readouterr().out.count('mmpose is missing') == 2


def test_fix_goes_on_with_what_was_hidden(environment, ran, monkeypatch):
    missing = [Outcome(f"No module named '{name}'", '') for name in ('six', 'scipy')]
    said = iter([*missing, Outcome()])
    monkeypatch.setattr(probes, 'attempt', lambda name: next(said))
    assert main(['doctor', 'det', '--fix', '--yes']) == 0
    assert [command[-1] for command in ran] == ['six', 'scipy']


@pytest.mark.usefixtures('environment')
@pytest.mark.parametrize(('answer', 'runs'), [('y', 1), ('', 0), ('no', 0)])
def test_fix_asks(ran, monkeypatch, answer, runs):
    monkeypatch.setattr('sys.stdin.isatty', lambda: True, raising=False)
    monkeypatch.setattr('builtins.input', lambda _: answer)
    assert main(['doctor', 'cls', '--fix']) == 1
    assert len(ran) == runs


@pytest.mark.usefixtures('environment')
def test_fix_without_anybody_to_ask(ran, monkeypatch, capsys):
    monkeypatch.setattr('sys.stdin.isatty', lambda: False, raising=False)
    with pytest.raises(SystemExit, match='2'):
        main(['doctor', 'cls', '--fix'])
    assert 'say --fix --yes' in capsys.readouterr().err
    assert ran == []


def test_an_unknown_task(capsys):
    with pytest.raises(SystemExit, match='2'):
        main(['doctor', 'detection'])
    assert 'no task detection; there are det, seg, pose, cls' in capsys.readouterr().err


def test_yes_without_fix(capsys):
    with pytest.raises(SystemExit, match='2'):
        main(['doctor', '--yes'])
    assert '--yes is nothing without --fix' in capsys.readouterr().err
