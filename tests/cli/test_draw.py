"""hrnet shapes: what it says that it made, and what comes next."""

import subprocess
import sys
from pathlib import Path

from conftest import ROOT

from hrnet_mm.cli.draw import next_command


def run_tool(*arguments):
    command = [sys.executable, 'tools/make_shapes.py', *map(str, arguments)]
    environment = {'PYTHONPATH': str(ROOT), 'PATH': ''}
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


def test_tool_says_what_it_made_and_what_comes_next(tmp_path):
    arguments = (tmp_path, '--train', 1, '--val', 1, '--size', '96x128')
    first, second = run_tool(*arguments), run_tool(*arguments)
    assert first.returncode == second.returncode == 0
    assert f'Wrote 1 + 1 images of 96x128 in {tmp_path}' in first.stdout
    config = 'faster_rcnn_hrnetv2p_w18_1x'
    command = f'hrnet train {config} --cfg-options data_root={tmp_path}/'
    assert f'Next: {command}\n' in first.stdout
    assert 'Already complete, nothing to do' in second.stdout


def test_the_next_command_is_one_for_a_shell(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    plain = 'hrnet train fcn_hrnetv2_w48_cityscapes'
    assert next_command('cityscapes', Path('data/cityscapes')) == plain
    option = "--cfg-options 'data_root=my data/'"
    assert next_command('cityscapes', Path('my data')) == f'{plain} {option}'


def test_tool_explains_what_is_wrong(tmp_path):
    (tmp_path / 'file').touch()
    for arguments, message in (
        ((tmp_path / 'new', '--size', '240'), "'240' is not HEIGHTxWIDTH in pixels"),
        ((tmp_path, '--overwrite'), 'Nothing was touched'),
        ((tmp_path / 'file/out',), 'cannot write to'),
    ):
        result = run_tool(*arguments)
        assert result.returncode == 2
        assert message in result.stderr
