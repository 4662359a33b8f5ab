"""A model of seconds with its runner, and the demo's config with made data."""

import json
from argparse import Namespace

import numpy as np
import pytest
import torch
from conftest import ROOT, randomize
from mmengine.config import Config
from mmengine.model import BaseModel
from mmengine.registry import DATASETS, MODELS
from torch import nn
from torch.utils.data import Dataset

from hrnet_mm.config import opening
from hrnet_mm.models import HRNet
from hrnet_mm.training import Runner


def arguments(config, **options) -> Namespace:
    defaults = dict(
        config=str(config),
        cfg_options=None,
        work_dir=None,
        launcher='none',
        seed=None,
        deterministic=False,
        local_rank=0,
    )
    return Namespace(**{**defaults, **options})


@pytest.fixture
def demo(tmp_path):
    """The demo's config with its folders below tmp_path."""
    pytest.importorskip('mmdet')
    return opening.load_config(
        arguments(
            ROOT / 'configs/demo_faster_rcnn_hrnetv2p.py',
            work_dir=str(tmp_path / 'work'),
            cfg_options=[f'data_root={tmp_path}/data/'],
        )
    )


def write_coco(folder, categories, box=(4, 4, 20, 20)):
    """One image, one box of the first category, as both splits."""
    import cv2

    annotation = dict(
        id=1, image_id=1, category_id=categories[0][0], bbox=box, area=400, iscrowd=0
    )
    content = dict(
        images=[dict(id=1, file_name='1.png', height=64, width=64)],
        annotations=[annotation],
        categories=[dict(id=i, name=name) for i, name in categories],
    )
    for split in ('train', 'val'):
        (folder / 'annotations').mkdir(parents=True, exist_ok=True)
        (folder / f'{split}2017').mkdir(exist_ok=True)
        path = folder / f'annotations/instances_{split}2017.json'
        path.write_text(json.dumps(content))
        cv2.imwrite(str(folder / f'{split}2017/1.png'), np.zeros((64, 64, 3), np.uint8))


class Points(Dataset):
    """Eight images, each with the number that a network should give for it."""

    metainfo = dict()  # noqa: RUF012

    def __init__(self, **_):
        generator = torch.Generator().manual_seed(0)
        self.images = torch.randn(8, 3, 32, 32, generator=generator)

    def __len__(self):
        return 8

    def __getitem__(self, i):
        return self.images[i], float(i)


class Regressor(BaseModel):
    """HRNet and one number, a loss that is a mean over the images."""

    def __init__(self, norm='BN', norm_eval=True, dtype=None):
        super().__init__()
        self.backbone = HRNet(
            'w18_small_v1', norm_eval=norm_eval, norm_cfg=dict(type=norm)
        )
        self.head = nn.Linear(16, 1)
        self.to(getattr(torch, dtype) if dtype else torch.get_default_dtype())

    def init_weights(self):
        torch.manual_seed(0)
        randomize(self.backbone)  # activations stay small with norms in eval mode

    def forward(self, image, target, mode='tensor'):
        features = self.backbone(torch.stack(list(image)).to(self.head.weight.dtype))
        lower = sum(f.mean((1, 2, 3)) for f in features[1:])
        value = self.head(features[0].mean((2, 3)) + lower[:, None])
        loss = (value.squeeze(1) - torch.tensor(target)).square().mean()
        return dict(loss=loss)


@pytest.fixture
def registered():
    DATASETS.register_module(name='Points', module=Points, force=True)
    MODELS.register_module(name='Regressor', module=Regressor, force=True)
    yield
    DATASETS.module_dict.pop('Points')
    MODELS.module_dict.pop('Regressor')


def regression(work_dir, batch_size, epochs=2, **model) -> Runner:
    return Runner.from_cfg(
        Config(
            dict(
                model=dict(type='Regressor', **model),
                work_dir=str(work_dir),
                launcher='none',
                experiment_name=f'{work_dir.name}',
                train_dataloader=dict(
                    batch_size=batch_size,
                    num_workers=0,
                    dataset=dict(type='Points'),
                    sampler=dict(type='DefaultSampler', shuffle=False),
                    collate_fn=dict(type='pseudo_collate'),
                ),
                train_cfg=dict(by_epoch=True, max_epochs=epochs),
                optim_wrapper=dict(optimizer=dict(type='SGD', lr=1e-3)),
                default_hooks=dict(logger=dict(type='LoggerHook', interval=1)),
                randomness=dict(seed=0),
                auto_scale_lr=dict(enable=False),
            )
        )
    )


def losses_of(runner) -> list[float]:
    return runner.message_hub.log_scalars['train/loss'].data[0].tolist()
