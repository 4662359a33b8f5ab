"""Switching whole networks: classes, levels, types, compiling, and what is said."""

from __future__ import annotations

import ast
import copy
import functools
import sys

import pytest
import torch
from conftest import ROOT, randomize
from fast_case import ARCH, assert_near, both
from torch import nn

from hrnet_mm.errors import UserError
from hrnet_mm.fast import optimize
from hrnet_mm.fast.modules.fast_hrnet import FastHRNet
from hrnet_mm.fast.native import library
from hrnet_mm.models import HRFPN, HRNet
from hrnet_mm.models.hrnet import ExchangeUnit


def test_bfloat16_for_inference_takes_and_gives_float32():
    model, image = both().eval(), torch.randn(1, 3, 64, 64)
    fast = optimize(copy.deepcopy(model), inference=True, dtype=torch.bfloat16)
    with torch.no_grad():
        assert_near(fast(image), model(image), 0.05)


def test_other_norms_stay_as_they_are():
    model = HRNet(ARCH, norm_cfg=dict(type='GN', num_groups=2)).eval()
    image = torch.randn(1, 3, 53, 75)
    with torch.no_grad():
        expected = model(image)
        assert_near(optimize(model)(image), expected, 1e-5)


@pytest.mark.skipif(not library.available(), reason='no C++ compiler')
def test_switching_again_changes_the_level():
    model = optimize(both())
    keys, unit = list(model.state_dict()), model[0].stage2[0].branches[0][0]
    assert not unit.settings.native
    optimize(model, level='max')
    assert unit.settings.native
    assert list(model.state_dict()) == keys


def test_derived_classes_are_known():
    class Listing(HRNet):
        def forward(self, image):
            return list(super().forward(image))

    model, image = randomize(Listing(ARCH)).eval(), torch.randn(1, 3, 64, 64)
    fast = optimize(copy.deepcopy(model))
    assert isinstance(fast, Listing)
    assert isinstance(fast, FastHRNet)
    with torch.no_grad():
        found, expected = fast(image), model(image)
    assert type(found) is type(expected) is list
    assert_near(found, expected, 1e-5)


def test_methods_of_derived_classes_are_not_passed_over():
    class Louder(HRNet):
        def stem(self, image):
            return 2 * super().stem(image)

    model, image = randomize(Louder(ARCH)).eval(), torch.randn(1, 3, 64, 64)
    fast = optimize(copy.deepcopy(model))
    assert not isinstance(fast, FastHRNet)
    with torch.no_grad():
        assert_near(fast(image), model(image), 1e-5)


def test_what_was_switched_is_said(monkeypatch):
    lines = []
    module = sys.modules['hrnet_mm.fast.optimize']
    monkeypatch.setattr(module, 'print_log', lambda text, *_: lines.append(text))
    optimize(nn.Conv2d(3, 3, 1))
    optimize(HRFPN(ARCH), level='default')
    assert 'Conv2d has nothing that hrnet_mm.fast knows' in lines[0]
    assert lines[1] == "HRFPN: 7 modules are fast (level 'default')"


@pytest.mark.parametrize('version', ['2.1.2+cu121', '1.13.0'])
def test_an_old_torch_is_named(monkeypatch, version):
    monkeypatch.setattr(torch, '__version__', version)
    with pytest.raises(
        UserError, match=f'needs torch 2.4 or newer, here is {version[:4]}'
    ):
        optimize(both())


def test_what_makes_no_sense_is_said():
    with pytest.raises(ValueError, match="level is one of default, max, got 'all'"):
        optimize(both(), level='all')
    with pytest.raises(ValueError, match='dtype=torch.bfloat16 is for inference=True'):
        optimize(both(), dtype=torch.bfloat16)


def test_the_readable_network_knows_nothing_of_it():
    for path in (ROOT / 'hrnet_mm/models').glob('*.py'):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import | ast.ImportFrom):
                names = [getattr(node, 'module', None) or '']
                names += [alias.name for alias in node.names]
                assert not any('fast' in name.split('.') for name in names), path


def test_equal_modules_compile_once_and_sizes_do_not_add_up(monkeypatch):
    compiled = []

    def backend(graph, inputs):
        compiled.append(graph)
        return graph

    compile = functools.partial(torch.compile, backend=backend)
    monkeypatch.setattr(torch, 'compile', compile)
    torch._dynamo.reset()
    # Four equal modules in stage 3, three in stage 4, the last of which gives one map.
    model = randomize(HRNet('w18', multiscale_output=False)).eval()
    units = [m for m in model.modules() if isinstance(m, ExchangeUnit)]
    assert len(units) == 8
    fast = optimize(copy.deepcopy(model), inference=True, compile=True)
    counts = []
    with torch.no_grad():
        for size in [(64, 64), (64, 96), (96, 64), (128, 160), (96, 128)]:
            image = torch.randn(1, 3, *size)
            assert_near(fast(image), model(image), 1e-5)
            counts.append(len(compiled))
    assert counts[0] == 4
    assert counts[-1] == counts[-3] <= 12
