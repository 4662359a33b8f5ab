"""`hrnet doctor`: what it finds in made environments, what it says and runs."""

import signal
import sys

import pytest

from hrnet_mm.cli.main import main
from hrnet_mm.config.opening import check_toolbox
from hrnet_mm.environment import examination, probes, problems, remedies, trial
from hrnet_mm.environment.examination import examine
from hrnet_mm.environment.packages import TOOLBOXES
from hrnet_mm.environment.probes import Outcome, attempt, base_of, reason
from hrnet_mm.environment.problems import explained, missing_toolbox, visible
from hrnet_mm.environment.survey import Survey
from hrnet_mm.errors import UserError

ALL = list(TOOLBOXES)


@pytest.fixture
def made(tmp_path):
    """A made environment of distributions, modules and requirements."""

    def make(*distributions, modules=(), requires=None):
        for each in distributions:
            name, _, version = each.partition('==')
            folder = tmp_path / f'{name.replace("-", "_")}-{version}.dist-info'
            folder.mkdir()
            lines = ['Metadata-Version: 2.1', f'Name: {name}', f'Version: {version}']
            lines += [f'Requires-Dist: {r}' for r in (requires or {}).get(name, ())]
            (folder / 'METADATA').write_text('\n'.join(lines))
        for module in modules:
            folder = tmp_path.joinpath(*module.split('.'))
            folder.mkdir(parents=True)
            (folder / '__init__.py').touch()
        return Survey([tmp_path])

    return make


def found(survey, names=ALL):
    return [(problem.what, problem.commands) for problem in visible(survey, names)]


def test_what_is_imported_is_not_asked(made):
    survey = made('My_Package==1.0', modules=['mmcv', 'mmcv.ops'])
    assert survey.versions == {'my-package': '1.0'}
    assert survey.importable('mmcv.ops')
    assert not survey.importable('mmcv._ext')
    assert not survey.importable('torch')  # it is imported in this process
    assert survey.missing(['cv2', 'ftfy']) == ['opencv-python-headless', 'ftfy']


def test_nothing_is_wrong_with_nothing(made):
    assert found(made()) == []


def test_several_opencvs(made):
    survey = made('opencv-python==4.12.0.88', 'opencv-python-headless==4.11.0.86')
    [(what, commands)] = found(survey)
    assert 'opencv-python and opencv-python-headless lie over each other' in what
    assert commands == (
        ('uninstall', '-y', 'opencv-python', 'opencv-python-headless'),
        ('install', 'opencv-python-headless==4.11.0.86'),
    )


@pytest.mark.parametrize(
    ('there', 'kept'),
    [
        (['mmcv==2.2.0', 'mmcv-lite==2.1.0'], 'mmcv-lite==2.1.0'),
        (['mmcv-lite==2.1.0', 'onedl-mmcv==2.3.6'], 'onedl-mmcv>=2.3'),
    ],
)
def test_several_mmcvs(made, there, kept):
    [(what, (removed, installed))] = found(made(*there))
    assert 'both are mmcv' in what
    assert {*removed[2:]} == {each.partition('==')[0] for each in there}
    assert installed == ('install', kept)


@pytest.mark.parametrize(
    ('torch', 'command'),
    [('2.14.1+cpu', 'torchvision==0.29.1'), ('2.1.2', 'torchvision==0.16.2')],
)
def test_torchvision_of_another_torch(made, torch, command):
    requires = dict(torchvision=['numpy', 'torch (==2.13.0)'])
    survey = made(f'torch=={torch}', 'torchvision==0.28.0', requires=requires)
    [(what, commands)] = found(survey)
    assert what == f'torchvision 0.28.0 is for torch 2.13.0, and here is {torch}'
    assert commands == (('install', command),)


def test_torchvision_of_this_torch(made):
    requires = dict(torchvision=['torch==2.13.0'])
    assert not found(
        made('torch==2.13.0+cpu', 'torchvision==0.28.0', requires=requires)
    )


@pytest.mark.parametrize(
    ('torch', 'numpy', 'wrong'),
    [('2.1.2', '2.2.6', True), ('2.1.2', '1.26.4', False), ('2.3.0', '2.0', False)],
)
def test_numpy_of_another_torch(made, torch, numpy, wrong):
    expected = [
        (
            f'torch {torch} is built for NumPy 1, and here is {numpy}',
            (('install', 'numpy<2'),),
        )
    ]
    assert found(made(f'torch=={torch}', f'numpy=={numpy}')) == expected * wrong


def test_undeclared_needs(made):
    survey = made('mmengine==0.10.7', modules=['mmseg', 'regex'])
    assert found(survey) == [
        ('mmseg needs ftfy', (('install', 'ftfy'),)),
        ('mmengine needs setuptools<81', (('install', 'setuptools<81'),)),
    ]
    assert [what for what, _ in found(survey, ['mmdet'])] == [
        'mmengine needs setuptools<81'
    ]


