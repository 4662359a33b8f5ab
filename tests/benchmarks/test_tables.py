"""The tables of known figures, and those in the README."""

from benchmark_case import raw, results_of
from conftest import ROOT

from benchmarks import output as report
from benchmarks.tables import markdown, summary


def test_the_summary():
    row = raw(toolbox=[2.0, 4.0, 3.0], fast=[1.0, 2.0, 2.0])
    text = summary(results_of(quick=row))
    assert text.splitlines()[2:] == [
        '| detection, w4, 2 x 32 x 32 | 3.000 | 2.00x | - | 0.57x |'
    ]
    del row['rows']['toolbox']
    assert '| - | - | - | - |' in summary(results_of(quick=row))


def test_the_readme_has_the_figures_of_the_kept_run():
    results = report.read(ROOT / 'docs/benchmarks/xeon_2_cores/benchmark.json')
    assert summary(results) in (ROOT / 'README.md').read_text()
    page = ROOT / 'docs/benchmarks/xeon_2_cores/benchmark.md'
    assert markdown(results) == page.read_text()
