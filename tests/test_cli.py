"""The command `hrnet`: its verbs, what they check first, how they end."""

import json
import os
import runpy
import signal
import subprocess
import sys
import time
from types import SimpleNamespace

import pytest
from conftest import ROOT

from hrnet_mm.cli import convert, draw, options
from hrnet_mm.cli.early import check_resume, check_weights
from hrnet_mm.cli.ending import user_errors
from hrnet_mm.cli.main import VERBS, execute, main
from hrnet_mm.config import finding
from hrnet_mm.config.finding import find_config
from hrnet_mm.config.opening import key_values
from hrnet_mm.errors import UserError
from hrnet_mm.version import __version__

TOOLS = dict(
    train='train',
    test='test',
    infer='predict',
    convert='convert',
    complexity='complexity',
    make_shapes='shapes',
)
HEAVY = ('torch', 'mmengine', 'mmcv', 'matplotlib', 'numpy', 'cv2', 'rich')
LIGHTLY = """
import sys
from hrnet_mm.cli.main import main
try:
    main({words!r})
except SystemExit as left:
    print('left with', left.code, file=sys.stderr)
print('heavy:', [name for name in {heavy!r} if name in sys.modules], file=sys.stderr)
"""


def run(*command, **given):
    environment = dict(os.environ, PYTHONPATH=str(ROOT))
    return subprocess.run(
        [sys.executable, *map(str, command)],
        capture_output=True,
        text=True,
        env=environment,
        **{'cwd': ROOT, **given},
    )


def lightly(*words, **given):
    """What the command says, and that it has imported nothing that takes time."""
    script = LIGHTLY.format(words=list(map(str, words)), heavy=HEAVY)
    done = run('-c', script, **given)
    assert 'heavy: []' in done.stderr, done.stderr
    return done.stdout + done.stderr


@pytest.mark.parametrize('verb', VERBS)
def test_help_imports_nothing_heavy(verb):
    said = lightly(verb, '--help')
    assert f'usage: hrnet {verb} ' in said
    assert 'left with 0' in said


@pytest.mark.parametrize(
    ('words', 'message'),
    [
        (('train', 'configs/nope.py'), 'no config file configs/nope.py'),
        (('train', 'demo_fcn_hrnetv2', '--resume', 'x.pth'), 'no file x.pth'),
        (('train', 'demo_fcn_hrnetv2', '--cfg-options', 'a'), "'a' is not KEY=VALUE"),
        (('test', 'demo_fcn_hrnetv2', 'work/none.pth'), 'no checkpoint work/none.pth'),
        (('complexity', 'nope.py'), 'no config file nope.py'),
        (('complexity',), 'give a config, or --paper'),
        (('convert', './a.pth', 'b.pth', '--to', 'timm'), 'no checkpoint ./a.pth'),
        (('convert', 'a.pth', 'b.txt', '--to', 'timm'), 'cannot write b.txt'),
        (('shapes', 'out', '--size', '7'), "'7' is not HEIGHTxWIDTH"),
    ],
)
def test_mistakes_are_found_before_anything_heavy(words, message):
    said = lightly(*words)
    assert message in said
    assert 'left with 2' in said


@pytest.mark.parametrize(
    ('options', 'message'),
    [
        (['nowhere'], 'no image, folder or video nowhere'),
        (['.', '--out', 'full'], '--out full is not empty'),
        (['.', '--config', 'nope'], 'no config file nope'),
        (['.', '--weights', './no.pth'], 'no checkpoint ./no.pth'),
        (['.', '--boxes', 'no.json'], 'no file no.json for --boxes'),
        (['.', '--ann', 'no.json'], '--ann no.json is no COCO annotation file'),
        (['.', '--detector', 'nope', 'w.pth'], 'no config file nope'),
    ],
)
def test_mistakes_of_a_prediction(tmp_path, options, message):
    (tmp_path / 'full').mkdir()
    (tmp_path / 'full/notes.txt').touch()
    known = ['--config', 'demo_fcn_hrnetv2', '--weights', 'some', '--out', 'out']
    said = lightly('predict', *known, *options, cwd=tmp_path)
    assert message in said
    assert 'left with 2' in said


def test_constants_are_those_of_what_is_not_imported():
    from hrnet_mm.checkpoints.formats import FAMILIES
    from hrnet_mm.datasets import LAYOUTS
    from hrnet_mm.fast import LEVELS

    assert tuple(FAMILIES) == convert.FAMILIES
    assert list(draw.LAYOUTS) == list(LAYOUTS)
    assert options.LEVELS == LEVELS


def test_overview_and_version(capsys):
    assert main([]) == main(['--help']) == 0
    shown = capsys.readouterr().out
    for name, verb in VERBS.items():
        assert f'{name:<12}{verb.about}\n' in shown
    assert main(['--version']) == 0
    assert capsys.readouterr().out == f'hrnet {__version__}\n'


