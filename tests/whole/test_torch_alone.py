"""The command `hrnet` with torch alone: it works, or says what to install."""

from __future__ import annotations

import subprocess
import sys

import pytest
import torch
from alone_case import ALONE
from conftest import ROOT

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
    """Return what it says in place of a traceback, with status 2."""
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
    missing = 'mmcv' if words[0] == 'predict' else 'mmengine'
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
