"""Pose: the official recipes, and what mmpose makes of them."""

import itertools

import numpy as np
import pytest
import torch
from config_case import parsed
from conftest import ROOT


def official_half_body(upper, lower, prefer_upper):
    """half_body_transform of the official JointsDataset; lists of joints."""
    if prefer_upper and len(upper) > 2:
        return upper
    return lower if len(lower) > 2 else upper


@pytest.mark.slow
def test_half_body_is_configured_to_the_official_rule():
    cfg = parsed('topdown_hrnet_w32_coco_256x192')
    options = dict(cfg.train_pipeline[3])
    assert options.pop('type') == 'RandomHalfBody'
    assert options['prob'] == 0.3
    normal = torch.distributions.Normal(0.0, 1.0)  # the official coin: randn() < 0.5
    coin = normal.cdf(torch.tensor(0.5)).item()
    assert options['upper_prioritized_prob'] == pytest.approx(coin, abs=1e-4)

    from mmpose.datasets.transforms import RandomHalfBody

    everyone, upper_ids, lower_ids = range(17), range(11), range(11, 17)
    for prefer_upper, up, low in itertools.product((0, 1), range(12), range(7)):
        rule = RandomHalfBody(
            **{**options, 'prob': 1.0, 'upper_prioritized_prob': prefer_upper}
        )
        upper, lower = list(upper_ids[:up]), list(lower_ids[:low])
        seen = np.array([[float(i in upper + lower) for i in everyone]])
        (chosen,) = rule._random_select_half_body(seen, upper_ids, lower_ids)
        expected = official_half_body(upper, lower, prefer_upper)
        assert chosen == (expected if up + low > 8 else None)


@pytest.mark.slow
def test_half_body_boxes_are_the_official_ones():
    cfg = parsed('topdown_hrnet_w32_coco_256x192')
    from mmpose.datasets.transforms import RandomHalfBody, TopdownAffine

    joints = np.random.default_rng(0).uniform(0, 200, (17, 2)).astype(np.float32)
    rule = RandomHalfBody(padding=cfg.train_pipeline[3].padding)
    centre, scale = rule._get_half_body_bbox(joints, list(range(11)))
    fixed = TopdownAffine._fix_aspect_ratio(scale[None], 192 / 256)[0]
    width, height = np.ptp(joints[:11], axis=0)
    width, height = max(width, height * 0.75), max(height, width / 0.75)
    np.testing.assert_allclose(centre, joints[:11].mean(axis=0))
    np.testing.assert_allclose(fixed, (1.5 * width, 1.5 * height), rtol=1e-6)


def official_loss(output, target, weight):
    """JointsMSELoss of the official code: half the error of weighted maps per joint."""
    errors = [
        0.5 * ((output[:, k] * w - target[:, k] * w) ** 2).mean()
        for k, w in enumerate(weight[..., None, None].unbind(1))
    ]
    return sum(errors) / len(errors)


@pytest.mark.slow
def test_the_loss_is_the_official_one():
    cfg = parsed('topdown_hrnet_w32_coco_256x192')
    from mmpose.registry import MODELS

    loss = MODELS.build(cfg.model.head.loss)
    output = torch.randn(4, 17, 64, 48, dtype=torch.float64)
    target = torch.rand(4, 17, 64, 48, dtype=torch.float64)
    weight = (torch.rand(4, 17, dtype=torch.float64) > 0.3).double()
    ours = loss(output, target, weight)
    torch.testing.assert_close(ours, official_loss(output, target, weight))


@pytest.mark.slow
def test_the_flipped_map_moves_right_by_one_pixel():
    cfg = parsed('topdown_hrnet_w32_coco_256x192')
    from mmpose.models.utils.tta import flip_heatmaps

    options = dict(cfg.model.test_cfg)
    assert options.pop('flip_test')
    maps = torch.randn(1, 3, 4, 5)
    moved = flip_heatmaps(maps.clone(), flip_indices=[0, 2, 1], **options)
    for x in range(1, 5):
        assert torch.equal(moved[..., x], maps[:, [0, 2, 1], :, 4 - (x - 1)])


# name: input width, sigma, scale, rotation, learning rate, batch, epochs, steps
BODY, MPII, SIMPLE = (0.35, 45), (0.25, 30), (0.3, 40)
LONG, SHORT = (1e-3, 128, 210, [170, 200]), (1e-3, 128, 140, [90, 120])
FACE = (1e-4, 16, 60, [30, 50])
RECIPES = {
    'topdown_hrnet_w32_coco_256x192': (192, 2, *BODY, *LONG),
    'topdown_hrnet_w32_coco_256x192_scratch': (192, 2, *BODY, *LONG),
    'topdown_hrnet_w48_coco_256x192': (192, 2, *BODY, *LONG),
    'topdown_hrnet_w32_coco_384x288': (288, 3, *BODY, *LONG),
    'topdown_hrnet_w48_coco_384x288': (288, 3, *BODY, 1e-3, 96, 210, [170, 200]),
    'topdown_hrnet_w32_mpii_256x256': (256, 2, *MPII, *LONG),
    'topdown_hrnet_w48_mpii_256x256': (256, 2, *MPII, *LONG),
    'topdown_hourglass_8stage_coco_256x192': (192, 2, *BODY, *LONG),
    'topdown_simple_baseline_r50_coco_256x192': (192, 2, *SIMPLE, *SHORT),
    'topdown_simple_baseline_r101_coco_256x192': (192, 2, *SIMPLE, *SHORT),
    'topdown_simple_baseline_r152_coco_256x192': (192, 2, *SIMPLE, *SHORT),
    'topdown_simple_baseline_r50_coco_384x288': (288, 3, *SIMPLE, *SHORT),
    'topdown_simple_baseline_r101_coco_384x288': (288, 3, *SIMPLE, *SHORT),
    'topdown_simple_baseline_r152_coco_384x288': (288, 3, *SIMPLE, *SHORT),
    'topdown_hrnetv2_w18_wflw_256x256': (256, 1.5, 0.25, 30, *FACE),
    'topdown_hrnetv2_w18_300w_256x256': (256, 1.0, 0.25, 30, *FACE),
    'topdown_hrnetv2_w18_aflw_256x256': (256, 1.5, 0.25, 30, 2e-4, *FACE[1:]),
    'topdown_hrnetv2_w18_cofw_256x256': (256, 1.5, 0.25, 30, *FACE),
}


