"""The whole environment: what works, what is missing, what is broken."""

import shutil

import doctor_case

from hrnet_mm.environment.examination import examine
from hrnet_mm.environment.probes import Outcome

environment, made = doctor_case.environment, doctor_case.made  # fixtures


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
