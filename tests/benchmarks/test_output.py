"""The files of a run, and that no other run writes over them."""

import json

import benchmark_case
import pytest
from benchmark_case import TINY, TRAINED, measured, raw, results_of

from benchmarks import output as report
from benchmarks.__main__ import main
from hrnet_mm.errors import UserError

tiny_arch = benchmark_case.tiny_arch  # a fixture of each test


@pytest.mark.slow
def test_from_the_models_to_the_files(tmp_path):
    pytest.importorskip('mmdet')
    names = ['toolbox', 'ours', 'fast']
    found = {
        case.name: dict(measured(case, names), kind=case.kind)
        for case in (TINY, TRAINED)
    }
    trained = found['tiny_train']['rows']
    for key in ('output_difference', 'gradient_differences', 'saved_bytes'):
        assert trained['ours'][key] == trained['toolbox'][key]
    assert trained['fast']['saved_bytes'] > 0
    output = report.Output(str(tmp_path / 'out'))
    results = results_of(**found)
    output.write(results)
    output.render(results)
    page = (tmp_path / 'out/benchmark.md').read_text()
    heading = '| case | row | seconds | start-up s | peak MB |'
    assert f'{heading} speed-up | of limit | difference |\n' in page
    assert f'{heading} saved MB | speed-up | of limit | difference |' in page
    assert '| tiny_train | fast | ' in page
    assert (tmp_path / 'out/benchmark.png').stat().st_size > 1000
    written = report.read(str(tmp_path / 'out/benchmark.json'))
    assert written == json.loads(json.dumps(results))


def test_earlier_results_are_not_overwritten(tmp_path):
    (tmp_path / 'benchmark.json').write_text('{}')
    with pytest.raises(UserError, match=r'earlier results \(benchmark.json\).*--overw'):
        main(['--quick', '--out', str(tmp_path)])
    assert report.Output(str(tmp_path), overwrite=True).folder == tmp_path
    with pytest.raises(UserError, match='is a file; name a folder'):
        report.Output(str(tmp_path / 'benchmark.json'))


def test_a_run_goes_on_only_where_it_was(tmp_path):
    results = results_of(quick=raw(toolbox=[1.0]))
    report.Output(str(tmp_path)).write(results)
    with pytest.raises(UserError, match='go on with --resume, or replace'):
        report.Output(str(tmp_path))
    output = report.Output(str(tmp_path), resume=True)
    machine, versions = results['machine'], results['versions']
    assert output.earlier(machine, versions)['cases'].keys() == {'quick'}
    with pytest.raises(UserError, match='of another machine or of other versions'):
        output.earlier(machine, dict(torch='3'))
    fresh = report.Output(str(tmp_path / 'new'), resume=True)
    assert fresh.earlier(machine, versions) == dict(cases={})
