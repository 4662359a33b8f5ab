"""The command line of the benchmark."""

import json

import pytest
import torch
from benchmark_case import raw, results_of

from benchmarks.__main__ import main
from hrnet_mm.errors import UserError


def test_list_shows_cases_and_rows(capsys):
    main(['--list', '--cases', 'pose_*', '--rows', 'toolbox', 'fast*'])
    shown = capsys.readouterr().out
    assert 'pose_w32_b32' in shown
    assert '32 x 256 x 192' in shown
    assert 'fast + compile' in shown
    assert 'det_w32_512x640' not in shown
    assert 'timm' not in shown


def test_render_makes_tables_and_plot_again(tmp_path):
    curve = {
        f'area_{side}': dict(
            raw(fast=[side / 1e3] * 2), kind='area', shape=[1, side, side]
        )
        for side in (64, 128, 192)
    }
    case = raw(toolbox=[2.0, 2.0, 2.0], fast=[1.0, 1.0, 1.0])
    path = tmp_path / 'benchmark.json'
    path.write_text(json.dumps(results_of(one=case, **curve)))
    main(['--render', str(path)])
    page = (tmp_path / 'benchmark.md').read_text()
    assert '| one | fast | 1.000 | 9.0 | 4 (0.57x) | 2.00 | 300% | - |' in page
    assert '| row | ms | ms per Mpixel | farthest |' in page
    assert (tmp_path / 'benchmark.png').is_file()
    path.write_text('[]')
    with pytest.raises(UserError, match=r'is no benchmark.json of this tool'):
        main(['--render', str(path)])


@pytest.mark.skipif(torch.cuda.is_available(), reason='there is a GPU')
def test_cuda_without_a_gpu(tmp_path):
    with pytest.raises(UserError, match='torch finds no GPU'):
        main(['--quick', '--device', 'cuda', '--out', str(tmp_path / 'out')])
