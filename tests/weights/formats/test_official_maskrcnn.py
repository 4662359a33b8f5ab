"""Backbone and neck of HRNet-MaskRCNN-Benchmark and HRNet-FCOS in today's form."""

import re

import pytest
import torch
from conftest import randomize
from forms_case import assert_identical
from torch import nn

from hrnet_mm.models import HRFPN, HRNet
from hrnet_mm.weights.formats.official_maskrcnn import FCOS, MASKRCNN_BENCHMARK

ARCH = 'w18_small_v1'
HEADS = {'rpn.head.cls_logits.weight': torch.ones(1)}


@pytest.fixture(scope='module')
def pyramid() -> dict:
    """Backbone and neck in our form, as a detector has them."""
    torch.manual_seed(0)
    body, neck = randomize(HRNet(ARCH)), randomize(HRFPN(ARCH))
    return {
        **{f'backbone.{k}': v for k, v in body.state_dict().items()},
        **{f'neck.{k}': v for k, v in neck.state_dict().items()},
    }


def as_benchmark(tensors: dict, neck: str) -> dict:
    """The names of maskrcnn-benchmark, by hand."""
    made = {}
    for name, tensor in tensors.items():
        name = name.replace('backbone.', 'backbone.body.')
        name = name.replace('neck.reduction_conv.conv.', f'{neck}.reduction_conv.0.')
        name = re.sub(r'neck\.fpn_convs\.(\d)\.conv\.', rf'{neck}.fpn_conv.\1.', name)
        made[name] = tensor
    return made


def test_official_fcos(pyramid):
    theirs = as_benchmark(pyramid, 'backbone.fpn')
    assert FCOS.fits([*theirs, *HEADS])
    assert not MASKRCNN_BENCHMARK.fits([*theirs, *HEADS])
    assert_identical(FCOS.read({**theirs, **HEADS}), {**pyramid, **HEADS})
    assert_identical(FCOS.write(pyramid), theirs)


def test_official_mask_rcnn_benchmark(pyramid):
    counted = {k: v for k, v in pyramid.items() if 'num_batches' not in k}
    theirs = as_benchmark(counted, 'backbone.neck')
    for name, tensor in list(theirs.items()):
        if name.endswith('running_mean'):
            eps = torch.ones(len(tensor)) / 1e5  # as the authors make it
            theirs[name.replace('running_mean', 'eps')] = eps
    assert MASKRCNN_BENCHMARK.fits([*theirs, *HEADS])
    assert not FCOS.fits([*theirs, *HEADS])
    read = MASKRCNN_BENCHMARK.read({**theirs, **HEADS})
    assert_identical(read, {**counted, **HEADS})
    assert_identical(MASKRCNN_BENCHMARK.write(pyramid), theirs)


def test_another_eps_goes_into_the_variance():
    norm = randomize(nn.BatchNorm2d(6, eps=1e-2)).eval()
    theirs = {f'backbone.body.bn1.{k}': v for k, v in norm.state_dict().items()}
    theirs['backbone.body.bn1.eps'] = torch.full((6,), 1e-2)
    ours = MASKRCNN_BENCHMARK.read(theirs)
    read = nn.BatchNorm2d(6).eval()
    read.load_state_dict({k.removeprefix('backbone.bn1.'): v for k, v in ours.items()})
    x = torch.randn(2, 6, 3, 3)
    torch.testing.assert_close(read(x), norm(x))
