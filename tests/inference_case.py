"""`hrnet predict` of every task, on small made images and random weights."""

import json

import cv2
import numpy as np
import pytest
import torch
from conftest import ROOT, randomize
from mmengine.config import Config
from mmengine.registry import MODELS, DefaultScope
from mmengine.runner import save_checkpoint

from hrnet_mm.cli.main import execute
from hrnet_mm.config.opening import read_config
from hrnet_mm.data.shapes import make_shapes
from hrnet_mm.nested_dicts import first_pipeline

TOOLBOXES = dict(
    boxes='mmdet', masks='mmdet', labels='mmseg', points='mmpose', names='mmpretrain'
)
# Random weights find as much as they may: ten objects are enough.
DETECTOR = """
_base_ = '{}'
model = dict(test_cfg=dict(rcnn=dict(max_per_img=10)))
"""
NAMES = """
default_scope = 'mmpretrain'
custom_imports = dict(imports=['hrnet_mm'], allow_failed_imports=False)
model = dict(
    type='ImageClassifier',
    backbone=dict(type='hrnet_mm.HRNet', arch='w18_small_v1', multiscale_output=False),
    neck=dict(type='GlobalAveragePooling'),
    head=dict(type='LinearClsHead', num_classes=7, in_channels=16),
    data_preprocessor=dict(mean=[127.5] * 3, std=[64.0] * 3, num_classes=7),
)
test_dataloader = dict(
    batch_size=2,
    dataset=dict(
        type='CustomDataset',
        data_prefix='nowhere',
        metainfo=dict(classes=list('abcdefg')),
        pipeline=[
            dict(type='LoadImageFromFile'),
            dict(type='ResizeEdge', scale=72, edge='short'),
            dict(type='CenterCrop', crop_size=64),
            dict(type='PackInputs'),
        ],
    ),
)
visualizer = dict(type='UniversalVisualizer', name='visualizer')
"""
CONFIGS = dict(
    boxes=DETECTOR.format(ROOT / 'configs/demo_faster_rcnn_hrnetv2p.py'),
    masks=DETECTOR.format(ROOT / 'configs/demo_mask_rcnn_hrnetv2p.py'),
    labels=f'_base_ = "{ROOT}/configs/demo_fcn_hrnetv2.py"',
    points=f'_base_ = "{ROOT}/configs/demo_topdown_hrnet.py"',
    names=NAMES,
)


def main(*arguments) -> int:
    return execute('predict', [str(argument) for argument in arguments])


@pytest.fixture(scope='module')
def data(tmp_path_factory):
    """Drawn people and things: 3 images of 96 x 112."""
    folder = tmp_path_factory.mktemp('data') / 'coco'
    make_shapes(folder, layout='coco-pose', train=1, val=3, size=(96, 112), seed=0)
    return folder


@pytest.fixture
def images(data):
    return data / 'val2017'


MADE = {}  # config and checkpoint of a task; once, whichever file of tests asks first


@pytest.fixture
def saved(tmp_path_factory):
    """Config and checkpoint of a task by its name, perhaps for images of N channels."""

    def make(task, channels=None):
        pytest.importorskip(TOOLBOXES[task])
        key = task, channels
        if key not in MADE:
            folder = tmp_path_factory.mktemp('weights')
            config, weights = MADE[key] = folder / f'{task}.py', folder / f'{task}.pth'
            config.write_text(CONFIGS[task])
            if channels is not None:
                _change_channels(config, channels)
            _save(config, weights)
        return MADE[key]

    return make


def _change_channels(path, channels) -> None:
    """Make a config one for images of another number of channels."""
    cfg = Config.fromfile(path)
    cfg.model.backbone.in_channels = channels
    # mmengine takes one mean or three.
    mean, std = ([127.5], [64.0]) if channels == 1 else (None, None)
    cfg.model.data_preprocessor.update(mean=mean, std=std)
    if 'bgr_to_rgb' in cfg.model.data_preprocessor:
        cfg.model.data_preprocessor.bgr_to_rgb = False
    color_type = 'grayscale' if channels == 1 else 'unchanged'
    for loader in (cfg.test_dataloader, cfg.get('val_dataloader')):
        for step in first_pipeline(loader)[:1]:
            step['color_type'] = color_type
    cfg.dump(path)


def _save(config, path) -> None:
    """Random weights as mmengine's runner saves them, with the data set's names."""
    from hrnet_mm.inference.predictors import meta_of
    from hrnet_mm.toolboxes import toolbox_of

    torch.manual_seed(0)
    cfg = read_config(str(config))
    with DefaultScope.overwrite_default_scope(cfg.default_scope):
        model = randomize(MODELS.build(cfg.model))
        meta = meta_of(cfg, toolbox_of(cfg), {})
    content = dict(state_dict=model.state_dict(), meta=dict(dataset_meta=meta))
    save_checkpoint(content, str(path))


@pytest.fixture
def run(saved, tmp_path):
    """Run the tool for a task: status, results, images."""

    def go(task, source, *options, out='out', channels=None):
        config, weights = saved(task, channels)
        where = ['--config', config, '--weights', weights, '--out', tmp_path / out]
        status = main(source, *where, '--device', 'cpu', *options)
        files = (tmp_path / out / name for name in ('results.json', 'images.json'))
        return status, *(json.loads(file.read_text()) for file in files)

    return go


def close(first, second, tolerance) -> bool:
    """Tell whether the numbers in two lists of results are close, all else equal."""
    if isinstance(first, dict):
        pairs = zip(first.items(), second.items(), strict=True)
        return all(a == b and close(x, y, tolerance) for (a, x), (b, y) in pairs)
    if isinstance(first, list):
        return all(close(x, y, tolerance) for x, y in zip(first, second, strict=True))
    if isinstance(first, float):
        return abs(first - second) <= tolerance * max(1, abs(first))
    return first == second


def coco_of(tmp_path):
    """The two files as COCO's own tools read them."""
    from pycocotools.coco import COCO

    return COCO(tmp_path / 'out/images.json').loadRes(
        str(tmp_path / 'out/results.json')
    )


@pytest.fixture
def boxes(tmp_path, images):
    """Two boxes in the first image, one of low score in the second."""
    first, second = (int(path.stem) for path in sorted(images.iterdir())[:2])
    records = [
        dict(image_id=first, category_id=1, bbox=[5, 5, 40, 80], score=0.9),
        dict(image_id=first, category_id=1, bbox=[60, 10, 40, 80], score=0.8),
        dict(image_id=second, category_id=1, bbox=[5, 5, 40, 80], score=0.2),
        dict(image_id=second, category_id=3, bbox=[5, 5, 40, 80], score=0.9),
    ]
    path = tmp_path / 'boxes.json'
    path.write_text(json.dumps(records))
    return path


def write_video(path, frames=6):
    """Moving bars, motion JPEG: each frame stands alone in the file."""
    code = cv2.VideoWriter_fourcc(*'MJPG')
    writer = cv2.VideoWriter(str(path), code, 10, (112, 96))
    noise = np.random.default_rng(0).integers(0, 256, (96, 112, 3), dtype=np.uint8)
    for step in range(frames):
        writer.write(np.roll(noise, step * 8, axis=1))
    writer.release()
