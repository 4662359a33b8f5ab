"""Segmentation: the official recipes."""

from __future__ import annotations

import numpy as np
import pytest
from config_case import read
from conftest import ROOT
from mmengine.config import Config
from mmengine.registry import TRANSFORMS, init_default_scope

CONFIGS = ROOT / 'configs'
PLAIN, HARD = 'hrnet_mm.PixelCrossEntropy', 'hrnet_mm.HardPixelCrossEntropy'

# Official HRNet-Semantic-Segmentation: the yaml files in experiments/, with the code
# that reads them. lr, weight decay, factor of the heads' lr; images of each of 4 GPUs,
# epochs; crop (height, width), long side, largest factor; classes; BatchNorm momentum,
# aligned corners; loss of the last head.
CITY = ((0.01, 5e-4, 1), (3, 484), ((512, 1024), 2048, 2.1), 19)
LIP = ((0.007, 5e-4, 1), (10, 150), ((473, 473), 473, 1.6), 20)
COCO_STUFF = ((0.001, 1e-4, 10), (4, 110), ((520, 520), 520, 2.1), 171)
V11, OCR_BRANCH = (0.01, False), (0.1, True)


def context(classes: int) -> tuple:
    return (0.004, 1e-4, 1), (4, 200), ((480, 480), 520, 2.1), classes


def context_ocr(classes: int) -> tuple:
    return (0.001, 1e-4, 10), (4, 200), ((520, 520), 520, 2.1), classes


def ade(largest: float) -> tuple:
    return (0.02, 1e-4, 1), (4, 120), ((520, 520), 520, largest), 150


RECIPES = {
    'fcn_hrnetv2_w18_small_v1_cityscapes': (*CITY, V11, PLAIN),
    'fcn_hrnetv2_w18_small_v2_cityscapes': (*CITY, V11, PLAIN),
    'fcn_hrnetv2_w18_cityscapes': (*CITY, V11, PLAIN),
    'fcn_hrnetv2_w40_cityscapes': (*CITY, V11, PLAIN),
    'fcn_hrnetv2_w48_cityscapes': (*CITY, V11, PLAIN),
    'fcn_hrnetv2_w48_cityscapes_ohem': (*CITY, V11, HARD),
    'fcn_hrnetv2_w48_pascal_context_59': (*context(59), V11, PLAIN),
    'fcn_hrnetv2_w48_pascal_context_60': (*context(60), V11, PLAIN),
    'fcn_hrnetv2_w48_lip': (*LIP, V11, PLAIN),
    'fcn_hrnetv2_w48_ade20k': (*ade(1.6), OCR_BRANCH, HARD),
    'fcn_hrnetv2_w48_coco_stuff': (*COCO_STUFF, OCR_BRANCH, HARD),
    'ocr_hrnetv2_w48_cityscapes': (*CITY, OCR_BRANCH, PLAIN),
    'ocr_hrnetv2_w48_pascal_context_59': (*context_ocr(59), OCR_BRANCH, PLAIN),
    'ocr_hrnetv2_w48_pascal_context_60': (*context_ocr(60), OCR_BRANCH, PLAIN),
    'ocr_hrnetv2_w48_lip': (*LIP, OCR_BRANCH, PLAIN),
    'ocr_hrnetv2_w48_ade20k': (*ade(2.1), OCR_BRANCH, HARD),
    'ocr_hrnetv2_w48_coco_stuff': (*COCO_STUFF, OCR_BRANCH, HARD),
    # mmseg's weights: corners not aligned
    'ocr_hrnetv2_w48_cityscapes_mmseg': (*CITY, (0.1, False), PLAIN),
    'fcn_hrnetv2_w48_ade20k_mmseg': (*ade(1.6), (0.1, False), HARD),
    'ocr_hrnetv2_w48_ade20k_mmseg': (*ade(2.1), (0.1, False), HARD),
}


def heads_of(cfg: Config) -> list:
    heads = cfg.model.decode_head
    return list(heads) if isinstance(heads, list) else [heads]


def step(pipeline: list, name: str):
    return next(each for each in pipeline if each.type == name)


def test_every_segmentation_config_has_its_recipe_here():
    names = {path.stem for path in CONFIGS.glob('*hrnetv2_w*.py')}
    found = {name for name in names if name.startswith(('fcn_', 'ocr_'))}
    assert found == set(RECIPES)


@pytest.mark.parametrize('name', RECIPES)
def test_optimizer_and_schedule(name):
    (lr, decay, factor), (images, epochs) = RECIPES[name][:2]
    cfg = read(name)
    optimizer = dict(type='SGD', lr=lr, momentum=0.9, weight_decay=decay)
    assert cfg.optim_wrapper.optimizer == optimizer
    keys = dict(decode_head=dict(lr_mult=factor)) if factor > 1 else None
    assert cfg.optim_wrapper.get('paramwise_cfg', {}).get('custom_keys') == keys
    assert cfg.train_dataloader.batch_size == images
    assert cfg.train_dataloader.drop_last
    assert cfg.auto_scale_lr == dict(enable=True, base_batch_size=4 * images)
    assert cfg.train_cfg.max_epochs == epochs
    assert epochs % cfg.train_cfg.val_interval == 0
    [poly] = cfg.param_scheduler
    assert (poly.type, poly.power, poly.eta_min) == ('PolyLR', 0.9, 0)
    assert (poly.begin, poly.end, poly.convert_to_iter_based) == (0, epochs, True)


