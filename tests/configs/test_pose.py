"""Pose: the official augmentation, loss and recipes, and files without key points."""

import itertools
import json

import numpy as np
import pytest
import torch
from conftest import ROOT
from mmengine.config import Config

from hrnet_mm.errors import UserError
from hrnet_mm.recipes.augmentation import (
    KeypointsFromZero,
    RandomScaleRotate,
    UniformScaleRotate,
)
from hrnet_mm.toolboxes.mmpose import MMPose


def boxes(count):
    return {'bbox_scale': np.full((count, 2), 100, np.float32)}


@pytest.mark.parametrize(('scale', 'rotation'), [(0.35, 45), (0.3, 40), (0.25, 30)])
def test_scale_and_rotation_are_the_official_formulas(scale, rotation):
    transform = RandomScaleRotate(scale, rotation)
    for seed in range(200):
        np.random.seed(seed)
        factor = np.clip(np.random.randn() * scale + 1, 1 - scale, 1 + scale)
        turned = np.random.rand() <= 0.6
        angle = np.clip(np.random.randn() * rotation, -rotation * 2, rotation * 2)
        np.random.seed(seed)
        results = transform.transform(boxes(1))
        np.testing.assert_allclose(results['bbox_scale'], 100 * factor, rtol=1e-6)
        np.testing.assert_allclose(
            results['bbox_rotation'], angle if turned else 0, rtol=1e-6
        )
        assert results['bbox_scale'].shape == (1, 2)
        assert results['bbox_scale'].dtype == np.float32


def test_scale_and_rotation_have_the_official_distribution():
    np.random.seed(0)
    results = RandomScaleRotate(0.35, 45).transform(boxes(100_000))
    factors, angles = results['bbox_scale'][:, 0] / 100, results['bbox_rotation']
    assert (factors.min(), factors.max()) == pytest.approx((0.65, 1.35))
    assert (angles.min(), angles.max()) == (-90, 90)
    assert np.mean(angles == 0) == pytest.approx(0.4, abs=0.01)
    # Beyond one and two standard deviations: 31.7 % and 4.6 % of a normal distribution.
    at_bounds = np.isclose(factors, 0.65) | np.isclose(factors, 1.35)
    assert np.mean(at_bounds) == pytest.approx(0.317, abs=0.01)
    assert np.mean(np.abs(angles) == 90) == pytest.approx(0.6 * 0.0455, abs=0.003)


def test_faces_are_resized_and_turned_uniformly():
    np.random.seed(0)
    results = UniformScaleRotate(0.25, 30).transform(boxes(100_000))
    factors, angles = results['bbox_scale'][:, 0] / 100, results['bbox_rotation']
    turned = angles[angles != 0]
    assert len(turned) / len(angles) == pytest.approx(0.6, abs=0.01)
    for values, low, high in ((factors, 0.75, 1.25), (turned, -30, 30)):
        assert low <= values.min()
        assert values.max() <= high
        quarters = np.histogram(values, 4, (low, high))[0] / len(values)
        assert quarters == pytest.approx(0.25, abs=0.01)


def test_mpii_counts_from_zero():
    given = np.array([[[1.0, 1.0], [20.0, 30.0]]])
    results = KeypointsFromZero().transform({'keypoints': given})
    assert results['keypoints'].tolist() == [[[0, 0], [19, 29]]]
    assert given[0, 0, 0] == 1  # mmpose keeps what it has read


def config(name):
    pytest.importorskip('mmpose')
    return Config.fromfile(ROOT / 'configs' / f'{name}.py')


def official_half_body(upper, lower, prefer_upper):
    """half_body_transform of the official JointsDataset; lists of joints."""
    if prefer_upper and len(upper) > 2:
        return upper
    return lower if len(lower) > 2 else upper


@pytest.mark.slow
def test_half_body_is_configured_to_the_official_rule():
    cfg = config('topdown_hrnet_w32_coco_256x192')
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
    cfg = config('topdown_hrnet_w32_coco_256x192')
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
    cfg = config('topdown_hrnet_w32_coco_256x192')
    from mmpose.registry import MODELS

    loss = MODELS.build(cfg.model.head.loss)
    output = torch.randn(4, 17, 64, 48, dtype=torch.float64)
    target = torch.rand(4, 17, 64, 48, dtype=torch.float64)
    weight = (torch.rand(4, 17, dtype=torch.float64) > 0.3).double()
    ours = loss(output, target, weight)
    torch.testing.assert_close(ours, official_loss(output, target, weight))


