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


@pytest.mark.slow
def test_a_run_is_refused_continued_or_overwritten(tmp_path):
    pytest.importorskip('mmseg')
    given = dict(cwd=tmp_path)
    size = ('--layout', 'cityscapes', '--train', 2, '--val', 1, '--size', '128x256')
    assert (
        run('-m', 'hrnet_mm', 'shapes', 'data/demo_seg', *size, **given).returncode == 0
    )
    keys = ('train_cfg.max_epochs=1', 'train_dataloader.batch_size=2')
    words = ('-m', 'hrnet_mm', 'train', 'demo_fcn_hrnetv2', '--cfg-options', *keys)
    work = tmp_path / 'work_dirs/demo_fcn_hrnetv2'
    best = run(*words, '--save-best', '--early-stopping', 2, **given)
    assert best.returncode == 0, best.stderr[-3000:]
    assert {path.name for path in work.glob('*.pth')} == {
        'epoch_1.pth',
        'best_mIoU_epoch_1.pth',
    }
    refused = run(*words, **given)
    assert refused.returncode == 2
    assert 'work_dirs/demo_fcn_hrnetv2 holds a run already: 3 files' in refused.stderr
    again = run(*words, '--resume', **given)
    assert again.returncode == 0, again.stderr[-3000:]
    assert 'is complete: 1 of 1 iterations are trained' in again.stdout + again.stderr
    stamp = (work / 'epoch_1.pth').stat().st_mtime_ns
    anew = run(*words, '--overwrite', **given)
    assert anew.returncode == 0, anew.stderr[-3000:]
    assert (work / 'epoch_1.pth').stat().st_mtime_ns > stamp
    assert [path.name for path in work.glob('*.pth')] == ['epoch_1.pth']
    both = run(*words, '--overwrite', '--resume', **given)
    assert both.returncode == 2
    assert '--resume and --overwrite exclude each other' in both.stderr
