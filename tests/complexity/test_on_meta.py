"""A model that does not run on the meta device is named."""

import pytest
from mmengine.config import Config
from torch import nn

from hrnet_mm.complexity.on_meta import build, run
from hrnet_mm.errors import UserError


def test_what_does_not_run_on_meta_is_named():
    class Counts(nn.Module):
        def forward(self, image, samples, mode):
            return image.sum().item()

    with pytest.raises(UserError, match='Counts cannot be counted at 8 x 8'):
        run(Counts(), (8, 8))


def test_a_model_that_does_not_run_is_named():
    class Refuses(nn.Module):
        def forward(self, image, samples, mode):
            raise ValueError('built for other streams')

    with pytest.raises(UserError, match='Refuses cannot be counted at 8 x 8: Val'):
        run(Refuses(), (8, 8))


def test_a_model_of_no_toolbox_is_built():
    cfg = Config(dict(model=dict(type='hrnet_mm.HRNet', arch='w18_small_v1')))
    assert all(weight.is_meta for weight in build(cfg).parameters())
