"""What failed trials say, and what mends it."""

from functools import partial

import pytest
from doctor_case import make

from hrnet_mm.environment import remedies
from hrnet_mm.environment.packages import TOOLBOXES
from hrnet_mm.environment.probes import Outcome
from hrnet_mm.environment.problems import explained, visible


@pytest.fixture
def made(tmp_path):
    """A made environment of distributions, modules and requirements."""
    return partial(make, tmp_path)


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
    [seen] = visible(survey, list(TOOLBOXES))
    assert explained('torchvision', Outcome(error), survey).commands == seen.commands


def test_a_module_that_was_built_for_another_numpy(made):
    text = 'import xtcocotools\nnumpy.dtype size changed, may indicate'
    problem = explained('mmpose', Outcome('ValueError: numpy.dtype', text), made())
    assert problem.commands == (
        ('uninstall', '-y', 'xtcocotools'),
        ('install', 'pycocotools'),
    )


def test_the_forks_own_mmcv_is_not_removed_for_its_version(made):
    error = 'AssertionError: MMCV==2.4.0 is used but incompatible'
    survey = made('onedl-mmcv==2.4.0', 'mmcv==2.4.0')
    commands = explained('mmdet', Outcome(error), survey).commands
    assert commands == (('uninstall', '-y', 'mmcv'), ('install', 'onedl-mmcv>=2.3'))


def test_an_error_that_nobody_knows(made):
    problem = explained('mmdet', Outcome('KeyError: 1', ''), made())
    assert problem.commands == ()
    assert remedies.whole_message(problem).endswith('environment.trial mmdet')
