"""From images to results, batch by batch, past images that cannot be read."""

import json

import cv2
import inference_case
import numpy as np
import pytest
from conftest import ROOT
from inference_case import TOOLBOXES, close, main, write_video

from hrnet_mm.errors import UserError
from hrnet_mm.inference import Video

# Fixtures
data = inference_case.data
images = inference_case.images
run = inference_case.run
saved = inference_case.saved


@pytest.mark.slow
@pytest.mark.parametrize('task', list(TOOLBOXES))
def test_batches_do_not_matter(run, images, task):
    _, alone, listing = run(task, images, '--batch-size', 1)
    _, together, _ = run(task, images, '--batch-size', 2, out='together')
    assert len(listing['images']) == 3
    assert alone
    if task == 'masks':
        # A pixel at the edge of a mask may change with the last bit of its score.
        for result in alone + together:
            del result['segmentation']
    assert close(alone, together, 2e-3)


@pytest.mark.slow
def test_video_that_ends_early(run, tmp_path, capsys):
    whole = tmp_path / 'whole.avi'
    write_video(whole, frames=10)
    content = whole.read_bytes()
    (tmp_path / 'clip.avi').write_bytes(content[: len(content) * 6 // 10])
    status, _, listing = run('names', tmp_path / 'clip.avi')
    assert status == 1
    count = len(listing['images'])
    assert 0 < count < 10
    assert f'ends early: {count} of 10 frames could be read' in capsys.readouterr().out
    assert len(list(Video(tmp_path / 'out/clip.mp4'))) == count


@pytest.mark.slow
def test_unreadable_images(run, tmp_path, capsys):
    folder = tmp_path / 'images'
    folder.mkdir()
    cv2.imwrite(str(folder / 'good.png'), np.full((64, 64, 3), 9, np.uint8))
    (folder / 'empty.jpg').touch()
    (folder / 'text.jpg').write_text('no image')
    (folder / 'notes.txt').write_text('not looked at')
    status, results, listing = run('names', folder)
    assert status == 1
    assert [image['file_name'] for image in listing['images']] == ['good.png']
    assert len(results) == 1
    shown = capsys.readouterr().out
    assert 'empty.jpg cannot be read' in shown
    assert 'text.jpg cannot be read' in shown
    assert 'notes.txt' not in shown


@pytest.mark.slow
@pytest.mark.parametrize('task', ['boxes', 'points'])
def test_an_image_that_does_not_pass_the_pipeline(run, task, tmp_path, capsys):
    folder = tmp_path / 'strips'
    folder.mkdir()
    for name, size in (('1', (96, 112)), ('2', (1, 4000)), ('3', (96, 112))):
        cv2.imwrite(str(folder / f'{name}.png'), np.full((*size, 3), 99, np.uint8))
    status, _, listing = run(task, folder, '--batch-size', 3)
    names = [image['file_name'] for image in listing['images']]
    if task == 'boxes':
        assert (status, names) == (1, ['1.png', '3.png'])
        said = capsys.readouterr().out.replace('\n', ' ')
        assert '2.png (4000 x 1) does not pass the pipeline: ' in said
    else:
        assert (status, names) == (0, ['1.png', '2.png', '3.png'])


def channels_config(folder, channels):
    """A segmentation config of another number of channels, and weights for it."""
    color = 'grayscale' if channels == 1 else 'unchanged'
    config = folder / 'own.py'
    config.write_text(
        f'_base_ = "{ROOT}/configs/demo_fcn_hrnetv2.py"\n'
        f'model = dict(backbone=dict(in_channels={channels}), data_preprocessor='
        f'dict(mean=[127.5] * {channels}, std=[64.0] * {channels}, bgr_to_rgb=False))\n'
        'test_dataloader = dict(dataset=dict(pipeline=[dict(type="LoadImageFromFile", '
        f'color_type="{color}"), dict(type="PackSegInputs")]))\n'
    )
    inference_case._save(config, folder / 'own.pth')
    return config, folder / 'own.pth'


@pytest.mark.slow
def test_grey_pictures_and_videos(data, tmp_path):
    pytest.importorskip('mmseg')
    config, weights = channels_config(tmp_path, 1)
    write_video(tmp_path / 'clip.avi')
    for source in (data / 'val2017', tmp_path / 'clip.avi'):
        out = tmp_path / source.stem
        options = ('--config', config, '--weights', weights, '--out', out)
        assert main(source, *options) == 0
        listing = json.loads((out / 'images.json').read_text())
        assert len(listing['images']) in (3, 6)
        assert len(json.loads((out / 'results.json').read_text())) in (3, 6)


@pytest.mark.slow
def test_four_channels(tmp_path, capsys):
    pytest.importorskip('mmseg')
    config, weights = channels_config(tmp_path, 4)
    (tmp_path / 'in').mkdir()
    for channels in (3, 4):
        pixels = np.full((64, 64, channels), 99, np.uint8)
        cv2.imwrite(str(tmp_path / f'in/{channels}.png'), pixels)
    options = ('--config', config, '--weights', weights, '--out', tmp_path / 'out')
    assert main(tmp_path / 'in', *options) == 1
    said = capsys.readouterr().out.replace('\n', ' ')
    assert '3.png has 3 channels, the network takes 4.' in said
    listing = json.loads((tmp_path / 'out/images.json').read_text())
    assert [image['file_name'] for image in listing['images']] == ['4.png']
    write_video(tmp_path / 'clip.avi')
    with pytest.raises(UserError, match='clip.avi has 3 channels, the network takes 4'):
        main(tmp_path / 'clip.avi', *options, '--overwrite')


@pytest.mark.slow
def test_few_bits_and_files_that_are_not_read(run, tmp_path, capsys):
    folder = tmp_path / 'deep'
    folder.mkdir()
    cv2.imwrite(str(folder / '1.png'), np.full((64, 64, 3), 4000, np.uint16))
    cv2.imwrite(str(folder / '2.jpe'), np.full((64, 64, 3), 99, np.uint8))
    for name in ('a.gif', 'b.heic', 'c.HEIC', 'notes.txt'):
        (folder / name).touch()
    status, _, listing = run('names', folder)
    assert status == 1
    assert [image['file_name'] for image in listing['images']] == ['1.png', '2.jpe']
    said = ' '.join(capsys.readouterr().out.split())
    assert '1.png has 16 bits and uses 12 of them' in said
    assert '1 .gif, 2 .heic: convert them' in said


@pytest.mark.slow
def test_nobody_in_any_picture(run, images, tmp_path):
    (tmp_path / 'none.json').write_text('[]')
    status, results, listing = run('points', images, '--boxes', tmp_path / 'none.json')
    assert (status, results, len(listing['images'])) == (0, [], 3)