@pytest.mark.parametrize('name', RECIPES)
def test_augmentation(name):
    crop, side, largest = RECIPES[name][2]
    pipeline = read(name).train_dataloader.dataset.pipeline
    tenths = range(5, round(largest * 10) + 1)
    expected = [(int(side * n / 10 + 0.5),) * 2 for n in tenths]
    assert [tuple(s) for s in step(pipeline, 'RandomChoiceResize').scales] == expected
    assert len(expected) == (17 if largest == 2.1 else 12)
    assert tuple(step(pipeline, 'RandomCrop').crop_size) == crop
    assert tuple(step(pipeline, 'Pad').size) == crop[::-1]
    assert step(pipeline, 'RandomFlip').prob == 0.5
    assert 'PhotoMetricDistortion' not in [each.type for each in pipeline]


@pytest.mark.parametrize('name', RECIPES)
def test_classes_norms_corners_and_loss(name):
    classes, (momentum, aligned), loss = RECIPES[name][3:]
    cfg = read(name)
    heads = heads_of(cfg)
    assert {head.num_classes for head in heads} == {classes}
    for part in (cfg.model.backbone, *heads):
        assert part.norm_cfg.type == 'SyncBN'
        assert part.norm_cfg.momentum == momentum
    assert cfg.model.backbone.upsample == dict(mode='bilinear', align_corners=aligned)
    assert {head.align_corners for head in heads} == {aligned}
    assert heads[-1].loss_decode.type == loss
    if len(heads) == 2:
        assert heads[0].loss_decode.type == PLAIN
        assert [head.loss_decode.loss_weight for head in heads[:1]] == [0.4]
        assert [head.dropout_ratio for head in heads] == [0, 0.05]
    weighted = 'cityscapes' in name
    for head in heads:
        weights = head.loss_decode.get('class_weight')
        assert bool(weights) == weighted
        if weighted:
            assert len(weights) == 19
            assert np.mean(weights) == pytest.approx(1, abs=1e-3)
    pipelines = [cfg.train_dataloader.dataset.pipeline]
    pipelines += [
        cfg.test_dataloader.dataset.pipeline,
        cfg.val_dataloader.dataset.pipeline,
    ]
    for pipeline in pipelines:
        assert step(pipeline, 'hrnet_mm.CheckLabels').num_classes == classes
    views = cfg.tta_pipeline[1].transforms
    assert [each.num_classes for [each] in views[3:4]] == [classes]


def test_coco_stuff_is_the_10k_set():
    dataset = read('fcn_hrnetv2_w48_coco_stuff').train_dataloader.dataset
    assert dataset.reduce_zero_label
    assert 'train2014' in dataset.data_prefix.img_path


def test_pixels_kept_of_a_batch():
    for name, pixels in (('cityscapes_ohem', 3 * 512 * 1024), ('ade20k', 4 * 520**2)):
        cfg = read(f'fcn_hrnetv2_w48_{name}')
        loss = cfg.model.decode_head.loss_decode
        assert (loss.threshold, loss.min_kept) == (0.9, 131072)
        height, width = step(cfg.train_pipeline, 'RandomCrop').crop_size
        assert cfg.train_dataloader.batch_size * height * width == pixels
        assert loss.min_kept < pixels


@pytest.mark.slow
def test_lip_mirror_exchanges_left_and_right():
    init_default_scope('mmseg')
    import mmseg.datasets

    cfg = read('fcn_hrnetv2_w48_lip')
    classes = mmseg.datasets.LIPDataset.METAINFO['classes']
    assert len(classes) == cfg.model.decode_head.num_classes == 20
    for left, right in cfg.mirrored_classes:
        assert classes[left].replace('Left', 'Right') == classes[right]
    sided = [name for name in classes if name.startswith(('Left', 'Right'))]
    assert len(sided) == 2 * len(cfg.mirrored_classes)
    flip = step(cfg.train_pipeline, 'RandomFlip')
    flip = TRANSFORMS.build(dict(flip, prob=1.0))
    labels = np.arange(20, dtype=np.uint8)[None]
    image = np.arange(60, dtype=np.uint8).reshape(1, 20, 3)
    maps = dict(gt_seg_map=labels, seg_fields=['gt_seg_map'])
    flipped = flip(dict(img=image, **maps))
    expected = [18, 19, 16, 17, 14, 15, *range(13, -1, -1)]
    assert flipped['gt_seg_map'][0].tolist() == expected
    assert np.array_equal(flipped['img'], image[:, ::-1])
