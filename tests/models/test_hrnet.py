"""The network: its published tensors, any input size, any norms and precision."""

import hashlib
import json

import pytest
import torch
from conftest import OLD_TORCH, PUBLISHED, ROOT, extra_of, randomize

from hrnet_mm.models import ARCHS, HRNet, Stage
from hrnet_mm.models.hrnet import Upsample

KEYS = json.loads((ROOT / 'tests/data/state_dicts.json').read_text())
ODD_SIZES = [(201, 300), (260, 346), (129, 129), (33, 33), (1, 1)]


def digest(state_dict) -> str:
    lines = [f'{name} {tuple(tensor.shape)}' for name, tensor in state_dict.items()]
    return hashlib.sha256('\n'.join(lines).encode()).hexdigest()


@pytest.mark.parametrize('arch', PUBLISHED)
def test_keys_shapes_and_order_are_the_published_ones(arch):
    state_dict = HRNet(arch).state_dict()
    assert [len(state_dict), digest(state_dict)] == KEYS[arch]


@pytest.mark.parametrize('arch', ['w18_small_v2', 'w32'])
def test_every_single_key(arch):
    listed = (ROOT / f'tests/data/{arch}.txt').read_text().splitlines()
    found = [f'{k} {tuple(v.shape)}' for k, v in HRNet(arch).state_dict().items()]
    assert found == listed


def test_hrnetv1_lacks_the_last_fusions():
    whole, single = HRNet('w32'), HRNet('w32', multiscale_output=False)
    missing = set(whole.state_dict()) - set(single.state_dict())
    assert len(single.state_dict()) == 1752
    assert len(missing) == 78
    assert {key.split('.')[3] for key in missing} == {'1', '2', '3'}


def test_hrnetv1_is_the_first_stream():
    whole = randomize(HRNet('w18_small_v2')).eval()
    single = HRNet('w18_small_v2', multiscale_output=False).eval()
    single.load_state_dict(whole.state_dict(), strict=False)
    image = torch.randn(1, 3, 64, 64)
    (stream,) = single(image)
    assert torch.equal(stream, whole(image)[0])


