"""All tests share these fixtures; they run on a CPU, on made data, offline."""

from __future__ import annotations

import os
import warnings
from pathlib import Path

import pytest
import torch
from mmengine.registry import DefaultScope

from hrnet_mm.fast.optimize import OLDEST_TORCH
from hrnet_mm.models import ARCHS
from hrnet_mm.version import torch_is_at_least

ROOT = Path(__file__).parents[1]
PUBLISHED = [name for name in ARCHS if not name.endswith('_bottleneck')]

warnings.filterwarnings('ignore')

# What is faster needs a newer torch than the oldest that the rest runs on.
OLD_TORCH = not torch_is_at_least(*OLDEST_TORCH)
needs_fast = pytest.mark.skipif(OLD_TORCH, reason='hrnet_mm.fast needs a newer torch')
if OLD_TORCH:
    collect_ignore_glob = ['fast/*', 'whole/test_fast*', 'benchmarks/*']


@pytest.fixture(autouse=True)
def _seeded():
    torch.manual_seed(0)


@pytest.fixture(autouse=True)
def _environment_stays():
    """Let what the tools forbid in one test be forbidden in that test alone."""
    before = dict(os.environ)
    yield
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture(autouse=True, scope='module')
def _default_scopes_stay_in_their_module():
    """Building a toolbox's model sets mmengine's scope for the whole process."""
    before = dict(DefaultScope._instance_dict)
    yield
    DefaultScope._instance_dict.clear()
    DefaultScope._instance_dict.update(before)


def extra_of(arch: str) -> dict:
    """The dict of four stages that OpenMMLab's configs write for a network."""
    return {
        f'stage{n}': dict(
            num_modules=stage.modules,
            num_branches=len(stage.widths),
            block=stage.block.upper(),
            num_blocks=stage.depths,
            num_channels=stage.widths,
        )
        for n, stage in enumerate(ARCHS[arch], start=1)
    }


def randomize(model: torch.nn.Module) -> torch.nn.Module:
    """Random weights and statistics that keep activations of the order of one."""
    for name, tensor in model.state_dict().items():
        if name.endswith('running_var'):
            tensor.uniform_(0.5, 1.5)
        elif name.endswith('running_mean') or tensor.dim() == 1:
            scale = 0.3 if name.endswith('weight') else 0.0
            tensor.copy_(torch.randn(tensor.shape) * 0.1 + scale)
        elif tensor.dim() > 1:
            torch.nn.init.kaiming_normal_(tensor)
    return model
