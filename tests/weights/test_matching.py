"""The fit of a checkpoint to a model is told in numbers and words."""

import loading_case
import pytest
import torch
from loading_case import ARCH

from hrnet_mm.errors import UserError
from hrnet_mm.models import HRNet
from hrnet_mm.weights import load_content
from hrnet_mm.weights.matching import match

model = loading_case.model  # a fixture


@pytest.mark.parametrize(
    ('change', 'reason'),
    [
        (lambda x: x.int(), 'torch.int32 for torch.float32'),
        (lambda x: x.to_sparse(), 'sparse, quantized or without values'),
        (lambda x: x[:1], r'\(1, 3, 3, 3\) for \(64, 3, 3, 3\)'),
    ],
)
def test_tensors_that_cannot_be_copied(model, change, reason):
    tensors = dict(model.state_dict())
    tensors['conv1.weight'] = change(tensors['conv1.weight'])
    fresh = HRNet(ARCH)
    before = fresh.bn1.weight.clone()
    with pytest.raises(UserError, match=f'of another kind: conv1.weight {reason}'):
        load_content(tensors, fresh, 'odd.pth')
    assert torch.equal(fresh.bn1.weight, before)


def test_norms_of_another_kind(model):
    fresh = HRNet(ARCH, norm_cfg=dict(type='GN', num_groups=2))
    with pytest.raises(UserError, match='bn1.weight of BatchNorm, for another norm'):
        load_content(model.state_dict(), fresh, 'bn.pth')


def test_match_says_what_is_missing(model):
    found = match(model, {'backbone.conv1.weight': model.conv1.weight})
    assert not found.complete
    assert not found.lacks_lower_outputs
    assert found.problems.startswith('  missing in the file: bn1.weight')
    assert found.problems.endswith(', ... (425 in all)')