@pytest.mark.parametrize('size', ODD_SIZES)
@pytest.mark.parametrize('upsample', ['nearest', 'bilinear'])
def test_any_input_size(size, upsample):
    model = HRNet('w18_small_v2', upsample=upsample).eval()
    streams = model(torch.randn(1, 3, *size))
    expected = [(-(-size[0] // d), -(-size[1] // d)) for d in (4, 8, 16, 32)]
    assert [tuple(x.shape[-2:]) for x in streams] == expected
    assert [x.shape[1] for x in streams] == [18, 36, 72, 144]
    assert all(x.isfinite().all() for x in streams)


@pytest.mark.parametrize('arch', ['w18_small_v1', 'w18_small_v2', 'w44_bottleneck'])
def test_every_parameter_gets_a_gradient(arch):
    model = HRNet(arch)
    sum(x.mean() for x in model(torch.randn(2, 3, 64, 64))).backward()
    without = [name for name, p in model.named_parameters() if p.grad is None]
    assert without == []


def test_inputs_are_not_modified():
    model = HRNet('w18_small_v1').eval()
    image = torch.randn(1, 3, 64, 64)
    before = image.clone()
    module = model.stage3[0]
    streams = [torch.randn(1, 16 * 2**r, 16 // 2**r, 16 // 2**r) for r in range(3)]
    copies = [x.clone() for x in streams]
    kept = list(streams)
    model(image)
    module(streams)
    assert torch.equal(image, before)
    assert all(a is b for a, b in zip(streams, kept))
    assert all(torch.equal(a, b) for a, b in zip(streams, copies))


def test_a_stream_may_change_its_width_between_stages():
    arch = (
        Stage(1, 'bottleneck', (1,), (16,)),
        Stage(1, 'basic', (1, 1), (8, 16)),
        Stage(1, 'basic', (1, 2, 1), (12, 16, 32)),
        Stage(2, 'bottleneck', (1, 1, 1, 1), (4, 8, 8, 16)),
    )
    streams = HRNet(arch).eval()(torch.randn(1, 3, 64, 64))
    assert [x.shape[1] for x in streams] == [16, 32, 32, 64]


def test_a_stage_may_open_two_streams():
    arch = (
        Stage(1, 'bottleneck', (1,), (16,)),
        Stage(1, 'basic', (1, 1, 1), (8, 16, 32)),
        Stage(1, 'basic', (1, 1, 1), (8, 16, 32)),
        Stage(1, 'basic', (1, 1, 1, 1), (8, 16, 32, 64)),
    )
    streams = HRNet(arch).eval()(torch.randn(1, 3, 64, 64))
    assert [tuple(x.shape[1:]) for x in streams] == [
        (8, 16, 16),
        (16, 8, 8),
        (32, 4, 4),
        (64, 2, 2),
    ]


@pytest.mark.parametrize(
    ('spec', 'expected'),
    [
        ('nearest', Upsample('nearest', None)),
        ('bilinear', Upsample('bilinear', False)),
        (dict(mode='bilinear', align_corners=True), Upsample('bilinear', True)),
        (dict(mode='nearest', align_corners=None), Upsample('nearest', None)),
    ],
)
def test_upsample(spec, expected):
    assert Upsample.of(spec) == expected


@pytest.mark.parametrize('spec', ['cubic', dict(mode='bilinear', scale=2), dict()])
def test_wrong_upsample(spec):
    with pytest.raises(ValueError, match="upsample is 'nearest', 'bilinear' or dict"):
        HRNet('w18_small_v1', upsample=spec)


def test_extra_of_mmpose_decides_outputs_and_upsampling():
    extra = extra_of('w18_small_v2')
    extra['upsample'] = dict(mode='bilinear', align_corners=False)
    extra['stage4']['multiscale_output'] = False
    model = HRNet(extra=extra)
    assert model.upsample == Upsample('bilinear', False)
    assert model.out_channels == (18,)


@pytest.mark.parametrize('number', [0, -3, 2**31, 10**19, 3.0, '3', True, None])
def test_numbers_of_channels_that_are_none(number):
    with pytest.raises(ValueError, match='in_channels is .*; expected is 1 or more'):
        HRNet('w18_small_v1', in_channels=number)


@pytest.mark.parametrize('arch', ['w18_small_v1', 'w18_small_v2'])
def test_norm_and_conv_configs_are_used(arch):
    model = HRNet(arch, norm_cfg=dict(type='GN', num_groups=2), in_channels=4)
    norms = [m for m in model.modules() if isinstance(m, torch.nn.GroupNorm)]
    assert not any(isinstance(m, torch.nn.BatchNorm2d) for m in model.modules())
    assert len(norms) == sum(
        isinstance(m, torch.nn.BatchNorm2d) for m in HRNet(arch).modules()
    )
    assert model(torch.randn(1, 4, 32, 32))[0].shape[1] == ARCHS[arch][-1].widths[0]


@pytest.mark.skipif(OLD_TORCH, reason='torch 2.1 compiles no NamedTuple that is called')
def test_fullgraph_compile():
    from hrnet_mm.models import HRFPN

    arch = 'w18_small_v1'
    model = torch.nn.Sequential(HRNet(arch), HRFPN(arch, out_channels=16)).eval()
    image = torch.randn(1, 3, 64, 64)
    # 'eager' traces the whole graph, which is the claim, without generating code.
    compiled = torch.compile(model, fullgraph=True, backend='eager')
    with torch.no_grad():
        for ours, theirs in zip(compiled(image), model(image)):
            torch.testing.assert_close(ours, theirs)


@pytest.mark.parametrize('dtype', [torch.bfloat16, torch.float16])
def test_mixed_precision(dtype):
    if OLD_TORCH and dtype == torch.float16:
        pytest.skip('torch 2.1 has bfloat16 alone on a CPU')
    model = randomize(HRNet('w18_small_v2')).eval()
    image = torch.randn(1, 3, 64, 64)
    with torch.no_grad():
        exact = model(image)
        with torch.autocast('cpu', dtype):
            rough = model(image)
    for a, b in zip(exact, rough):
        assert b.dtype is dtype
        assert (a - b.float()).abs().max() < 0.1 * a.abs().max()