def test_the_fork_needs_no_pkg_resources(made):
    assert found(made('onedl-mmengine==0.10.12')) == []


def test_installing_into_nothing(made):
    [command] = missing_toolbox(TOOLBOXES['mmdet'], made()).commands
    assert command == (
        *('install', 'mmengine==0.10.7', 'mmcv-lite==2.1.0', 'setuptools<81'),
        *('torch', 'torchvision', 'mmdet==3.3.0'),
    )


def test_installing_beside_the_forks(made):
    survey = made(
        'onedl-mmengine==0.10.12', 'onedl-mmcv==2.3.6', modules=['torch', 'torchvision']
    )
    [command] = missing_toolbox(TOOLBOXES['mmpretrain'], survey).commands
    assert command == ('install', 'onedl-mmpretrain>=1.3')


def test_mmpose_comes_without_its_own_requirements(made):
    modules = ['torch', 'torchvision', 'pycocotools', 'scipy', 'matplotlib', 'PIL']
    forks = ('onedl-mmengine==0.10.12', 'onedl-mmcv==2.3.6')
    survey = made(*forks, modules=[*modules, 'six', 'mmdet'])
    assert missing_toolbox(TOOLBOXES['mmpose'], survey).commands == (
        ('install', 'json_tricks', 'munkres', 'opencv-python-headless'),
        ('install', '--no-deps', 'mmpose==1.3.2'),
    )


def test_what_mmengine_brings_is_not_installed_beside_it(made):
    commands = missing_toolbox(TOOLBOXES['mmpose'], made()).commands
    assert not any('opencv' in word for command in commands for word in command)


# What failed trials say


SAID = {
    "ModuleNotFoundError: No module named 'ftfy'": ('install', 'ftfy'),
    "ModuleNotFoundError: No module named 'skimage.io'": ('install', 'scikit-image'),
    "ModuleNotFoundError: No module named 'mmengine'": ('install', 'mmengine==0.10.7'),
    "ModuleNotFoundError: No module named 'mmdet'": ('install', 'mmdet==3.3.0'),
    "ModuleNotFoundError: No module named 'xtcocotools'": ('install', 'pycocotools'),
    'RuntimeError: operator torchvision::nms does not exist': (
        *('install', '--force-reinstall', '--no-deps', 'torchvision==0.28.0'),
    ),
    'RuntimeError: Numpy is not available': ('install', 'numpy<2'),
    'AssertionError: MMCV==2.2.0 is used but incompatible. Please install mmcv>=2.0': (
        *('install', 'mmcv-lite==2.1.0'),
    ),
    'ImportError: libGL.so.1: cannot open shared object file: No such file': (
        *('install', 'opencv-python-headless'),
    ),
}


@pytest.mark.parametrize('error', SAID)
def test_errors_that_are_known(made, error):
    survey = made('mmcv==2.2.0', 'opencv-python==4.12.0.88', 'torch==2.13.0')
    problem = explained('mmdet', Outcome(error, f'Traceback\n{error}\n'), survey)
    assert problem.what == f'mmdet: {error}'
    assert problem.commands[-1] == SAID[error]
    removed = {'libGL': 'opencv-python', 'MMCV': 'mmcv'}
    expected = [('uninstall', '-y', removed[k]) for k in removed if k in error]
    assert list(problem.commands[:-1]) == expected


def test_an_error_of_what_is_seen_anyhow_has_the_same_remedy(made):
    requires = dict(torchvision=['torch==2.12.0'])
    survey = made('torch==2.13.0', 'torchvision==0.27.0', requires=requires)
    error = "NotImplementedError: Could not run 'torchvision::nms' with arguments"
    [seen] = visible(survey, ALL)
    assert explained('torchvision', Outcome(error), survey).commands == seen.commands


def test_a_module_that_was_built_for_another_numpy(made):
    text = 'import xtcocotools\nnumpy.dtype size changed, may indicate'
    problem = explained('mmpose', Outcome('ValueError: numpy.dtype', text), made())
    assert problem.commands == (
        ('uninstall', '-y', 'xtcocotools'),
        ('install', 'pycocotools'),
    )


def test_an_error_that_nobody_knows(made):
    problem = explained('mmdet', Outcome('KeyError: 1', ''), made())
    assert problem.commands == ()
    assert remedies.whole_message(problem).endswith('environment.trial mmdet')


def test_the_line_that_says_why():
    assert reason(1, 'Traceback\n  File\nValueError: this\n\n') == 'ValueError: this'
    assert reason(-signal.SIGSEGV, 'whatever') == 'ended by SIGSEGV'
    assert reason(3, '') == 'exit status 3'
    assert probes.short('this\nand more') == 'this'
    assert probes.short('x' * 999) == 'x' * 200 + ' ...'


