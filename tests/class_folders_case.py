"""Class folders of images in five colours, and the smallest classifier on them."""

import cv2
import numpy as np
import pytest
from conftest import ROOT

from hrnet_mm.config.opening import read_config

COLOURS = {
    'blue': (255, 60, 60),
    'cyan': (255, 255, 60),
    'green': (60, 255, 60),
    'red': (60, 60, 255),
    'yellow': (60, 255, 255),
}


@pytest.fixture
def folders(tmp_path):
    """Eight images of 48x40 in each class folder, in one colour and noise."""
    random = np.random.default_rng(0)
    for split in ('train', 'val'):
        for name, colour in COLOURS.items():
            folder = tmp_path / 'colours' / split / name
            folder.mkdir(parents=True)
            for i in range(8):
                noise = random.integers(0, 60, (48, 40, 3))
                image = (np.array(colour) - noise).clip(0, 255).astype(np.uint8)
                cv2.imwrite(str(folder / f'{i}.jpg'), image)
    return tmp_path / 'colours'


def on_folders(folders, work_dir, **options):
    """The smallest config on the made folders, at 32x32.

    In 64 steps, twice what it takes: rounding decides how far it is after 32.
    """
    options = {
        'data_root': f'{folders}/',
        'train_cfg.max_epochs': 32,
        'train_cfg.val_interval': 32,
        'default_hooks.checkpoint.interval': 32,
        'train_dataloader.batch_size': 20,
        'train_dataloader.dataset.pipeline.1.scale': 32,
        'model.head.num_classes': len(COLOURS),
        'work_dir': str(work_dir),
        'experiment_name': work_dir.name,
        'randomness.seed': 0,
        **options,
    }
    for split in ('train', 'val', 'test'):
        loader = f'{split}_dataloader'
        options[f'{loader}.num_workers'] = 0
        options[f'{loader}.persistent_workers'] = False
        options[f'{loader}.dataset.metainfo.classes'] = list(COLOURS)
        if split != 'train':
            options[f'{loader}.dataset.pipeline.1.scale'] = 36
            options[f'{loader}.dataset.pipeline.2.crop_size'] = 32
    pytest.importorskip('mmpretrain')
    return read_config(str(ROOT / 'configs/hrnet_w18_small_v1_c_imagenet.py'), options)
