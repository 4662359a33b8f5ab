"""Fast classes that are derived from a user's: pickled, copied, in another process."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest
import torch
from conftest import extra_of, randomize
from fast_case import ARCH, assert_near, both, flat
from torch import nn

from hrnet_mm.fast import optimize
from hrnet_mm.fast.modules.fast_layers import Fast
from hrnet_mm.fast.optimize import REPLACEMENTS, fast_class, replacements

ConvModule = pytest.importorskip('mmcv.cnn').ConvModule
FCNHead = pytest.importorskip('mmseg.models').FCNHead
KNOWN = (*REPLACEMENTS, ConvModule, FCNHead)

# A class of a user for each one that has a fast one. They are found by their names.
OWN = {
    kind: type(f'Own{kind.__name__}', (kind,), dict(__module__=__name__))
    for kind in KNOWN
}
globals().update({own.__name__: own for own in OWN.values()})


class OwnReduced(OWN[nn.Sequential]):
    """Says itself how it is pickled."""

    def __reduce__(self):
        return _reduced, (type(self), dict(self.__dict__))


def _reduced(kind, attributes):
    made = kind.__new__(kind)
    made.__dict__.update(attributes)
    return made


def _halved(module, inputs, outputs):
    return type(outputs)(x / 2 for x in outputs)


def owned(model: nn.Module) -> nn.Module:
    """A model of which every module that is known is of a user's class."""
    for module in model.modules():
        module.__class__ = OWN.get(type(module), type(module))
    return model


def network() -> nn.Module:
    return owned(both())


def head() -> nn.Module:
    """mmseg's, with modules of mmcv."""
    channels = [8, 16]
    made = OWN[FCNHead](
        in_channels=channels,
        in_index=[0, 1],
        channels=sum(channels),
        input_transform='resize_concat',
        kernel_size=1,
        num_convs=1,
        concat_input=False,
        num_classes=3,
        norm_cfg=dict(type='BN'),
    )
    return owned(made)


def drop_in() -> nn.Module:
    from hrnet_mm.drop_in.for_mmdet import MMDetHRNet

    return MMDetHRNet(extra_of(ARCH))


def made(make) -> nn.Module:
    """A fast model with a hook and an attribute of its own."""
    torch.manual_seed(0)
    model = optimize(randomize(make()), inference=True)
    if make is not head:
        model.register_forward_hook(_halved)
    model.note = 'of a user'
    return model


def example(make) -> torch.Tensor | list[torch.Tensor]:
    torch.manual_seed(1)
    if make is head:
        return [torch.randn(1, 8, 16, 24), torch.randn(1, 16, 8, 12)]
    return torch.randn(1, 3, 64, 96)


@torch.no_grad()
def outputs(model: nn.Module, make) -> list[torch.Tensor]:
    assert isinstance(model, Fast if make is not network else nn.Sequential)
    assert model.note == 'of a user'
    return flat(model(example(make)))


def write(make, path: Path) -> list[torch.Tensor]:
    model = made(make)
    torch.save(model, path)
    return outputs(model, make)


def read(make, path: Path) -> list[torch.Tensor]:
    return outputs(torch.load(path, weights_only=False), make)


def elsewhere(call: Callable, *given) -> list[torch.Tensor]:
    """Call a function in a new process, in which nothing has been made fast yet."""
    with ProcessPoolExecutor(1, mp_context=get_context('spawn')) as pool:
        return pool.submit(call, *given).result(timeout=120)


@pytest.mark.parametrize('kind', KNOWN, ids=lambda kind: kind.__name__)
def test_every_derived_class_is_found(kind):
    found = fast_class(OWN[kind], replacements())
    assert issubclass(found, OWN[kind])
    assert copy.deepcopy(found) is found
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        assert pickle.loads(pickle.dumps(found, protocol)) is found


@pytest.mark.parametrize('protocol', [0, 2, pickle.HIGHEST_PROTOCOL])
def test_a_copy_of_a_users_model(protocol):
    model = made(network)
    expected = outputs(model, network)
    copies = [
        pickle.loads(pickle.dumps(model, protocol)),
        pickle._loads(pickle._dumps(model, protocol)),  # written in Python
        copy.deepcopy(model),
    ]
    for other in copies:
        kinds = [[type(m) for m in each.modules()] for each in (other, model)]
        assert kinds[0] == kinds[1]
        assert_near(outputs(other, network), expected, 0)
        other[0].conv1.weight.data.zero_()
    assert_near(outputs(model, network), expected, 0)


def test_a_class_that_says_itself_how_it_is_pickled():
    layers = both()[0].layer1
    model = optimize(OwnReduced(*layers), inference=True)
    x = torch.randn(1, 64, 8, 8)
    copied = pickle.loads(pickle.dumps(model))
    assert isinstance(copied, OwnReduced)
    assert type(copied) is type(model)
    with torch.no_grad():
        assert_near([copied(x)], [model(x)], 0)


@pytest.mark.slow
@pytest.mark.parametrize('make', [network, head, drop_in], ids=lambda m: m.__name__)
def test_a_file_is_read_in_another_process(tmp_path, make):
    path = tmp_path / 'model.pth'
    # A drop-in changes the registries of its process: not those of the tests.
    expected = elsewhere(write, make, path) if make is drop_in else write(make, path)
    assert_near(elsewhere(read, make, path), expected, 0)
