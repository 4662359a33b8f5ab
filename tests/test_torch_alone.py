"""The command `hrnet` with torch alone: it works, or says what to install."""

from __future__ import annotations

import subprocess
import sys

import pytest
import torch
from conftest import ROOT
from test_plain_torch import ALONE

from hrnet_mm.cli.absent import extra_of, remedies, scope_of
from hrnet_mm.config.finding import find_config
from hrnet_mm.models import HRNet

COMMAND = """
from hrnet_mm.cli.main import main
sys.exit(main(sys.argv[1:]))
"""


def hrnet(*words, **given) -> subprocess.CompletedProcess:
    """Run the command as if torch were alone."""
    command = [sys.executable, '-c', ALONE + COMMAND, *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, **given)


def message(*words, **given) -> str:
    """What it says instead of doing anything: no traceback, and status 2."""
    done = hrnet(*words, **given)
    assert done.returncode == 2, done.stderr
    assert 'Traceback' not in done.stderr
    return done.stderr


DET = 'faster_rcnn_hrnetv2p_w32_1x'


@pytest.mark.parametrize(
    'words',
    [
        ('train', DET),
        ('test', DET, 'hrnet_w32_imagenet'),
        ('predict', ROOT, '--config', DET, '--weights', 'some', '--out', 'out'),
        ('complexity', DET),
    ],
    ids=lambda words: words[0],
)
def test_what_to_install_for_a_config(words, tmp_path):
    said = message(*words, cwd=tmp_path)
    missing = 'cv2' if words[0] == 'predict' else 'mmengine'
    assert f'error: {missing} is not installed' in said
    assert "pip install 'hrnet_mm[det]'" in said
    assert 'hrnet doctor det --fix' in said
    assert list(tmp_path.iterdir()) == []


def test_key_points_take_two_commands():
    said = message('train', 'topdown_hrnet_w32_coco_256x192')
    assert "pip install 'hrnet_mm[pose]'\n  pip install --no-deps mmpose" in said
    assert 'hrnet doctor pose --fix' in said


def test_every_extra_where_the_config_does_not_say(tmp_path):
    (tmp_path / 'own.py').write_text('model = dict()\n')
    for words in (('train', 'own.py'), ('complexity', 'own.py')):
        said = message(*words, cwd=tmp_path)
        for extra in ('det', 'seg', 'pose', 'cls'):
            assert f"pip install 'hrnet_mm[{extra}]'" in said
        assert 'hrnet doctor EXTRA --fix' in said


def test_conversion_needs_nothing_else(tmp_path):
    torch.save(HRNet('w18_small_v1').state_dict(), tmp_path / 'ours.pth')
    words = ('convert', 'ours.pth', 'theirs.pth', '--to', 'timm')
    done = hrnet(*words, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert 'written: theirs.pth' in done.stdout
    assert 'conv1.weight' in torch.load(tmp_path / 'theirs.pth', weights_only=True)


def test_drawing_needs_opencv(tmp_path):
    said = message('shapes', tmp_path / 'out')
    assert 'cv2 is not installed' in said
    assert 'pip install opencv-python-headless' in said
    assert list(tmp_path.iterdir()) == []


def test_the_toolbox_that_a_text_names(tmp_path):
    assert scope_of(find_config('faster_rcnn_hrnetv2p_w32_1x')) == 'mmdet'
    assert scope_of(find_config('fcn_hrnetv2_w48_cityscapes')) == 'mmseg'
    assert extra_of(find_config('hrnet_w18_small_v1_c_imagenet')) == 'cls'
    (tmp_path / 'base.json').write_text('{"default_scope": "mmpose"}')
    (tmp_path / 'own.py').write_text("_base_ = './base.json'\n")
    assert extra_of(tmp_path / 'own.py') == 'pose'
    (tmp_path / 'round.py').write_text("_base_ = ['round.py', 'none.py']\n")
    assert scope_of(tmp_path / 'round.py') is None
    (tmp_path / 'foreign.py').write_text("default_scope = 'mmdet3d'\n")
    assert extra_of(tmp_path / 'foreign.py') is None


def test_another_module_that_is_missing_is_an_error_of_the_program():
    with pytest.raises(ModuleNotFoundError, match='else'), remedies(None):
        raise ModuleNotFoundError("No module named 'else'", name='else')
    with pytest.raises(ModuleNotFoundError, match='_ext'), remedies(None):
        raise ModuleNotFoundError("No module named 'mmcv._ext'", name='mmcv._ext')
