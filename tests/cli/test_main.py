"""The command `hrnet`: its verbs, and what they check first."""

import runpy
from types import SimpleNamespace

import pytest
from command import lightly, run
from conftest import ROOT

from hrnet_mm.cli import convert, draw, options
from hrnet_mm.cli.main import VERBS, execute, main
from hrnet_mm.version import __version__

TOOLS = dict(
    train='train',
    test='test',
    infer='predict',
    convert='convert',
    complexity='complexity',
    make_shapes='shapes',
)


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
        (('convert', './a.pth', 'b.pth', '--to', 'timm'), 'no checkpoint ./a.pth'),
        (('convert', 'a.pth', 'b.txt', '--to', 'timm'), 'cannot write b.txt'),
        (('shapes', 'out', '--size', '7'), "'7' is not HEIGHTxWIDTH"),
    ],
)
def test_mistakes_are_found_before_anything_heavy(words, message):
    said = lightly(*words)
    assert message in said
    assert 'left with 2' in said


def test_constants_are_those_of_what_is_not_imported():
    from hrnet_mm.data.shapes import LAYOUTS
    from hrnet_mm.fast import LEVELS
    from hrnet_mm.weights.formats import FAMILIES

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


def test_a_first_try_makes_the_images_that_its_config_is_for(capsys):
    main([])
    shown = capsys.readouterr().out
    shapes, train = shown.splitlines()[-1].strip().split(' && ')
    assert f'{shapes} ' in f'{(ROOT / "docs/package_page.md").read_text()} '
    assert train == 'hrnet train demo_faster_rcnn_hrnetv2p'


@pytest.mark.parametrize('script', ['complexity', 'convert'])
def test_a_script_has_the_text_of_its_verb(script):
    text = run(f'tools/{script}.py', '--help').stdout
    assert f'\npython tools/{script}.py ' in text
    assert f'hrnet {script}' not in text
    verb = run('-m', 'hrnet_mm', script, '--help').stdout
    assert text.count(f'python tools/{script}.py') == verb.count(f'\nhrnet {script} ')
