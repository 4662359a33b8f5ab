"""Failed trials are explained, with what mends them."""

import doctor_case
import pytest

from hrnet_mm.environment import remedies
from hrnet_mm.environment.explaining import explained
from hrnet_mm.environment.probes import Outcome
from hrnet_mm.environment.problems import visible
from hrnet_mm.toolboxes import TOOLBOXES

made = doctor_case.made  # a fixture

SAID = {
    "ModuleNotFoundError: No module named 'ftfy'": ('install', 'ftfy'),
    "ModuleNotFoundError: No module named 'skimage.io'": ('install', 'scikit-image'),
    "ModuleNotFoundError: No module named 'mmengine'": ('install', 'mmengine==0.10.7'),
    "ModuleNotFoundError: No module named 'mmdet'": ('install', 'mmdet==3.3.0'),
    "ModuleNotFoundError: No module named 'xtcocotools'": ('install', 'pycocotools'),
    'RuntimeError: operator torchvision::nms does not exist': (
        *('install', 'torch==2.13.0', 'torchvision==0.28.0'),
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


UNKNOWN = ['apex', 'hrnet_mm.own', 'one', 'addict', 'mmcv._ext', 'mmdet.own', '-r']


@pytest.mark.parametrize('name', UNKNOWN)
def test_nothing_is_installed_for_its_name_in_a_message(made, name):
    error = f"ModuleNotFoundError: No module named '{name}'"
    survey = made(modules=['mmcv', 'mmdet'])
    assert explained('mmdet', Outcome(error), survey) == (f'mmdet: {error}', (), '')


def test_a_module_without_a_remedy_hides_no_other_cause(made):
    text = (
        "No module named 'apex'\nAssertionError: MMCV==2.2.0 is used but incompatible"
    )
    [*_, command] = explained('mmdet', Outcome('AssertionError', text), made()).commands
    assert command == ('install', 'mmcv-lite==2.1.0')


def test_mmpose_is_installed_without_its_own_requirements(made):
    error = "ModuleNotFoundError: No module named 'mmpose'"
    [command] = explained('mmpose', Outcome(error), made()).commands
    assert command == ('install', '--no-deps', 'mmpose==1.3.2')


@pytest.mark.parametrize(
    ('there', 'others'),
    [
        ({}, ('install', 'torch', 'torchvision')),
        ({'torch': '2.15.0'}, ('install', 'torch==2.15.0', 'torchvision')),
    ],
)
def test_a_missing_torchvision(made, there, others):
    survey = made(*(f'{name}=={version}' for name, version in there.items()))
    error = "ModuleNotFoundError: No module named 'torchvision'"
    assert explained('mmdet', Outcome(error), survey).commands == (others,)


def test_torchvision_is_installed_again_beside_this_torch(made):
    error = 'RuntimeError: operator torchvision::nms does not exist'
    survey = made('torch==2.15.0', 'torchvision==0.29.2')
    assert explained('torchvision', Outcome(error), survey).commands == (
        ('uninstall', '-y', 'torchvision'),
        ('install', 'torch==2.15.0', 'torchvision'),
    )


def test_torchvision_of_another_place_is_left_alone(made):
    error = 'RuntimeError: operator torchvision::nms does not exist'
    survey = made('torch==2.15.0+cpu', 'torchvision==0.29.2')
    problem = explained('torchvision', Outcome(error), survey)
    assert problem.commands == ()
    assert 'must come from the same place' in problem.advice


@pytest.mark.parametrize(
    ('there', 'wanted'),
    [
        (['mmcv==2.1.0'], 'mmcv-lite==2.1.0'),
        (['mmcv-full==2.0.0'], 'mmcv-lite==2.1.0'),
        (['mmcv==2.1.0', 'onedl-mmengine==0.10.12'], 'onedl-mmcv>=2.3'),
    ],
)
def test_an_mmcv_that_was_compiled_for_another_torch(made, there, wanted):
    error = (
        'ImportError: /lib/mmcv/_ext.cpython-311-x86_64-linux-gnu.so: '
        'undefined symbol: _ZN3c1017RegisterOperatorsD1Ev'
    )
    removed = there[0].partition('==')[0]
    assert explained('mmdet', Outcome(error), made(*there)).commands == (
        ('uninstall', '-y', removed),
        ('install', wanted),
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
