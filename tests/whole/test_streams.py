"""A wrong number of streams is an error, and tracing does not notice the check."""

from __future__ import annotations

import copy

import pytest
import torch
from conftest import OLD_TORCH, needs_fast, randomize
from torch import fx

from hrnet_mm.models import HRFPN, HRFuseScales, HRNet, HRReduceConcat

ARCH = 'w18_small_v1'


@pytest.fixture(scope='module')
def body() -> HRNet:
    return randomize(HRNet(ARCH)).eval()


def streams(count: int, like: int = 0) -> list[torch.Tensor]:
    """Maps of stage 3's widths; those from `like` on have the width of that one."""
    widths = [16 * 2**r for r in range(4)]
    return [
        torch.randn(1, widths[min(r, like) if like else r], 32 // 2**r, 32 // 2**r)
        for r in range(count)
    ]


def parts(model: HRNet) -> dict[str, torch.nn.Module]:
    """Return modules of both kinds that map three streams."""
    module = model.stage3[0]
    return {'MultiResolutionModule': module, 'ExchangeUnit': module.fuse_layers}


@pytest.mark.parametrize('count', [1, 2, 4])
@pytest.mark.parametrize('grad', [True, False])
@pytest.mark.parametrize('name', ['MultiResolutionModule', 'ExchangeUnit'])
def test_a_module_takes_as_many_streams_as_it_was_built_for(body, name, grad, count):
    part = parts(body)[name]
    with torch.set_grad_enabled(grad):
        assert len(part(streams(3))) == 3
        with pytest.raises(
            ValueError, match=f'{name} was built for 3 streams, got {count}'
        ):
            part(streams(count))


@needs_fast
@pytest.mark.parametrize('count', [1, 2, 4])
@pytest.mark.parametrize('grad', [True, False])
@pytest.mark.parametrize('name', ['MultiResolutionModule', 'ExchangeUnit'])
def test_a_fast_one_too(body, name, grad, count):
    from hrnet_mm.fast import optimize

    part = parts(optimize(copy.deepcopy(body)))[name]
    with torch.set_grad_enabled(grad):
        assert len(part(streams(3))) == 3
        with pytest.raises(
            ValueError, match=f'Fast{name} was built for 3 streams, got {count}'
        ):
            part(streams(count))


@pytest.mark.parametrize('count', [1, 3])
def test_a_transition_takes_those_of_the_stage_before(body, count):
    transition = body.transition2
    assert len(transition(streams(2))) == 3
    with pytest.raises(
        ValueError, match=f'Transition was built for 2 streams, got {count}'
    ):
        # Of equal widths a wrong one would go through the layers.
        transition(streams(count, like=1))


@pytest.mark.parametrize('head', [HRFPN, HRFuseScales, HRReduceConcat])
@pytest.mark.parametrize('count', [1, 3, 5])
def test_a_head_takes_all_streams(head, count):
    given = [torch.randn(1, 16 * 2 ** min(r, 3), 8, 8) for r in range(count)]
    with pytest.raises(ValueError, match=r'was built for streams of \(16, 32, 64,'):
        head(ARCH)(given)


def test_an_architecture_whose_streams_end_is_none():
    from hrnet_mm.models.hrnet import Transition
    from hrnet_mm.models.layers import Layers

    with pytest.raises(ValueError, match='shorter'):
        Transition((16, 32), (16,), Layers(None, dict(type='BN')))


@pytest.mark.slow
def test_tracing_and_exporting(body):
    image = torch.randn(1, 3, 64, 64)
    with torch.no_grad():
        expected = body(image)
        ways = {'trace': torch.jit.trace(body, image), 'fx': fx.symbolic_trace(body)}
        if not OLD_TORCH:  # which compiles no ModuleList with a computed index
            ways['compile'] = torch.compile(body, fullgraph=True, backend='eager')
            ways['export'] = torch.export.export(body, (image,)).module()
        for way, model in ways.items():
            found = model(image)
            assert len(found) == len(expected), way
            assert all(torch.equal(a, b) for a, b in zip(found, expected)), way
