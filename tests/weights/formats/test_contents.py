"""The tensors are found wherever in a file trainers put them."""

import numpy as np
import pytest
import torch
from forms_case import ARCH, HEADS, OFFICIAL, assert_equal, backbone, official
from torch import nn

from hrnet_mm.errors import UserError
from hrnet_mm.weights.formats import recognize
from hrnet_mm.weights.formats.contents import (
    NESTS,
    not_finite,
    tensors_in,
    without_values,
)


@pytest.mark.parametrize(
    'nest',
    [
        lambda tensors: tensors,
        lambda tensors: dict(state_dict=tensors, optimizer=dict(state={}), epoch=3),
        lambda tensors: dict(model=tensors, optimizer=dict(state={})),
        lambda tensors: dict(model='pose_hrnet', state_dict=tensors, perf=0.7),
        lambda tensors: dict(model=dict(state_dict=tensors)),
        lambda tensors: dict(model_state=tensors),
        lambda tensors: dict(best_state_dict=tensors, epoch=torch.tensor(3)),
        lambda tensors: dict(
            state_dict=dict(junk=torch.ones(1)), state_dict_ema=tensors
        ),
        lambda tensors: dict(ema=tensors, model=dict(junk=torch.ones(1))),
        lambda tensors: dict(
            state_dict={k: nn.Parameter(v) for k, v in tensors.items()}
        ),
    ],
)
def test_nestings(nest):
    # Floats alone: nn.Parameter has no integers.
    tensors = {k: v for k, v in backbone().items() if v.is_floating_point()}
    found = recognize(nest({f'module.{k}': v for k, v in tensors.items()}))
    assert_equal(found.tensors, {f'backbone.{k}': v for k, v in tensors.items()})
    assert not any(x.requires_grad for x in found.tensors.values())


@pytest.mark.parametrize(
    'wrapper', ['', 'module.', 'model.', 'module.model.', '_orig_mod.module.']
)
@pytest.mark.parametrize('part', ['', 'backbone.'])
def test_wrappers(wrapper, part):
    tensors = {wrapper + part + k: v for k, v in backbone().items()}
    found = recognize(tensors)
    assert (found.format, found.arch_name, found.dropped) == ('backbone', ARCH, ())
    assert_equal(found.tensors, {f'backbone.{k}': v for k, v in backbone().items()})


@pytest.mark.parametrize('name', HEADS)
@pytest.mark.parametrize('wrapper', ['module.', 'model.', 'module.model.'])
def test_wrapped_heads(name, wrapper):
    tensors = official(name)
    found = recognize(dict(state_dict={wrapper + k: v for k, v in tensors.items()}))
    assert found.format == OFFICIAL[name][0]
    assert_equal(found.tensors, recognize(tensors).tensors)


@pytest.mark.parametrize(
    ('wrapper', 'stray'),
    [
        ('model.', 'loss.criterion.weight'),
        ('module.model.', 'module.loss.criterion.weight'),
        ('', 'loss.criterion.weight'),
        ('module.', 'n_averaged'),
        ('', 'data_preprocessor.mean'),
        ('', 'conv1.total_ops'),
        ('', 'ema_backbone_conv1_weight'),
    ],
)
def test_what_is_no_part_of_the_network_is_dropped(wrapper, stray):
    tensors = official('segmentation')
    wrapped = {wrapper + k: v for k, v in tensors.items()} | {stray: torch.ones(19)}
    found = recognize(wrapped)
    assert found.dropped == (stray,)
    assert_equal(found.tensors, recognize(tensors).tensors)


def test_nothing_to_recognize():
    with pytest.raises(UserError, match='no tensors; it has epoch, array. Expected'):
        recognize(dict(epoch=1, array=np.ones(2)))
    with pytest.raises(UserError, match='no tensors; it has nothing'):
        recognize({})


def test_several_networks():
    tensors = backbone()
    two = {start + k: v for k, v in tensors.items() for start in ('module.', 'model.')}
    with pytest.raises(UserError, match="2 HRNets, with 'model.' and 'module.' in"):
        recognize(two)


@pytest.mark.parametrize(
    'prefix', ['backbone.model.', 'encoder.model.', 'net.', 'a.b.c.']
)
def test_any_prefix_is_taken_off(prefix):
    tensors = {f'{prefix}{k}': v for k, v in backbone().items()}
    tensors['decoder.weight'] = torch.ones(1)
    found = recognize(tensors)
    assert found.format == 'backbone'
    assert found.dropped == ('decoder.weight',)
    ours = {name.removeprefix('backbone.') for name in found.tensors}
    assert ours == set(backbone())


def test_one_of_several_networks():
    one, other = backbone(), {k: v + 1 for k, v in backbone().items()}
    tensors = {f'student.backbone.{k}': v for k, v in one.items()}
    tensors |= {f'teacher.backbone.{k}': v for k, v in other.items()}
    with pytest.raises(UserError, match=r'2 HRNets.* --prefix of hrnet convert'):
        recognize(tensors)
    for prefix in ('teacher.', 'teacher.backbone.'):
        found = recognize(tensors, prefix=prefix)
        ours = {k.removeprefix('backbone.'): v for k, v in found.tensors.items()}
        assert_equal(ours, other)
        assert len(found.dropped) == len(one)
    with pytest.raises(UserError, match='2 HRNets'):
        recognize(tensors, prefix='none.')


def test_values_that_are_no_numbers():
    tensors = dict(
        a=torch.tensor([1.0, float('nan')]),
        b=torch.tensor([float('-inf')]).half(),
        c=torch.ones(2),
        d=torch.tensor(7),
    )
    assert not_finite(tensors) == ['a', 'b']


def test_one_dict_under_all_keys_is_looked_at_once():
    content: dict = dict(weight=torch.ones(1))
    for _ in range(50):
        content = dict.fromkeys(NESTS, content)
    content['model'] = content  # and in itself
    assert list(tensors_in(content)) == ['weight']


def test_tensors_without_values_are_named():
    tensors = dict(
        plain=torch.ones(1),
        sparse=torch.eye(2).to_sparse(),
        meta=torch.ones(1, device='meta'),
    )
    assert without_values(tensors) == ['sparse', 'meta']
    assert not_finite(tensors) == []