@pytest.mark.slow
def test_the_flipped_map_moves_right_by_one_pixel():
    cfg = config('topdown_hrnet_w32_coco_256x192')
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
    cfg = config(name)
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
    cfg = config('topdown_hrnet_w32_coco_256x192')
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
    cfg = config(name)
    from mmengine.registry import MODELS, init_default_scope

    init_default_scope('mmpose')
    with torch.device('meta'):
        model = MODELS.build(cfg.model)
    assert sum(p.numel() for p in model.parameters()) == parameters


@pytest.mark.slow
def test_faces_have_the_official_head():
    cfg = config('topdown_hrnetv2_w18_wflw_256x256')
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


IMAGE = dict(id=1, file_name='1.png', width=100, height=100)
LABELLED = dict(image_id=1, category_id=1, bbox=[1, 1, 9, 9], keypoints=[5, 5, 2] * 17)
HIDDEN = {**LABELLED, 'keypoints': [5, 5, 0] * 17}
BOXED = {key: value for key, value in LABELLED.items() if key != 'keypoints'}
BOX = dict(image_id=1, category_id=1, bbox=[1, 1, 9, 9], score=0.9)


@pytest.fixture
def files(tmp_path):
    def make(people, boxes=None):
        content = people
        if people is None or (people and 'joints' not in people[0]):
            content = dict(images=[IMAGE], annotations=people or [], categories=[])
        (tmp_path / 'people.json').write_text(json.dumps(content))
        dataset = dict(data_root=str(tmp_path), ann_file='people.json')
        if boxes is not None:
            (tmp_path / 'boxes.json').write_text(json.dumps(boxes))
            dataset['bbox_file'] = str(tmp_path / 'boxes.json')
        return dataset

    return make


@pytest.mark.parametrize(
    ('people', 'found'),
    [
        (None, 'it has no annotations'),
        (
            [BOXED] * 2,
            "none of its 2 annotations has 'keypoints', only bbox, category_id, "
            'image_id',
        ),
        ([HIDDEN] * 3, 'all key points of its 3 annotations have visibility 0'),
        (
            [dict(joints=[[1, 1]], joints_vis=[0])],
            'all key points of its 1 annotations have visibility 0',
        ),
    ],
)
def test_files_without_key_points(files, people, found):
    with pytest.raises(UserError) as error:
        MMPose().check_files(files(people))
    text = str(error.value)
    assert f'people.json has no key points: {found}.' in text
    assert 'expected: ' in text
    assert 'hrnet shapes data/people --layout coco-pose' in text


def test_files_with_key_points_pass(files):
    MMPose().check_files(files([HIDDEN, LABELLED]))
    MMPose().check_files(files([dict(joints=[[1, 1]] * 2, joints_vis=[0, 1])]))
    MMPose().check_files(files([LABELLED], [BOX]))
    MMPose().check_files(files(None, [BOX]))  # test-dev
    MMPose().check_files(dict(data_root='nowhere', ann_file='none.json'))


@pytest.mark.parametrize(
    ('boxes', 'found'),
    [
        ([], 'has no boxes of people: found none, expected category_id 1'),
        (
            [{**BOX, 'category_id': 3}],
            'has no boxes of people: found 1 boxes, of categories [3], expected',
        ),
        ({'boxes': [BOX]}, "is not a list of dicts with 'image_id'"),
        (
            [BOX, {**BOX, 'image_id': 7}],
            'image_id 7 for one',
        ),
    ],
)
def test_detector_files_without_boxes(files, boxes, found):
    with pytest.raises(UserError) as error:
        MMPose().check_files(files([LABELLED], boxes))
    assert found in str(error.value)
    assert 'ground-truth boxes:  the same with None as FILE' in str(error.value)


def test_missing_and_broken_files(files, tmp_path):
    dataset = files([LABELLED])
    with pytest.raises(UserError, match='no detector boxes .*none.json'):
        MMPose().check_files({**dataset, 'bbox_file': str(tmp_path / 'none.json')})
    (tmp_path / 'people.json').write_text('{"images": [')
    with pytest.raises(UserError, match='people.json is not JSON: .* Fetch it again'):
        MMPose().check_files(dataset)
