"""Cases take turns, and a row that fails is noted."""

import benchmark_case
from benchmark_case import TINY, measured, results_of

from benchmarks import rounds as run
from benchmarks import rows
from benchmarks.tables import markdown

tiny_arch = benchmark_case.tiny_arch  # a fixture of each test


def test_points_of_the_curve_take_turns(monkeypatch):
    alone, *points = (
        TINY,
        *(
            TINY._replace(name=f'area_{side}', shape=(1, 3, side), curve=True)
            for side in (32, 64)
        ),
    )
    assert run.groups([points[0], alone, points[1]]) == [[alone], points]
    order = []

    def prepared(case, rows, device, tick):
        entry = run.Entry(lambda: order.append(case.name), 1)
        found = dict(rows=dict(ours=dict(seconds=[])))
        return run.Prepared(case, dict(ours=entry), found)

    monkeypatch.setattr(run, 'prepare_case', prepared)
    found = dict(run.measure_all(points, {}, run.Settings(repeats=2)))
    assert order == ['area_32', 'area_64'] * 2
    assert list(found) == ['area_32', 'area_64']
    for point in found.values():
        assert len(point['rows']['ours']['seconds']) == 2
        assert len(point['limits']['float32']) == 2
        assert point['kind'] == 'area'


def test_a_row_that_fails_is_noted(monkeypatch, tmp_path):
    def broken(model, **options):
        raise RuntimeError('no compiler\n  a long trace')

    monkeypatch.setattr(rows, 'optimize', broken)
    found = measured(TINY, ['ours', 'fast'])
    assert found['rows']['fast'] == dict(note='RuntimeError: no compiler')
    assert len(found['rows']['ours']['seconds']) == 2
    page = markdown(results_of(tiny=dict(found, kind='detection')))
    assert '- `tiny`, fast: RuntimeError: no compiler' in page
