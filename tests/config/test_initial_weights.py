"""The initial weights that a config asks for."""

import pytest
from conftest import ROOT
from mmengine.config import Config
from mmengine.model import PretrainedInit

from hrnet_mm.config import initial_weights
from hrnet_mm.config.initial_weights import forget_pretrained, starts_of
from hrnet_mm.errors import UserError
from hrnet_mm.models import HRNet

PLAIN = dict(type='Pretrained', checkpoint='open-mmlab://msra/hrnetv2_w18')
SAFE = dict(
    type='hrnet_mm.Pretrained', checkpoint='open-mmlab://msra/hrnetv2_w18', strict=True
)
KAIMING = dict(type='Kaiming', layer='Conv2d')


def config(model, scope='mmseg'):
    cfg = Config(dict(default_scope=scope, model=model))
    starts_of(cfg)
    return cfg.model


def test_mmengines_class_would_unpickle():
    model = config(dict(backbone=dict(type='HRNet', init_cfg=PLAIN)))
    assert model.backbone.init_cfg == SAFE


def test_only_hrnets_must_be_complete():
    model = config(dict(backbone=dict(type='mmdet.SwinTransformer', init_cfg=PLAIN)))
    assert model.backbone.init_cfg == dict(SAFE, strict=False)


def test_classes_in_place_of_names():
    plain = dict(PLAIN, type=PretrainedInit)
    model = config(dict(backbone=dict(type=HRNet, init_cfg=plain)))
    assert model.backbone.init_cfg == SAFE


def test_lists_of_initializations():
    # Last, or the other would overwrite it.
    model = config(dict(backbone=dict(type='HRNet', init_cfg=[PLAIN, KAIMING])))
    assert model.backbone.init_cfg == [KAIMING, SAFE]
    cfg = Config(dict(model=model))
    forget_pretrained(cfg)
    assert cfg.model.backbone.init_cfg == [KAIMING]


def test_pretrained_of_a_segmentor_goes_to_its_backbone():
    name = PLAIN['checkpoint']
    model = config(dict(pretrained=name, backbone=dict(type='HRNet')))
    assert model.pretrained is None
    assert model.backbone.init_cfg == SAFE


def test_pretrained_of_a_classifier_is_the_whole_network():
    name = PLAIN['checkpoint']
    backbone = dict(type='HRNet')
    model = config(dict(pretrained=name, backbone=backbone), scope='mmpretrain')
    assert model.init_cfg == dict(SAFE, strict=False)
    assert 'init_cfg' not in model.backbone


def test_what_is_to_be_fetched():
    cfg = Config(dict(model=dict(pretrained=None, backbone=dict(init_cfg=[SAFE]))))
    assert [start.init['checkpoint'] for start in starts_of(cfg)] == [
        'open-mmlab://msra/hrnetv2_w18'
    ]


@pytest.mark.slow
@pytest.mark.parametrize('from_scratch', [False, True])
def test_without_network_a_cpu_starts_from_random_weights(
    tmp_path, monkeypatch, from_scratch
):
    monkeypatch.setenv('TORCH_HOME', str(tmp_path))

    def refuse(*args, **options):
        raise OSError('no network')

    monkeypatch.setattr('hrnet_mm.weights.transfer.urlopen', refuse)
    monkeypatch.setattr('hrnet_mm.weights.hub.unknown_host', lambda url: True)
    cfg = Config.fromfile(ROOT / 'configs/faster_rcnn_hrnetv2p_w32_1x.py')
    initial_weights.fetch_pretrained(cfg, from_scratch)
    assert cfg.model.backbone.init_cfg is None
    assert cfg.model.backbone.norm_eval is False


@pytest.mark.slow
def test_without_network_an_accelerator_is_not_wasted(tmp_path, monkeypatch):
    monkeypatch.setenv('TORCH_HOME', str(tmp_path))
    monkeypatch.setattr(initial_weights, 'get_device', lambda: 'cuda')

    def refuse(*args, **options):
        raise OSError('no network')

    monkeypatch.setattr('hrnet_mm.weights.transfer.urlopen', refuse)
    monkeypatch.setattr('hrnet_mm.weights.hub.unknown_host', lambda url: True)
    cfg = Config.fromfile(ROOT / 'configs/faster_rcnn_hrnetv2p_w32_1x.py')
    with pytest.raises(UserError, match=r'(?s)Put the file at .*--from-scratch'):
        initial_weights.fetch_pretrained(cfg, False)
    assert cfg.model.backbone.norm_eval is True
