"""Tests of loading share a detector, its body, and the lines of the log."""

import pytest
import torch
from conftest import randomize
from mmengine.model import BaseModule
from torch import nn

from hrnet_mm.models import HRFPN, HRNet

ARCH = 'w18_small_v1'


class Detector(BaseModule):
    """A backbone, a neck and a head of one layer."""

    def __init__(self, init_cfg=None, head_init=None, **backbone):
        super().__init__(init_cfg)
        self.backbone = HRNet(ARCH, **backbone)
        self.neck = HRFPN(ARCH, out_channels=8)
        self.bbox_head = Head(head_init)


class Head(BaseModule):
    def __init__(self, init_cfg):
        super().__init__(init_cfg)
        self.fc = nn.Linear(8, 2)


@pytest.fixture
def model():
    return randomize(HRNet(ARCH))


@pytest.fixture
def said(monkeypatch):
    """The lines of the log."""
    lines = []
    monkeypatch.setattr(
        'hrnet_mm.weights.loading.print_log', lambda text, *_: lines.append(text)
    )
    return lines


def equal(one, other):
    return all(
        torch.equal(x, other.state_dict()[k]) for k, x in one.state_dict().items()
    )
