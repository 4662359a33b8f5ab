"""Each device has its rows, and their options reach the fast path."""

import benchmark_case
import torch
from benchmark_case import TINY, TRAINED
from torch import nn

from benchmarks import rows

tiny_arch = benchmark_case.tiny_arch  # a fixture of each test


def test_each_device_has_its_rows(monkeypatch):
    monkeypatch.setattr(rows, 'has_bfloat16', lambda: False)
    on_cpu = rows.choose(None, 'cpu')
    assert 'fast + graph' not in on_cpu
    assert 'fast bf16' not in on_cpu
    assert 'fast bf16' in rows.choose(['fast*'], 'cpu')
    assert 'fast bf16' in rows.choose(None, 'cpu', sparing=False)
    assert {'fast max', 'fast max + graph'} <= set(rows.choose(None, 'cuda'))


def test_options_reach_the_fast_path(monkeypatch):
    seen = []

    def recorded(model, **options):
        seen.append(options)
        return model

    monkeypatch.setattr(rows, 'optimize', recorded)
    with torch.device('meta'):
        image, model = torch.empty(1, 3, 32, 32), nn.Conv2d(3, 4, 1)
    for name in ('fast max', 'fast bf16 + compile'):
        rows.prepare(rows.ROWS[name], TINY, model, image)
    trained = rows.prepare(rows.ROWS['fast bf16'], TRAINED, model, image)
    half = dict(inference=True, dtype=torch.bfloat16, compile=True)
    assert seen == [dict(inference=True, level='max'), half, dict(inference=False)]
    assert trained.dtype == torch.bfloat16  # autocast
