"""The four stages are known from the shapes of the tensors."""

import pytest
import torch
from forms_case import backbone

from hrnet_mm.models import ARCHS, HRNet
from hrnet_mm.models.archs import hrnet_arch
from hrnet_mm.weights.formats import recognize


@pytest.mark.parametrize('arch', ARCHS)
def test_every_arch_is_known(arch):
    with torch.device('meta'):
        several, single = HRNet(arch), HRNet(arch, multiscale_output=False)
    for model in (several, single):
        found = recognize(model.state_dict())
        assert (found.format, found.task, found.upsample) == ('backbone', None, ())
        assert (found.arch, found.arch_name) == (ARCHS[arch], arch)
        assert set(found.tensors) == {f'backbone.{name}' for name in model.state_dict()}


def test_other_archs_and_channels():
    arch = hrnet_arch(20, modules=(1, 2, 1, 2), depth=(2, 1, 3, 1))
    with torch.device('meta'):
        found = recognize(HRNet(arch, in_channels=5).state_dict())
    assert (found.arch, found.arch_name) == (arch, None)


def test_a_part_of_an_hrnet_has_no_arch():
    tensors = {k: v for k, v in backbone().items() if not k.startswith('stage3.')}
    assert recognize(tensors).arch is None
