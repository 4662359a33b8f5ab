"""Files of torch.save are read without torch, and equal what torch reads."""

from collections import Counter, OrderedDict

import pytest
import torch
from torch import nn

from hrnet_mm.errors import UserError
from hrnet_mm.weights.reading import read_checkpoint

BASE = torch.arange(24.0)
TENSORS = {
    'plain': BASE,
    'a view': BASE[4:].view(4, 5)[:, 1:3],
    'transposed': BASE.view(4, 6).t(),
    'without dimensions': torch.tensor(3.5),
    'empty': torch.zeros(0, 3),
    'expanded': torch.ones(1).expand(4),
    'channels last': torch.rand(1, 2, 3, 4).contiguous(
        memory_format=torch.channels_last
    ),
    'a parameter': nn.Parameter(torch.ones(2)),
    'half': BASE.half(),
    'bfloat16': BASE.bfloat16(),
    'integers': torch.arange(5),
    'bool': torch.tensor([True, False]),
    'complex': torch.ones(2, dtype=torch.complex64) * 1j,
    'sparse': torch.eye(3).to_sparse(),
}


@pytest.mark.parametrize('zipped', [True, False])
@pytest.mark.parametrize('name', TENSORS)
def test_tensors_are_what_torch_reads(tmp_path, name, zipped):
    path = tmp_path / 'weights.pth'
    content = dict(weight=TENSORS[name], base=BASE)
    torch.save(content, path, _use_new_zipfile_serialization=zipped)
    read = read_checkpoint(path)
    assert read['weight'].dtype == TENSORS[name].dtype
    assert read['weight'].layout == TENSORS[name].layout
    assert torch.equal(read['weight'].to_dense(), TENSORS[name].detach().to_dense())
    assert torch.equal(read['base'], BASE)


def test_what_shares_memory_still_does(tmp_path):
    torch.save(dict(a=BASE, b=BASE[3:]), tmp_path / 'shared.pth')
    read = read_checkpoint(tmp_path / 'shared.pth')
    read['a'][3] = 100
    assert read['b'][0] == 100


def test_the_state_of_a_training(tmp_path):
    model = nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2))
    optimizer = torch.optim.AdamW(model.parameters())
    model(torch.rand(4, 2)).sum().backward()
    optimizer.step()
    schedule = torch.optim.lr_scheduler.MultiStepLR(optimizer, [3, 5])
    content = dict(
        state_dict=model.state_dict(),
        optimizer=optimizer.state_dict(),
        schedule=schedule.state_dict(),
        random=torch.get_rng_state(),
        more=(1 + 2j, {1, 2}, torch.Size([1, 2]), torch.float16, torch.device('cpu')),
    )
    torch.save(content, tmp_path / 'state.pth')
    read = read_checkpoint(tmp_path / 'state.pth')
    assert type(read['state_dict']) is OrderedDict
    assert read['state_dict']._metadata == model.state_dict()._metadata
    assert read['optimizer']['param_groups'] == optimizer.state_dict()['param_groups']
    assert type(read['schedule']['milestones']) is Counter
    assert read['schedule'] == content['schedule']
    assert torch.equal(read['random'], content['random'])
    assert read['more'] == content['more']
    optimizer.load_state_dict(read['optimizer'])


def test_tensors_without_values_are_read_as_such(tmp_path):
    torch.save(dict(weight=torch.ones(3, device='meta')), tmp_path / 'meta.pth')
    assert read_checkpoint(tmp_path / 'meta.pth')['weight'].is_meta


def test_a_view_of_one_number_that_claims_terabytes(tmp_path):
    torch.save(dict(weight=torch.ones(1).expand(1 << 40)), tmp_path / 'huge.pth')
    with pytest.raises(UserError, match='Its tensors claim 4e.12 bytes, the file has'):
        read_checkpoint(tmp_path / 'huge.pth')


def test_attributes_and_hooks_do_not_come_along(tmp_path):
    weight = nn.Parameter(torch.ones(2))
    weight.detach = 5
    torch.save(dict(weight=weight), tmp_path / 'odd.pth')
    assert read_checkpoint(tmp_path / 'odd.pth')['weight'].detach().sum() == 2


class Call:
    """It is pickled as a call."""

    def __init__(self, *call):
        self.call = call

    def __reduce__(self):
        return self.call


NUMBERS = torch.ones(2)._typed_storage()
VIEWS = {
    'more than there is': (0, (1000,), (1,)),
    'behind the end': (1 << 40, (1,), (1,)),
    'before the beginning': (-9, (1,), (1,)),
    'backwards': (1, (2,), (-1,)),
    'far away': (0, (2,), (1 << 62,)),
    'without an end': (0, (1 << 62, 1 << 62), (1, 1)),
    'of many dimensions': (0, (1,) * 100, (1,) * 100),
    'of odd strides': (0, (1, 1), (1,)),
    'of no numbers': (0, (1.5,), (1,)),
}


@pytest.mark.parametrize('zipped', [True, False])
@pytest.mark.parametrize('name', VIEWS)
def test_views_that_lead_out_of_their_numbers(tmp_path, name, zipped):
    view = Call(torch._utils._rebuild_tensor_v2, (NUMBERS, *VIEWS[name], False, None))
    content = dict(weight=view)
    path = tmp_path / 'evil.pth'
    torch.save(content, path, _use_new_zipfile_serialization=zipped)
    with pytest.raises(UserError, match='It (holds a tensor|is damaged: a tensor)'):
        read_checkpoint(path)


CALLS = {
    'memory': (torch.FloatTensor, (1 << 36,)),
    'a wrapper': (torch._utils._rebuild_wrapper_subclass, (torch.nn.Parameter,)),
    'a kind of its own': (torch._tensor._rebuild_from_type_v2, (dict, dict, (), {})),
    'sparse out of bounds': (
        torch._utils._rebuild_sparse_tensor,
        (torch.sparse_coo, (torch.tensor([[1 << 40]]), torch.ones(1), (3,), False)),
    ),
}


@pytest.mark.parametrize('name', CALLS)
def test_calls_that_torch_would_do(tmp_path, name):
    torch.save(dict(weight=Call(*CALLS[name])), tmp_path / 'evil.pth')
    with pytest.raises(
        UserError, match='is not a checkpoint that can be loaded safely'
    ):
        read_checkpoint(tmp_path / 'evil.pth')