def test_a_mistyped_verb(capsys):
    with pytest.raises(SystemExit, match='2'):
        main(['trian'])
    assert 'no verb trian; did you mean train?' in capsys.readouterr().err


def test_python_m_is_the_command():
    assert run('-m', 'hrnet_mm', '--version').stdout == f'hrnet {__version__}\n'


@pytest.mark.parametrize('script', TOOLS)
def test_tools_are_the_verbs(script, monkeypatch):
    called = []
    monkeypatch.setattr(
        'hrnet_mm.cli.main.execute', lambda *words, **more: called.append(words) or 5
    )
    with pytest.raises(SystemExit) as left:
        runpy.run_path(str(ROOT / f'tools/{script}.py'), run_name='__main__')
    assert left.value.code == 5
    assert called == [(TOOLS[script],)]


@pytest.mark.parametrize('script', TOOLS)
def test_tools_have_the_options_of_the_verbs(script):
    def shown(*command):
        text = run(*command, '--help').stdout
        assert text
        return text[text.index('\npositional arguments:') :]

    tool = shown(f'tools/{script}.py')
    assert tool == shown('-m', 'hrnet_mm', TOOLS[script])


def test_every_guarded_verb_forbids_unpickling_before_it_runs(monkeypatch):
    order = []
    module = SimpleNamespace(
        parser=options.new_parser,
        check=lambda args: order.append('check'),
        run=lambda args: order.append('run'),
    )
    module.__doc__ = 'about'
    monkeypatch.setattr('hrnet_mm.cli.main.import_module', lambda *_: module)
    monkeypatch.setattr(
        'hrnet_mm.cli.main.forbid_unpickling', lambda: order.append('forbid')
    )
    for name in VERBS:
        order.clear()
        execute(name, [])
        guarded = [] if name in ('shapes', 'doctor') else ['forbid']
        assert order == ['check', *guarded, 'run'], name


# Names of configs


@pytest.fixture
def folders(tmp_path, monkeypatch):
    """An empty folder to stand in, and installed configs in another."""
    installed = tmp_path / 'installed'
    installed.mkdir()
    (installed / 'fcn_hrnetv2.py').touch()
    here = tmp_path / 'here'
    (here / 'configs').mkdir(parents=True)
    monkeypatch.chdir(here)
    monkeypatch.setattr(finding, 'INSTALLED', installed)
    monkeypatch.setattr(finding, 'PACKAGE', tmp_path / 'site-packages/hrnet_mm')
    return here, installed


@pytest.mark.parametrize('name', ['fcn_hrnetv2', 'fcn_hrnetv2.py'])
def test_bare_names(folders, name):
    here, installed = folders
    assert find_config(name) == installed / 'fcn_hrnetv2.py'
    (here / 'configs/fcn_hrnetv2.py').touch()
    assert find_config(name).absolute() == here / 'configs/fcn_hrnetv2.py'
    (here / name).touch()
    assert find_config(name).absolute() == here / name


def test_names_of_configs_that_are_not_there(folders):
    here, _ = folders
    (here / 'own_hrnet.py').touch()
    with pytest.raises(UserError, match=r'fcn_hrnet; did you mean fcn_hrnetv2.py'):
        find_config('fcn_hrnet')
    with pytest.raises(UserError, match=r'nowhere/fcn_hrnetv3.py; .*fcn_hrnetv2.py'):
        find_config('nowhere/fcn_hrnetv3.py')
    with pytest.raises(UserError, match=r'own_hrnets.py; did you mean own_hrnet.py'):
        find_config('own_hrnets.py')
    with pytest.raises(UserError, match='no config file nothing_like_it$'):
        find_config('nothing_like_it')


