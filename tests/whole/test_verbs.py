"""The verbs one after the other, from made data to pictures."""

import json

import pytest
from command import run


@pytest.mark.slow
def test_the_verbs_from_data_to_pictures(tmp_path):
    """Run as a user without a checkout: bare names, another folder."""
    pytest.importorskip('mmseg')
    given = dict(cwd=tmp_path)
    hrnet = ('-m', 'hrnet_mm')
    size = ('--layout', 'cityscapes', '--train', 2, '--val', 1, '--size', '128x256')
    assert run(*hrnet, 'shapes', 'data/demo_seg', *size, **given).returncode == 0
    keys = ('train_cfg.max_epochs=1', 'train_dataloader.batch_size=2')
    config = 'demo_fcn_hrnetv2'
    trained = run(*hrnet, 'train', config, '--cfg-options', *keys, **given)
    assert trained.returncode == 0, trained.stderr[-3000:]
    weights = next((tmp_path / f'work_dirs/{config}').glob('*.pth'))
    images = tmp_path / 'data/demo_seg/leftImg8bit/val'
    names = ('--config', config, '--weights', weights, '--out', 'found')
    pattern = f'{images}/**/*.png'
    found = run(*hrnet, 'predict', pattern, *names, '--device', 'cpu', **given)
    assert found.returncode == 0, found.stderr[-3000:]
    listing = json.loads((tmp_path / 'found/images.json').read_text())
    assert len(listing['images']) == 1
