"""A batch of two made images for the model of any config, at a small size."""

from __future__ import annotations

import copy

import torch
from mmengine.config import Config
from mmengine.model import BaseModel
from mmengine.structures import PixelData
from torch import Tensor

from hrnet_mm.config.initial_weights import forget_pretrained
from hrnet_mm.nested_dicts import each_dict

HEIGHT, WIDTH = 64, 96  # divisible by 32: the comparison systems need it


def shrunk(cfg: Config) -> Config:
    """The config for images smaller than its anchors, from random weights."""
    forget_pretrained(cfg)
    for node in each_dict(cfg.model):
        for key, value in (
            ('allowed_border', -1),
            ('nms_pre', 50),
            ('max_per_img', 20),
        ):
            if key in node:
                node[key] = value
        # One value per channel has no statistics: where 64 pixels were pooled to one.
        if 'SyncBN' in str(node.get('type')):
            node['type'] = 'BN'
    return cfg


def batch(cfg: Config) -> dict:
    """`inputs` and `data_samples` as the toolbox's data loader gives them."""
    return _BATCHES[cfg.default_scope](cfg)


def losses_and_gradients(model: BaseModel, data: dict) -> tuple[Tensor, Tensor]:
    """The loss of a batch, and the gradients of all parameters in a row."""
    torch.manual_seed(0)  # samplers of boxes
    model.train()
    model.zero_grad()
    inputs = model.data_preprocessor(copy.deepcopy(data), training=True)
    inputs['inputs'] = inputs['inputs'].to(next(model.parameters()).dtype)
    loss, _ = model.parse_losses(model(**inputs, mode='loss'))
    loss.backward()
    gradients = [p.grad for p in model.parameters() if p.grad is not None]
    return loss, torch.cat([g.flatten() for g in gradients])


def _detection(cfg: Config) -> dict:
    from mmdet.testing import demo_mm_inputs

    meta = dict(scale_factor=(1.0, 1.0))
    data = demo_mm_inputs(
        batch_size=2,
        image_shapes=[(3, HEIGHT, WIDTH)] * 2,
        num_items=[2, 2],
        num_classes=_num_classes(cfg),
        sem_seg_output_strides=1,
        with_mask=True,
        with_semantic=True,
    )
    for sample in data['data_samples']:
        sample.set_metainfo(meta)
    return data


def _segmentation(cfg: Config) -> dict:
    from mmseg.structures import SegDataSample

    meta = dict(img_shape=(HEIGHT, WIDTH), ori_shape=(HEIGHT, WIDTH), flip=False)
    samples = []
    for _ in range(2):
        labels = torch.randint(_num_classes(cfg), (1, HEIGHT, WIDTH))
        samples.append(SegDataSample(metainfo=meta, gt_sem_seg=PixelData(data=labels)))
    images = [torch.randint(256, (3, HEIGHT, WIDTH), dtype=torch.uint8)] * 2
    return dict(inputs=images, data_samples=samples)


def _pose(cfg: Config) -> dict:
    from mmpose.testing import get_packed_inputs

    codec = cfg.model.head.decoder
    width, height = codec.input_size
    return get_packed_inputs(
        batch_size=2,
        num_keypoints=cfg.model.head.out_channels,
        img_shape=(height, width),
        input_size=codec.input_size,
        heatmap_size=codec.heatmap_size,
    )


def _classification(cfg: Config) -> dict:
    from mmpretrain.structures import DataSample

    samples = [DataSample(metainfo=dict(img_shape=(HEIGHT, WIDTH))) for _ in range(2)]
    samples = [sample.set_gt_label(i) for i, sample in enumerate(samples)]
    images = [torch.randint(256, (3, HEIGHT, WIDTH), dtype=torch.uint8)] * 2
    return dict(inputs=images, data_samples=samples)


def _num_classes(cfg: Config) -> int:
    return next(n['num_classes'] for n in each_dict(cfg.model) if 'num_classes' in n)


_BATCHES = dict(
    mmdet=_detection,
    mmseg=_segmentation,
    mmpose=_pose,
    mmpretrain=_classification,
)