def test_every_config_has_its_recipe_here():
    names = {path.stem for path in (ROOT / 'configs').glob('topdown_*.py')}
    assert names == set(RECIPES)


@pytest.mark.parametrize('name', RECIPES)
def test_recipe(name):
    cfg = parsed(name)
    width, sigma, scale, rotation, lr, batch, epochs, steps = RECIPES[name]
    train = {step.type: step for step in cfg.train_dataloader.dataset.pipeline}
    test = {step.type: step for step in cfg.test_dataloader.dataset.pipeline}
    codec = cfg.model.head.decoder
    assert codec == train['GenerateTarget'].encoder
    assert (codec.type, codec.input_size[0], codec.sigma) == (
        'MSRAHeatmap',
        width,
        sigma,
    )
    assert [4 * side for side in codec.heatmap_size] == list(codec.input_size)
    for affine in (train['TopdownAffine'], test['TopdownAffine']):
        assert affine.input_size == codec.input_size
        assert not affine.get('use_udp')
    (resize,) = (step for kind, step in train.items() if 'ScaleRotate' in kind)
    assert (resize.scale, resize.rotation) == (scale, rotation)
    assert train['GetBBoxCenterScale'].padding == 1.25
    assert train['RandomFlip'].prob == 0.5
    assert ('RandomHalfBody' in train) == (scale == 0.35)
    assert cfg.optim_wrapper.optimizer == dict(type='Adam', lr=lr)
    assert cfg.auto_scale_lr == dict(enable=True, base_batch_size=batch)
    assert batch == cfg.train_dataloader.batch_size * (1 if 'hrnetv2' in name else 4)
    assert cfg.train_cfg.max_epochs == epochs
    (steps_of,) = cfg.param_scheduler  # no warm-up
    assert (steps_of.milestones, steps_of.gamma) == (steps, 0.1)
    assert cfg.model.data_preprocessor.bgr_to_rgb


def test_coco_is_scored_as_in_the_papers():
    cfg = parsed('topdown_hrnet_w32_coco_256x192')
    scored = dict(cfg.test_evaluator)
    scored.pop('ann_file')
    assert scored == dict(
        type='CocoMetric',
        score_mode='bbox_keypoint',
        keypoint_score_thr=0.2,
        nms_mode='oks_nms',
        nms_thr=0.9,
    )
    boxes = 'COCO_val2017_detections_AP_H_56_person.json'
    assert cfg.test_dataloader.dataset.bbox_file.endswith(boxes)
    assert 'bbox_file' not in cfg.train_dataloader.dataset


@pytest.mark.slow
@pytest.mark.parametrize(
    ('name', 'parameters'),
    [
        ('topdown_hrnet_w32_coco_256x192', 28_536_113),
        ('topdown_hrnet_w48_coco_384x288', 63_595_745),
        ('topdown_hrnetv2_w18_cofw_256x256', 9_643_829),
        ('topdown_hourglass_8stage_coco_256x192', 139_788_552),
    ],
)
def test_parameters(name, parameters):
    cfg = parsed(name)
    from mmengine.registry import MODELS, init_default_scope

    init_default_scope('mmpose')
    with torch.device('meta'):
        model = MODELS.build(cfg.model)
    assert sum(p.numel() for p in model.parameters()) == parameters


@pytest.mark.slow
def test_faces_have_the_official_head():
    cfg = parsed('topdown_hrnetv2_w18_wflw_256x256')
    from mmengine.registry import MODELS, init_default_scope

    init_default_scope('mmpose')
    model = MODELS.build(cfg.model)
    assert model.backbone.upsample == ('bilinear', False)
    assert model.backbone.bn1.momentum == 0.01
    feats = model.extract_feat(torch.zeros(1, 3, 64, 64))
    assert [tuple(feat.shape) for feat in feats] == [(1, 270, 16, 16)]
    conv, norm, relu = model.head.conv_layers
    assert (conv.in_channels, conv.out_channels, conv.kernel_size) == (270, 270, (1, 1))
    assert conv.bias is not None
    assert norm.num_features == 270
    assert isinstance(relu, torch.nn.ReLU)
    assert model.head.forward(feats).shape == (1, 98, 16, 16)