def test_what_can_be_done_without_is_missing_and_not_broken():
    def absent(name):
        raise ModuleNotFoundError(f'No module named {name!r}', name=name)

    assert trial.looked(lambda: absent('cv2')) == dict(version='')
    assert 'torch' in trial.looked(lambda: absent('torch'))['error']
    assert trial.looked(lambda: {}['a']) == dict(error="KeyError: 'a'")
    line = '{"name": "OpenCV", "version": ""}'
    [row] = examination.base_rows(base_of(Outcome('', line)))
    assert row == ('OpenCV', '', 'missing')


def test_what_crashes_is_named():
    lines = '{"name": "Python", "version": "3.11"}\n{"name": "numpy", "error": "no"}\n'
    base = base_of(Outcome('ended by SIGSEGV', lines))
    assert base['Python'] == Outcome('', '3.11')
    assert base['numpy'].error == 'no'
    assert base['torch'].error == 'ended by SIGSEGV'


# The whole examination, without a trial


@pytest.fixture
def environment(made, monkeypatch):
    """An environment of mmdet and mmseg, and what their trials say."""
    survey = made(
        *('onedl-mmengine==0.10.12', 'onedl-mmcv==2.3.6', 'onedl-mmdetection==3.5.1'),
        modules=['mmcv', 'mmdet', 'mmseg', 'ftfy', 'regex', 'torch', 'torchvision'],
    )
    said = dict(mmdet=Outcome(), mmseg=Outcome())
    said['base'] = Outcome('', '{"name": "torch", "version": "2.13.0"}')
    monkeypatch.setattr(examination, 'Survey', lambda: survey)
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


def test_a_broken_base_is_told_once(environment):
    error = "ModuleNotFoundError: No module named 'torch'"
    line = '{"name": "%s", "error": "%s"}'
    lines = [line % (name, error) for name in ('torch', 'torchvision')]
    environment['base'] = Outcome('', '\n'.join(lines))
    environment['mmdet'] = environment['mmseg'] = Outcome(error)
    found = examine()
    assert [problem.what for problem in found.problems] == [f'torch: {error}']
    assert found.failed == ['torch', 'torchvision', 'mmdet', 'mmseg']


def test_pure_and_compiled_operators(environment, made):
    assert states(examine())['mmcv'].startswith('pure; ')
    made(modules=['mmcv._ext'])
    assert states(examine())['mmcv'] == 'operators compiled'


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
    missing = [Outcome(f"No module named '{name}'", '') for name in ('one', 'two')]
    said = iter([*missing, Outcome()])
    monkeypatch.setattr(probes, 'attempt', lambda name: next(said))
    assert main(['doctor', 'det', '--fix', '--yes']) == 0
    assert [command[-1] for command in ran] == ['one', 'two']


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


def test_without_pip(monkeypatch):
    monkeypatch.setattr(remedies.importlib.util, 'find_spec', lambda name: None)
    monkeypatch.setattr(remedies.shutil, 'which', lambda name: '/bin/uv')
    command = remedies.full(problems.uninstall('mmcv'))
    assert command == ['uv', 'pip', 'uninstall', '--python', sys.executable, 'mmcv']
    monkeypatch.setattr(remedies.shutil, 'which', lambda name: None)
    with pytest.raises(UserError, match='has no pip.*\n.*ensurepip'):
        remedies.full(problems.install('mmcv'))


def test_a_command_that_fails_ends_it(monkeypatch):
    class Done:
        returncode = 7

    commands = []
    monkeypatch.setattr(
        remedies.subprocess, 'run', lambda command: commands.append(command) or Done
    )
    with pytest.raises(UserError, match='ended with status 7'):
        remedies.carry_out([problems.install('a'), problems.install('b')])
    assert len(commands) == 1


def test_a_config_of_a_toolbox_that_is_missing(monkeypatch):
    monkeypatch.setattr('importlib.util.find_spec', lambda name: None)
    with pytest.raises(UserError) as raised:
        check_toolbox(dict(default_scope='mmpose'))
    assert str(raised.value).splitlines()[1:] == [
        "  pip install 'hrnet_mm[pose]'",
        '  pip install --no-deps mmpose==1.3.2',
        'or, which also mends what does not fit,',
        '  hrnet doctor pose --fix',
    ]


# Trials


@pytest.mark.slow
@pytest.mark.parametrize('name', ALL)
def test_each_installed_toolbox_predicts(name):
    pytest.importorskip(name)
    outcome = attempt(name)
    assert outcome.error == '', outcome.text


@pytest.mark.slow
def test_a_toolbox_that_cannot_be_imported(tmp_path, monkeypatch):
    (tmp_path / 'mmdet').mkdir()
    (tmp_path / 'mmdet/__init__.py').write_text('import nothing_of_this_name')
    monkeypatch.setenv('PYTHONPATH', str(tmp_path), prepend=':')
    error = "ModuleNotFoundError: No module named 'nothing_of_this_name'"
    assert attempt('mmdet').error == error


@pytest.mark.slow
def test_the_base_of_this_environment():
    base = base_of(attempt('base'))
    assert [each.error for each in base.values()] == [''] * len(base)
    assert base['Python'].text == sys.version.split()[0]
