"""Masks, cascades and FCOS: the recipes and parameters of the papers' tables."""

import pytest
import torch
from config_case import parsed
from conftest import ROOT
from mmengine.config import Config
from mmengine.registry import MODELS
from samples import batch, shrunk

from hrnet_mm.nested_dicts import each_dict

pytestmark = pytest.mark.slow
WIDTHS = ('w18', 'w32', 'w40', 'w48')
RESNETS = ('r50', 'r101', 'x101_64x4d')
BACKBONES = [f'hrnetv2p_{w}' for w in WIDTHS] + [f'{r}_fpn' for r in RESNETS]
# Epochs, the epochs of the steps, and the methods trained so.
SCHEDULES = {
    '1x': (12, [8, 11], ['mask_rcnn']),
    '2x': (24, [20, 23], ['mask_rcnn']),
    '20e': (20, [16, 19], ['cascade_rcnn', 'cascade_mask_rcnn', 'htc']),
}
TWO_STAGE = [
    (f'{method}_{backbone}_{schedule}', epochs, steps)
    for schedule, (epochs, steps, methods) in SCHEDULES.items()
    for method in methods
    for backbone in BACKBONES
] + [
    (f'htc_{backbone}_28e', 28, [24, 27])
    for backbone in ('hrnetv2p_w40', 'hrnetv2p_w48', 'x101_64x4d_fpn')
]
FCOS = [
    *(f'fcos_hrnetv2p_{w}_1x' for w in ('w18', 'w32')),
    *(f'fcos_hrnetv2p_{w}_2x' for w in ('w18', 'w32', 'w48')),
    *(f'fcos_hrnetv2p_{w}_ms_2x' for w in WIDTHS),
    *(
        f'fcos_{r}_caffe_fpn_{s}'
        for r in ('r50', 'r101')
        for s in ('1x', '2x', 'ms_2x')
    ),
    'fcos_x101_64x4d_fpn_ms_2x',
]
MMDETS = sorted(path.stem for path in (ROOT / 'configs').glob('fcos_*_mmdet.py'))
RGB = dict(mean=[123.675, 116.28, 103.53], std=[58.395, 57.12, 57.375])
# Trainable parameters in millions, Table VII of the paper.
PARAMETERS = {
    'mask_rcnn_hrnetv2p_w18_1x': 30.1,
    'mask_rcnn_hrnetv2p_w32_1x': 49.9,
    'cascade_rcnn_hrnetv2p_w18_20e': 55.1,
    'cascade_rcnn_hrnetv2p_w32_20e': 74.9,
    'cascade_rcnn_hrnetv2p_w48_20e': 111.0,
    'cascade_mask_rcnn_hrnetv2p_w18_20e': 63.1,
    'cascade_mask_rcnn_hrnetv2p_w32_20e': 82.9,
    'cascade_mask_rcnn_hrnetv2p_w48_20e': 118.9,
    'htc_hrnetv2p_w18_20e': 66.1,
    'htc_hrnetv2p_w32_20e': 85.9,
    'htc_hrnetv2p_w48_20e': 121.9,
    'fcos_hrnetv2p_w18_2x': 17.5,
    'fcos_hrnetv2p_w32_2x': 37.3,
    'fcos_r50_caffe_fpn_2x': 32.0,
    'fcos_r101_caffe_fpn_2x': 51.0,
}


def docstring(name: str) -> str:
    return (ROOT / 'configs' / f'{name}.py').read_text().split('"""')[1]


@pytest.mark.parametrize(('name', 'epochs', 'steps'), TWO_STAGE)
def test_schedules_of_two_stages(name, epochs, steps):
    cfg = parsed(name)
    warm_up, decay = cfg.param_scheduler
    assert cfg.train_cfg.max_epochs == decay.end == epochs
    assert decay.milestones == steps
    assert (warm_up.type, warm_up.start_factor, warm_up.end) == ('LinearLR', 1 / 3, 500)
    assert cfg.optim_wrapper.optimizer.lr == 0.02
    assert cfg.optim_wrapper.clip_grad.max_norm == 35
    assert cfg.auto_scale_lr.base_batch_size == 16
    assert 'AP ' in docstring(name) or 'Not a row of the papers:' in docstring(name)


@pytest.mark.parametrize('name', FCOS)
def test_fcos_schedule(name):
    cfg = parsed(name)
    warm_up, decay = cfg.param_scheduler
    epochs, steps = (12, [8, 11]) if name.endswith('1x') else (24, [16, 22])
    assert cfg.train_cfg.max_epochs == decay.end == epochs
    assert decay.milestones == steps
    assert (warm_up.type, warm_up.factor, warm_up.end) == ('ConstantLR', 1 / 3, 500)
    assert cfg.optim_wrapper.optimizer.lr == 0.01
    assert cfg.optim_wrapper.paramwise_cfg == dict(
        bias_lr_mult=2.0, bias_decay_mult=0.0
    )
    assert cfg.optim_wrapper.clip_grad is None
    assert cfg.auto_scale_lr.base_batch_size == 16
    resize = cfg.train_dataloader.dataset.pipeline[2]
    several = dict(type='RandomResize', scale=[(1333, 640), (1333, 800)])
    one = dict(type='Resize', scale=(1333, 800))
    assert resize == dict(**(several if '_ms_' in name else one), keep_ratio=True)