def test_configs_of_the_checkout(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = find_config('faster_rcnn_hrnetv2p_w32_1x')
    assert found == ROOT / 'configs/faster_rcnn_hrnetv2p_w32_1x.py'


def test_a_package_without_configs_says_so(folders, monkeypatch):
    monkeypatch.setattr(finding, 'INSTALLED', folders[0] / 'none')
    with pytest.raises(UserError, match='the configs are not installed'):
        finding.our_configs()


# What options mean


def test_values_are_read_as_mmengine_reads_them():
    words = ['--cfg-options', 'a=1', 'b.c=[(1,x),None]', '--cfg-options', 'd=e=f']
    parsed = options.new_parser(None, '')
    options.add_cfg_options(parsed, '')
    found = key_values(parsed.parse_args(words).cfg_options)
    assert found == {'a': 1, 'b.c': [(1, 'x'), None], 'd': 'e=f'}
    assert key_values(None) == {}
    with pytest.raises(UserError, match=r'--cfg-options a=\[1,2: .*brackets'):
        key_values(['a=[1,2'])


@pytest.mark.parametrize(
    ('resume', 'message'),
    [('auto', 'has no file last_checkpoint'), ('x.pth', 'no file x.pth')],
)
def test_nothing_to_resume(tmp_path, resume, message):
    with pytest.raises(UserError, match=f'nothing to resume from: .*{message}'):
        check_resume(resume, str(tmp_path))
    (tmp_path / 'last_checkpoint').write_text('epoch_1.pth')
    check_resume('auto', str(tmp_path))
    check_resume('auto', None)
    check_resume(None, str(tmp_path))


def test_weights_that_may_be_elsewhere_are_looked_up_later(tmp_path):
    for name in (
        'hrnet_w32_imagenet',
        'hrnetv2_w18.pth',
        'timm/hrnet_w18.ms_aug_in1k',
        'hf_hub:timm/hrnet_w32.pth',
        'https://host/w32.pth',
    ):
        check_weights(name)
    (tmp_path / 'epoch_12.pth').touch()
    check_weights(str(tmp_path / 'epoch_12.pth'))
    with pytest.raises(UserError, match=r'did you mean .*/epoch_12.pth\?'):
        check_weights(str(tmp_path / 'epoch_11.pth'))


# How a command ends


def test_an_error_of_the_program_keeps_its_traceback():
    with pytest.raises(ValueError, match='ours'), user_errors():
        raise ValueError('ours')
    with pytest.raises(OSError, match='other'), user_errors():
        raise OSError('other')


def test_an_interruption_ends_with_one_word(tmp_path):
    command = ['-m', 'hrnet_mm', 'shapes', str(tmp_path / 'out'), '--train', '100000']
    process = subprocess.Popen(
        [sys.executable, *command],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        # A shell that starts the tests in the background has them ignore it.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    while not list(tmp_path.rglob('*.png')):
        assert process.poll() is None
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    said = process.communicate(timeout=60)[1]
    assert process.returncode == 130
    assert 'Interrupted: nothing was written.' in said
    assert 'Traceback' not in said
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize('words', [('--help',), ('train', '--help')])
@pytest.mark.parametrize('unbuffered', ['', '1'])
def test_nobody_reads_the_output(words, unbuffered):
    reading, writing = os.pipe()
    os.close(reading)
    environment = dict(os.environ, PYTHONUNBUFFERED=unbuffered, PYTHONPATH=str(ROOT))
    command = [sys.executable, '-m', 'hrnet_mm', *words]
    with os.fdopen(writing, 'w') as output:
        done = subprocess.run(
            command, stdout=output, stderr=subprocess.PIPE, text=True, env=environment
        )
    assert done.stderr == ''
    # Without a buffer, argparse itself passes over what it cannot write.
    assert done.returncode in ((0, 141) if unbuffered else (141,))


def test_a_broken_pipe_elsewhere_is_an_error():
    with pytest.raises(BrokenPipeError), user_errors():
        raise BrokenPipeError


@pytest.mark.slow
def test_counting_imports_no_runner_and_no_matplotlib(tmp_path):
    pytest.importorskip('mmseg')
    script = """
import sys
from hrnet_mm.cli.main import main
main(['complexity', 'demo_fcn_hrnetv2', '--shape', '64', '64'])
names = ('hrnet_mm.engine', 'hrnet_mm.engine.runner')
print([name for name in names if name in sys.modules])
"""
    said = run('-c', script, cwd=tmp_path).stdout
    assert '64 x 64' in said
    assert said.endswith('[]\n')


@pytest.mark.slow
def test_the_verbs_from_data_to_pictures(tmp_path):
    """As a user without a checkout: bare names, another folder."""
    pytest.importorskip('mmseg')
    given = dict(cwd=tmp_path)
    hrnet = ('-m', 'hrnet_mm')
    size = ('--layout', 'cityscapes', '--train', 2, '--val', 1, '--size', '128x256')
    assert run(*hrnet, 'shapes', 'data/demo_seg', *size, **given).returncode == 0
    keys = ('train_cfg.max_epochs=1', 'train_dataloader.batch_size=2')
    config = 'demo_fcn_hrnetv2'
    trained = run(*hrnet, 'train', config, '--cfg-options', *keys, **given)
    assert trained.returncode == 0, trained.stderr[-3000:]
    weights = next((tmp_path / f'work_dirs/{config}').glob('*.pth'))
    images = tmp_path / 'data/demo_seg/leftImg8bit/val'
    names = ('--config', config, '--weights', weights, '--out', 'found')
    pattern = f'{images}/**/*.png'
    found = run(*hrnet, 'predict', pattern, *names, '--device', 'cpu', **given)
    assert found.returncode == 0, found.stderr[-3000:]
    listing = json.loads((tmp_path / 'found/images.json').read_text())
    assert len(listing['images']) == 1
