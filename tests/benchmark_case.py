"""The tests of the benchmark share a network of seconds and made figures."""

import pytest

from benchmarks import rounds as run
from benchmarks import rows
from benchmarks.cases import Case
from benchmarks.limits import Limits
from hrnet_mm.models.archs import ARCHS, hrnet_arch

TINY = Case('tiny', 'detection', 'w4', (1, 64, 64))
TRAINED = Case('tiny_train', 'detection', 'w4', (2, 64, 64), training=True)
MEGA = 1_000_000


@pytest.fixture(autouse=True)
def tiny_arch(monkeypatch):
    arch = hrnet_arch(4, (1, 1, 1, 1), (1, 1, 1, 1), stage1_width=8)
    monkeypatch.setitem(ARCHS, 'w4', arch)


def raw(**by_row):
    """A case's raw figures, made from the seconds of each row."""
    return dict(
        kind='detection',
        task='detection',
        arch='w4',
        training=False,
        shape=[2, 32, 32],
        operations=600,
        limits=dict(float32=[100.0, 200.0], bfloat16=[400.0, 300.0], copy=[1.0, 2.0]),
        rows={
            name.replace('_', ' '): dict(
                seconds=seconds, first_seconds=10.0, peak_bytes=len(name) * MEGA
            )
            for name, seconds in by_row.items()
        },
    )


def measured(case, names):
    """Raw figures of some rows through the benchmark's own loop, in two rounds."""
    limits = Limits('cpu', side=32)
    used = {name: rows.ROWS[name] for name in names}
    settings = run.Settings(repeats=2)
    group = run.measure_group([case], used, limits, settings, lambda case: None)
    return group[case.name]


def results_of(**found):
    return dict(
        date='2026-01-01T00:00:00+00:00',
        commit=None,
        machine=dict(
            system='Linux', processor='P', flags=[], cores=2, usable_cores=1, threads=1
        ),
        versions=dict(torch='2'),
        settings=dict(device='cpu', repeats=2),
        cases=found,
    )