@pytest.mark.parametrize('name', [n for n in FCOS if 'hrnet' in n])
def test_fcos_on_hrnet_sees_rgb_at_strides_8_to_128(name):
    cfg = parsed(name)
    assert cfg.model.data_preprocessor.bgr_to_rgb
    assert {key: cfg.model.data_preprocessor[key] for key in RGB} == RGB
    assert cfg.model.bbox_head.strides == [8, 16, 32, 64, 128]
    neck = MODELS.build(cfg.model.neck)
    streams = [
        torch.zeros(1, c, 64 >> i, 64 >> i) for i, c in enumerate(neck.in_channels)
    ]
    assert [256 // level.shape[-1] for level in neck(streams)] == [8, 16, 32, 64, 128]


@pytest.mark.parametrize('name', MMDETS)
def test_mmdets_fcos_weights_get_bgr_and_nothing_else_changes(name):
    theirs, ours = parsed(name), parsed(name.removesuffix('_mmdet'))
    preprocessor = theirs.model.data_preprocessor
    assert not preprocessor.bgr_to_rgb
    assert preprocessor.mean == RGB['mean'][::-1]
    assert preprocessor.std == RGB['std'][::-1]
    assert theirs.model.test_cfg.nms.iou_threshold == 0.5
    for cfg in (theirs, ours):
        cfg.model.pop('data_preprocessor')
        cfg.model.test_cfg.pop('nms')
    assert theirs.model == ours.model


def test_every_fcos_weight_of_mmdet_has_a_config():
    assert [name.removeprefix('fcos_hrnetv2p_') for name in MMDETS] == [
        'w18_1x_mmdet',
        'w18_2x_mmdet',
        'w18_ms_2x_mmdet',
        'w32_1x_mmdet',
        'w32_2x_mmdet',
        'w32_ms_2x_mmdet',
        'w40_ms_2x_mmdet',
    ]


@pytest.mark.parametrize('method', ['cascade_rcnn', 'cascade_mask_rcnn', 'htc'])
def test_stages_of_a_cascade(method):
    model = parsed(f'{method}_hrnetv2p_w32_20e').model
    stages = model.train_cfg.rcnn
    assert [stage.assigner.pos_iou_thr for stage in stages] == [0.5, 0.6, 0.7]
    for stage in stages:
        overlaps = [stage.assigner[f'{key}_iou_thr'] for key in ('pos', 'neg')]
        assert {*overlaps, stage.assigner.min_pos_iou} == {stage.assigner.pos_iou_thr}
        assert (stage.sampler.num, stage.sampler.pos_fraction) == (512, 0.25)
        assert stage.get('mask_size', 28) == 28
    assert model.roi_head.stage_loss_weights == [1, 0.5, 0.25]
    assert all(head.reg_class_agnostic for head in model.roi_head.bbox_head)
    scales = [head.bbox_coder.target_stds[0] for head in model.roi_head.bbox_head]
    assert scales == [0.1, 0.05, 0.033]


@pytest.mark.parametrize('method', ['mask_rcnn', 'cascade_mask_rcnn', 'htc'])
@pytest.mark.parametrize('backbone', ['hrnetv2p_w18', 'r50_fpn'])
def test_masks_are_loaded_and_evaluated(method, backbone):
    schedule = '1x' if method == 'mask_rcnn' else '20e'
    cfg = parsed(f'{method}_{backbone}_{schedule}')
    pipelines = [
        loader.dataset.pipeline for loader in (cfg.train_dataloader, cfg.val_dataloader)
    ]
    for pipeline in pipelines:
        (annotations,) = (s for s in pipeline if s.type == 'LoadAnnotations')
        assert annotations.with_mask
    assert cfg.model.data_preprocessor.pad_mask
    assert cfg.val_evaluator.metric == cfg.test_evaluator.metric == ['bbox', 'segm']


@pytest.mark.parametrize(('name', 'millions'), PARAMETERS.items())
def test_parameters(name, millions):
    with torch.device('meta'):
        model = MODELS.build(parsed(name).model)
    counted = sum(p.numel() for p in model.parameters() if p.requires_grad)
    if name.startswith('htc'):
        # The code that the paper used gave the first stage's mask head the 1x1
        # convolution of the masks before it, which there are not.
        counted += 256 * 256 + 256
    assert round(counted / 1e6, 1) == millions


def small(name: str) -> Config:
    """The config with the smallest body and slim heads: a second instead of ten."""
    cfg = shrunk(parsed(name))
    cfg.model.backbone.arch = cfg.model.neck.arch = 'w18_small_v1'
    for node in each_dict(cfg.model):
        if 'fc_out_channels' in node:
            node['fc_out_channels'] = 64
    return cfg


@pytest.mark.parametrize(
    ('name', 'expected'),
    [
        ('mask_rcnn_hrnetv2p_w18_1x', {'loss_cls', 'loss_mask'}),
        ('cascade_rcnn_hrnetv2p_w18_20e', {'s0.loss_cls', 's2.loss_bbox'}),
        ('cascade_mask_rcnn_hrnetv2p_w18_20e', {'s0.loss_mask', 's2.loss_mask'}),
        ('htc_hrnetv2p_w18_20e', {'s2.loss_mask', 'loss_semantic_seg'}),
        ('fcos_hrnetv2p_w18_2x', {'loss_cls', 'loss_centerness'}),
    ],
)
def test_every_parameter_learns_and_predictions_fit_the_image(name, expected):
    cfg = small(name)
    model = MODELS.build(cfg.model)
    model.init_weights()
    data = model.data_preprocessor(batch(cfg), training=True)
    losses = model.train()(**data, mode='loss')
    assert expected <= set(losses)
    model.parse_losses(losses)[0].backward()
    assert [key for key, p in model.named_parameters() if p.grad is None] == []
    with torch.no_grad():
        result = model.eval()(**model.data_preprocessor(batch(cfg)), mode='predict')[0]
    height, width = result.ori_shape[:2]
    if 'mask' in name or 'htc' in name:
        assert result.pred_instances.masks.shape[1:] == (height, width)
    assert result.pred_instances.bboxes[:, 2].le(width).all()
