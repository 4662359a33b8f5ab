"""Tests of forms of state dicts share the official ones and our own."""

from functools import cache

import torch
from conftest import randomize
from parity_models import build as built
from parity_models import golden

from hrnet_mm.models import HRNet

ARCH = 'w18_small_v1'
SEGMENTATION = ('official segmentation', 'segmentation')
ALIGNED = 'bilinear, aligned'
OFFICIAL = dict(
    classification=('official classification', 'classification', 'nearest'),
    pose=('official pose', 'pose', 'nearest'),
    face=('official face', 'pose', 'bilinear'),
    segmentation=(*SEGMENTATION, 'bilinear', ALIGNED),
    segmentation_aligned=(*SEGMENTATION, 'bilinear', ALIGNED),
    segmentation_unaligned=(*SEGMENTATION, 'bilinear', ALIGNED),
    ocr=('official segmentation with OCR', 'segmentation', ALIGNED),
    detection=('official detection', 'detection', 'nearest'),
    detection_benchmark=('official Mask R-CNN Benchmark', 'detection', 'nearest'),
    detection_fcos=('official FCOS', 'detection', 'nearest'),
)
FOLDED = dict(
    classification=[
        'final_layer.0.bias',
        *(f'downsamp_modules.{i}.0.bias' for i in range(3)),
    ],
    segmentation=['last_layer.0.bias'],
    ocr=['aux_head.0.bias', 'conv3x3_ocr.0.bias'],
    pose=[],
    face=[],
)
HEADS = [*FOLDED]  # those of which all tensors have names here
build = cache(built)


def official(name):
    """Tensors as the original code names and shapes them."""
    return dict(golden(name).state_dict)


def assert_equal(found, expected):
    assert set(found) == set(expected)
    for name, tensor in expected.items():
        torch.testing.assert_close(found[name], tensor, rtol=1e-6, atol=1e-6)


def assert_identical(found, expected):
    assert set(found) == set(expected)
    assert [k for k in found if not torch.equal(found[k], expected[k])] == []


@cache
def backbone():
    """Do not change it."""
    return randomize(HRNet(ARCH)).state_dict()
