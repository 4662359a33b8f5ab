"""The published networks, and OpenMMLab's way of writing them."""

import copy

import pytest
from conftest import extra_of

from hrnet_mm.models import ARCHS, HRNet, Stage, hrnet_arch
from hrnet_mm.models.archs import from_extra, resolve_arch

PARAMETERS = {  # backbone, all streams put out: counted on the official definitions
    'w18_small_v1': 1_477_920,
    'w18_small_v2': 3_860_720,
    'w18': 9_562_260,
    'w30': 25_812_276,
    'w32': 29_305_536,
    'w40': 45_521_216,
    'w44': 54_974_640,
    'w48': 65_325_120,
    'w64': 115_697_600,
}
SINGLE = {  # HRNetV1, one stream put out
    'w18': 9_317_892,
    'w30': 25_135_356,
    'w32': 28_535_552,
    'w40': 44_319_056,
    'w44': 53_520_440,
    'w48': 63_594_912,
    'w64': 112_623_680,
}
# Classification nets of bottlenecks, Table XV: printed parameters of the whole net in
# millions; the head (2048 features, 1000 classes) has these many itself.
HEAD = 21_299_004 - 9_562_260  # of W18-C, streams of 18, 36, 72, 144


def parameters(**kwargs):
    return sum(p.numel() for p in HRNet(**kwargs).parameters())


@pytest.mark.parametrize('arch', PARAMETERS)
def test_parameters(arch):
    assert parameters(arch=arch) == PARAMETERS[arch]


@pytest.mark.parametrize('arch', SINGLE)
def test_parameters_of_hrnetv1(arch):
    assert parameters(arch=arch, multiscale_output=False) == SINGLE[arch]


@pytest.mark.parametrize('width', [44, 76, 96])
def test_bottleneck_nets_put_out_their_width(width):
    streams = resolve_arch(f'w{width}_bottleneck')[-1].out_channels
    assert streams == (width, 2 * width, 4 * width, 8 * width)


def test_parameters_of_a_bottleneck_net():
    # Whole net 21,931,192 (Table XV prints 21.9 M). Only the shortcuts of the head's
    # four bottlenecks, 1x1 from the streams, depend on the width: (15 W) inputs in all.
    head = HEAD
    for r, planes in enumerate((32, 64, 128, 256)):
        inputs_w18, inputs = 18 * 2**r, 44 * 2**r
        head += (inputs - inputs_w18) * (planes + 4 * planes)
    assert parameters(arch='w44_bottleneck') + head == 21_931_192


@pytest.mark.parametrize('arch', ARCHS)
def test_extra_is_the_same_network(arch):
    assert from_extra(extra_of(arch)) == ARCHS[arch]


def test_arch_takes_stages_as_plain_tuples():
    plain = [tuple(stage) for stage in ARCHS['w18']]
    assert resolve_arch(plain) == ARCHS['w18']


@pytest.mark.parametrize(
    ('path', 'value', 'message'),
    [
        (('stage3', 'num_module'), 9, "extra.stage3 has the unknown key 'num_module'"),
        (('stage5',), {}, "extra has the unknown key 'stage5'"),
        (('stage2', 'num_blocks'), (4,), 'extra.stage2.num_blocks has 1 entries'),
        (
            ('stage2', 'block'),
            'RESNET',
            "stage 2: unknown block 'resnet'; known are basic",
        ),
        (
            ('stage4', 'num_modules'),
            0,
            'stage 4: modules, depths and widths are integers',
        ),
    ],
)
def test_wrong_extra(path, value, message):
    extra = extra_of('w18')
    node = extra
    for key in path[:-1]:
        node = node[key]
    node[path[-1]] = value
    with pytest.raises(ValueError, match=message):
        from_extra(extra)


def test_missing_key_of_extra():
    extra = extra_of('w18')
    del extra['stage2']['num_branches']
    with pytest.raises(ValueError, match="extra.stage2 lacks the key 'num_branches'"):
        from_extra(extra)


@pytest.mark.parametrize(
    ('kwargs', 'message'),
    [
        (dict(arch='w19'), "unknown arch 'w19'; known are w18_small_v1"),
        (dict(), 'exactly one of arch and extra'),
        (dict(arch='w18', extra=extra_of('w18')), 'exactly one of arch and extra'),
        (dict(arch=ARCHS['w18'][:3]), 'an HRNet has 4 stages, got 3'),
        (dict(arch=[(1, 'basic')] * 4), r'stage 1 must be \(modules, block, depths'),
        (dict(arch=(*ARCHS['w18'][:3], ARCHS['w18'][1])), 'no stage has fewer streams'),
        (
            dict(arch=(*ARCHS['w18'][:3], Stage(1, 'basic', (4,), (18, 36)))),
            'stage 4: 1 depths',
        ),
    ],
)
def test_wrong_arch(kwargs, message):
    with pytest.raises(ValueError, match=message):
        resolve_arch(**kwargs)


def test_arguments_are_not_modified():
    extra = extra_of('w18_small_v2')
    before = copy.deepcopy(extra)
    norm_cfg = dict(type='BN', requires_grad=True)
    HRNet(extra=extra, norm_cfg=norm_cfg)
    assert extra == before
    assert norm_cfg == dict(type='BN', requires_grad=True)


def test_one_integer_is_a_network():
    assert hrnet_arch(32) == ARCHS['w32']
