"""`hrnet doctor`: the whole examination without a trial, what it says and runs."""

import shutil
import sys
from functools import partial

import pytest
from doctor_case import make

from hrnet_mm.cli.main import main
from hrnet_mm.environment import examination, probes, remedies
from hrnet_mm.environment.commands import install, uninstall
from hrnet_mm.environment.examination import examine
from hrnet_mm.environment.probes import Outcome
from hrnet_mm.errors import UserError


@pytest.fixture
def made(tmp_path):
    """A made environment of distributions, modules and requirements."""
    return partial(make, tmp_path)


@pytest.fixture
def environment(made, monkeypatch):
    """An environment of mmdet and mmseg, and what their trials say."""
    made(
        *('onedl-mmengine==0.10.12', 'onedl-mmcv==2.3.6', 'onedl-mmdetection==3.5.1'),
        modules=['mmcv', 'mmdet', 'mmseg', 'ftfy', 'regex', 'torch', 'torchvision'],
    )
    said = dict(mmdet=Outcome(), mmseg=Outcome())
    said['base'] = Outcome('', '{"name": "torch", "version": "2.13.0"}')
    monkeypatch.setattr(examination, 'Survey', made)
    monkeypatch.setattr(examination, 'attempt', said.__getitem__)
    monkeypatch.setattr(probes, 'attempt', said.__getitem__)
    return said


def states(found):
    return {row.name: row.state for row in found.rows}


def test_missing_toolboxes_fail_only_where_they_are_asked_for(environment):
    everything = examine()
    assert everything.failed == everything.problems == []
    assert states(everything)['mmdet'] == 'works'
    assert states(everything)['mmpose'] == 'missing'
    asked = examine(['cls', 'det'])
    assert asked.failed == ['mmpretrain']
    assert asked.commands == [('install', 'onedl-mmpretrain>=1.3')]
    assert 'mmseg' not in states(asked)


def test_a_broken_toolbox_does_not_stop_the_others(environment):
    environment['mmdet'] = Outcome('ended by SIGSEGV', '')
    everything = examine()
    assert everything.failed == ['mmdet']
    assert states(everything)['mmdet'] == 'broken: ended by SIGSEGV'
    assert states(everything)['mmseg'] == 'works'
    assert examine(['seg']).failed == []


def test_a_broken_base_is_told_once(environment, tmp_path):
    for name in ('torch', 'torchvision'):
        shutil.rmtree(tmp_path / name)
    error = "ModuleNotFoundError: No module named 'torch'"
    line = '{"name": "%s", "error": "%s"}'
    lines = [line % (name, error) for name in ('torch', 'torchvision')]
    environment['base'] = Outcome('', '\n'.join(lines))
    environment['mmdet'] = environment['mmseg'] = Outcome(error)
    found = examine()
    assert [problem.what for problem in found.problems] == [f'torch: {error}']
    assert found.failed == ['torch', 'torchvision', 'mmdet', 'mmseg']


def test_pure_and_compiled_operators(environment, made):
    assert states(examine())['mmcv'] == "pure; torchvision's operators"
    made(modules=['mmcv._ext'])
    assert states(examine())['mmcv'] == 'operators compiled'


def test_no_operators_without_torchvision(environment, tmp_path):
    shutil.rmtree(tmp_path / 'torchvision')
    assert states(examine())['mmcv'] == 'pure; no operators'


# The verb


@pytest.fixture
def ran(monkeypatch):
    """What is run instead of pip: each command as a list."""
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
