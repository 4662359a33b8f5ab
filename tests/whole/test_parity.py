"""The original code bases' own numbers, from their weights in the files' own form."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest
import torch
from parity_case import difference, image_of
from parity_models import FAMILIES, Tensors, build, golden, numbered
from torch import nn

from hrnet_mm.models.archs import resolve_arch
from hrnet_mm.models.hrnet import ExchangeUnit, Upsample
from hrnet_mm.weights import load, read_checkpoint
from hrnet_mm.weights.formats.recognition import recognize

pytestmark = pytest.mark.slow
TOLERANCE = 1e-5  # the original code in float32 is up to 1.5e-6 from itself in float64
VISIBLE = 1e-2
UPSAMPLES = (
    Upsample('nearest'),
    Upsample('bilinear', align_corners=False),
    Upsample('bilinear', align_corners=True),
)
# Convolutions with a bias before a norm; of our models that for faces alone has it.
BIASES = dict(
    classification=4,
    segmentation=1,
    segmentation_aligned=1,
    segmentation_unaligned=1,
    ocr=2,
    face=1,
)


def store(name: str, tensors: Tensors, folder: Path) -> Path:
    """A file in the form in which the authors publish theirs."""
    path = folder / f'{name}.pth'
    torch.save(FAMILIES[name].stored(tensors), path)
    return path


class Case(NamedTuple):
    """Our model of a golden file, with the weights of `path`."""

    name: str
    path: Path
    model: nn.Module

    @torch.no_grad()
    def differences(self, size: str) -> dict[str, float]:
        """Measure how far outputs are from the original's, per largest value."""
        streams = self.model.backbone(image_of(size))
        heads = FAMILIES[self.name].outputs(self.model, streams)
        expected = dict(golden(self.name).outputs[size])
        if 'box.1' in heads:
            expected['box.1'] = expected['box.1'][:, 4:]  # the background has no box
        found = numbered(backbone=streams) | heads
        return {key: difference(x, expected[key]) for key, x in found.items()}


@pytest.fixture(scope='module', params=FAMILIES)
def case(request, tmp_path_factory) -> Case:
    name = request.param
    path = store(name, golden(name).state_dict, tmp_path_factory.mktemp('parity'))
    case = Case(name, path, build(name))
    load(path, case.model)
    return case


def test_outputs_equal_the_original_codes(case):
    for size in golden(case.name).outputs:
        found = case.differences(size)
        assert max(found.values()) < TOLERANCE, (size, found)


def test_the_file_tells_the_network(case):
    found = recognize(read_checkpoint(case.path))
    assert found.arch == resolve_arch(golden(case.name).facts['arch'])
    assert str(case.model.backbone.upsample) in found.upsample


@pytest.mark.parametrize('upsample', UPSAMPLES, ids=str)
def test_another_upsampling_is_visible(case, upsample, monkeypatch):
    units = [m for m in case.model.modules() if isinstance(m, ExchangeUnit)]
    for unit in units:
        monkeypatch.setattr(unit, 'upsample', upsample)
    right = upsample == case.model.backbone.upsample
    for size in golden(case.name).outputs:
        found = case.differences(size)['backbone.0']
        assert found < TOLERANCE if right else found > VISIBLE


@pytest.mark.parametrize('case', BIASES, indirect=True)
def test_a_lost_bias_is_visible(case, tmp_path):
    tensors = golden(case.name).state_dict
    lost = {
        name: torch.zeros_like(tensor)
        for name, tensor in tensors.items()
        if name.endswith('.0.bias')
        and name.replace('.0.bias', '.1.running_mean') in tensors
    }
    assert len(lost) == BIASES[case.name]
    load(store(case.name, tensors | lost, tmp_path), case.model)
    for size in golden(case.name).outputs:
        found = case.differences(size)
        heads = [found.pop(key) for key in list(found) if key.startswith('head.')]
        assert min(heads) > VISIBLE
        assert max(found.values()) < TOLERANCE
    load(case.path, case.model)


@pytest.mark.parametrize('name', FAMILIES)
def test_golden_numbers_can_tell(name):
    for outputs in golden(name).outputs.values():
        assert all(0.1 < x.abs().max() < 100 for x in outputs.values())
        assert all(x.std() > 0.01 for x in outputs.values() if x.numel() > 1)
