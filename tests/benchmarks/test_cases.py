"""Cases have one order, and are chosen by patterns."""

import pytest

from benchmarks import cases, rows
from benchmarks.cases import CASES, QUICK
from hrnet_mm.errors import UserError


def test_results_of_several_runs_are_in_the_order_of_the_cases():
    found = dict(quick_det=1, area_w32_256=2, train_det_w32=3, det_w18_512x640=4)
    names = ['det_w18_512x640', 'train_det_w32', 'area_w32_256', 'quick_det']
    assert list(cases.in_order(found)) == names
    assert cases.in_order(found) == found


def test_names_are_chosen_by_patterns():
    assert [c.name for c in cases.choose(CASES, ['det_w32_*', 'seg_w48'])] == [
        'det_w32_512x640',
        'det_w32_800x1344',
        'seg_w48',
    ]
    with pytest.raises(UserError, match=r'--cases dte_\* is none of: det_w18_512x640'):
        cases.choose(CASES, ['dte_*'])
    assert list(rows.choose(['*compile'], 'cpu')) == [
        'fast + compile',
        'fast bf16 + compile',
    ]
    with pytest.raises(UserError, match='--rows slow is none of: toolbox, ours, fast'):
        rows.choose(['slow'], 'cpu')


@pytest.mark.parametrize('known', [CASES, QUICK])
def test_cases(known):
    assert len({case.name for case in known}) == len(known)
    kinds = {'detection', 'pose', 'segmentation', 'classification', 'training', 'area'}
    assert {case.kind for case in known} == kinds
    shown = {name for case in known for name in rows.of_case(rows.ROWS, case)}
    compiled = {name for name, row in rows.ROWS.items() if row.compiled}
    assert shown == set(rows.ROWS) - (compiled if known is cases.QUICK else set())
