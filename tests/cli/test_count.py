"""hrnet complexity: what it prints of a config, and how little it imports."""

import pytest
from command import run


def tool(*args: str):
    return run('tools/complexity.py', *args)


@pytest.mark.slow
def test_the_tool_counts_a_config_at_any_size():
    pytest.importorskip('mmdet')
    config = 'configs/faster_rcnn_hrnetv2p_w18_1x.py'
    printed = tool(config, '--shape', '64', '96').stdout
    assert '64 x 96' in printed
    assert '27.483 M' in printed
    printed = tool(config, '--cfg-options', 'model.roi_head.bbox_head.num_classes=1')
    assert '800 x 1216' in printed.stdout
    assert '27.078 M' in printed.stdout  # 79 classes less: 5 x 1025 each


@pytest.mark.slow
def test_the_tool_says_what_is_wrong():
    assert 'the following arguments are required: config' in tool().stderr
    found = tool('configs/no_such.py')
    assert (found.returncode, 'no config file' in found.stderr) == (2, True)
    assert 'HEIGHT WIDTH' in tool('x.py', '--shape', '1', '2', '3').stderr


@pytest.mark.slow
def test_counting_imports_no_runner_and_no_matplotlib(tmp_path):
    pytest.importorskip('mmseg')
    script = """
import sys
from hrnet_mm.cli.main import main
main(['complexity', 'demo_fcn_hrnetv2', '--shape', '64', '64'])
names = ('hrnet_mm.training', 'hrnet_mm.training.runner')
print([name for name in names if name in sys.modules])
"""
    said = run('-c', script, cwd=tmp_path).stdout
    assert '64 x 64' in said
    assert said.endswith('[]\n')
