"""Layers that are built here are those that mmcv builds."""

import sys

import pytest
import torch
from mmcv.cnn import ConvModule, build_conv_layer, build_norm_layer
from torch import nn

from hrnet_mm.errors import UserError
from hrnet_mm.models import HRNet
from hrnet_mm.models.layers import ConvLayer, Layers

BN = dict(type='BN')
NORMS = [
    BN,
    dict(type='BN2d', eps=1e-3, momentum=0.3, requires_grad=False),
    dict(type='BN', affine=False),
    dict(type='GN', num_groups=2),
    dict(type='SyncBN', requires_grad=False),
    dict(type='IN'),
    dict(type=nn.BatchNorm2d, requires_grad=True),
]
CONVS = [None, dict(type='Conv2d', padding_mode='reflect'), dict(type='Conv')]
CONVS += [dict(type=nn.Conv2d, dilation=1), dict(type='ConvAWS')]


def seeded(make):
    torch.manual_seed(0)
    return make()


def assert_equal(found, expected):
    assert list(found.state_dict()) == list(expected.state_dict())
    for (name, x), y in zip(found.state_dict().items(), expected.state_dict().values()):
        assert torch.equal(x, y), name
    for x, y in zip(found.parameters(), expected.parameters()):
        assert x.requires_grad is y.requires_grad


@pytest.mark.parametrize('config', NORMS, ids=str)
def test_norms(config):
    kept = dict(config)
    name, expected = build_norm_layer(config, 8)
    found_name, found = Layers(None, config).named_norm(8)
    assert (found_name, type(found), repr(found)) == (
        name,
        type(expected),
        repr(expected),
    )
    assert_equal(found, expected)
    assert config == kept


@pytest.mark.parametrize('config', CONVS, ids=str)
def test_convolutions(config):
    found = seeded(lambda: Layers(config, BN).conv(4, 8, 3, stride=2))
    expected = seeded(
        lambda: build_conv_layer(config, 4, 8, 3, stride=2, padding=1, bias=False)
    )
    assert isinstance(expected, type(found))
    assert repr(found) == repr(expected)
    assert_equal(found, expected)


@pytest.mark.parametrize('relu', [True, False])
@pytest.mark.parametrize('norm_cfg', [None, *NORMS], ids=str)
@pytest.mark.parametrize('conv_cfg', [None, dict(type='ConvAWS')], ids=str)
def test_conv_layer_is_mmcvs_conv_module(conv_cfg, norm_cfg, relu):
    act = dict(type='ReLU') if relu else None
    options = dict(conv_cfg=conv_cfg, norm_cfg=norm_cfg, act_cfg=act)
    layers = Layers(conv_cfg, norm_cfg)
    found = seeded(lambda: ConvLayer(4, 8, 3, layers, stride=2, relu=relu))
    expected = seeded(lambda: ConvModule(4, 8, 3, stride=2, padding=1, **options))
    assert_equal(found, expected)
    assert type(found.norm) is type(expected.norm)
    x = torch.randn(2, 4, 7, 9)
    found.eval(), expected.eval()
    assert torch.equal(found(x), expected(x))
    seeded(found.init_weights), seeded(expected.init_weights)
    assert_equal(found, expected)


def test_mmcv_judges_what_is_no_dict_of_a_layer():
    with pytest.raises(TypeError, match='cfg must be a dict'):
        HRNet('w18_small_v1', norm_cfg='BN')
    with pytest.raises(KeyError, match='must contain the key "type"'):
        HRNet('w18_small_v1', conv_cfg=dict(dilation=1))


def test_without_mmcv_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, 'mmcv', None)
    assert type(HRNet('w18_small_v1').bn1) is nn.BatchNorm2d
    with pytest.raises(UserError, match='pip install mmengine mmcv-lite'):
        HRNet('w18_small_v1', norm_cfg=dict(type='GN', num_groups=2))
