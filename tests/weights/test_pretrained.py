"""Checkpoints as what init_cfg starts from."""

import loading_case
import pytest
import torch
from conftest import randomize
from loading_case import ARCH, Detector, Head, equal
from mmengine.model import BaseModule
from torch import nn

from hrnet_mm.errors import UserError
from hrnet_mm.models import HRNet
from hrnet_mm.registry import MODELS
from hrnet_mm.weights import Pretrained

model = loading_case.model  # a fixture


def test_pretrained_initialization(model, tmp_path):
    torch.save(model.state_dict(), tmp_path / 'weights.pth')
    init = dict(type='hrnet_mm.Pretrained', checkpoint=str(tmp_path / 'weights.pth'))
    fresh = MODELS.build(dict(type='hrnet_mm.HRNet', arch=ARCH, init_cfg=init))
    fresh.init_weights()
    assert equal(fresh, model)
    with pytest.raises(UserError, match='does not fit hrnet_w18_small_v2'):
        HRNet('w18_small_v2', init_cfg=init).init_weights()


def test_initialization_of_a_whole_model_is_the_last_word(tmp_path):
    weights = randomize(Detector())
    torch.save(weights.state_dict(), tmp_path / 'weights.pth')
    init = dict(type='hrnet_mm.Pretrained', checkpoint=str(tmp_path / 'weights.pth'))
    head_init = dict(type='Constant', layer='Linear', val=7)
    fresh = Detector(init, head_init)
    fresh.init_weights()
    assert equal(fresh, weights)


class Stubborn(Head):
    """This head, like many, does not tell mmengine that it is initialized."""

    def init_weights(self):
        nn.init.zeros_(self.fc.weight)


def test_initialization_that_mmengine_would_repeat(tmp_path):
    class Model(BaseModule):
        def __init__(self, init_cfg=None):
            super().__init__(init_cfg)
            self.head = Stubborn(None)

    weights = randomize(Model())
    torch.save(weights.state_dict(), tmp_path / 'weights.pth')
    init = dict(type='hrnet_mm.Pretrained', checkpoint=str(tmp_path / 'weights.pth'))
    fresh = Model(init)
    fresh.init_weights()
    assert equal(fresh, weights)


def test_pretrained_goes_over_what_stands_after_it(model, tmp_path):
    torch.save(model.state_dict(), tmp_path / 'weights.pth')
    init = dict(type='hrnet_mm.Pretrained', checkpoint=str(tmp_path / 'weights.pth'))
    fresh = HRNet(ARCH, init_cfg=[init, dict(type='Kaiming', layer='Conv2d')])
    fresh.init_weights()
    assert equal(fresh, model)


def test_arguments_of_mmengines_class(model, tmp_path):
    detector = randomize(Detector())
    torch.save(detector.state_dict(), tmp_path / 'weights.pth')
    init = Pretrained(str(tmp_path / 'weights.pth'), prefix='backbone.')
    init(model)
    assert equal(model, detector.backbone)
