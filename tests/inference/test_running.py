"""From images to results, batch by batch, past images that cannot be read."""

import errno
import json
import operator
import os
import shutil
from pathlib import Path

import cv2
import inference_case
import numpy as np
import pytest
import torch
from inference_case import TOOLBOXES, close, write_video

from hrnet_mm.errors import Terminated, UserError
from hrnet_mm.inference import PosePredictor, Predictor, Video
from hrnet_mm.toolboxes import TOOLBOXES as TOOLBOXES_BY_NAME

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
    (folder / 'phone.heic').write_text('not read')
    status, results, listing = run('names', folder)
    assert status == 1
    assert [image['file_name'] for image in listing['images']] == ['good.png']
    assert len(results) == 1
    shown = capsys.readouterr().out
    assert 'empty.jpg cannot be read (it is empty)' in shown
    assert 'text.jpg cannot be read (it is no image)' in shown
    assert 'notes.txt' not in shown
    assert 'skipped: 1 .heic (1 in all). Convert pictures to' in shown


@pytest.mark.slow
@pytest.mark.parametrize('batch_size', [1, 2, 4])
@pytest.mark.parametrize('task', ['boxes', 'points'])
def test_images_that_the_pipeline_cannot_take(
    run, saved, images, tmp_path, capsys, task, batch_size
):
    folder = tmp_path / 'images'
    shutil.copytree(images, folder)
    cv2.imwrite(str(folder / '0.png'), np.full((900, 3, 3), 9, np.uint8))
    options = ['--batch-size', batch_size]
    if task == 'points':  # for whole images nothing is resized: the detector fails
        options += ['--detector', *saved('boxes'), '--score-thr', 0.05]
    status, results, listing = run(task, folder, *options)
    assert status == 1
    names = [image['file_name'] for image in listing['images']]
    assert names == sorted(path.name for path in images.iterdir())
    assert {result['image_id'] for result in results} <= {
        image['id'] for image in listing['images']
    }
    shown = capsys.readouterr().out
    problem = f'problem: {folder}/0.png (3 x 900 pixels) cannot be prepared: '
    assert problem + 'Resize ends with cv2.error: OpenCV(' in shown
    assert "inv_scale_x > 0 in function 'resize'\n" in shown
    assert shown.count('problem: ') == 1


@pytest.mark.slow
def test_crops_that_the_pipeline_cannot_take(run, images, monkeypatch, capsys):
    transforms = pytest.importorskip('mmpose.datasets.transforms')
    first, *others = sorted(images.iterdir())
    scaled = transforms.GetBBoxCenterScale.transform

    def fails(step, image):
        if image['img_path'] == str(first):
            raise ValueError('no such\nbox')
        return scaled(step, image)

    monkeypatch.setattr(transforms.GetBBoxCenterScale, 'transform', fails)
    status, results, _ = run('points', images, '--batch-size', 4)
    assert status == 1
    assert [result['image_id'] for result in results] == [int(p.stem) for p in others]
    assert (
        f'problem: {first} (112 x 96 pixels) cannot be prepared: GetBBoxCenterScale '
        'ends with ValueError: no such box\n'
    ) in capsys.readouterr().out


@pytest.mark.slow
def test_images_with_another_number_of_channels(run, tmp_path, capsys):
    folder = tmp_path / 'images'
    folder.mkdir()
    for name, channels in (('a.png', 4), ('b.png', 3), ('c.png', 4)):
        pixels = np.full((96, 112, channels), 9, np.uint8)
        cv2.imwrite(str(folder / name), pixels)
    status, results, _ = run('names', folder, channels=4)
    assert status == 1
    assert [result['image_id'] for result in results] == [1, 3]
    assert (
        f'problem: {folder}/b.png has 3 channels after the test pipeline, but the '
        'model takes 4. Give it such images, or set color_type of LoadImageFromFile '
        "(it is 'unchanged')\n"
    ) in capsys.readouterr().out


@pytest.mark.slow
@pytest.mark.parametrize('task', ['boxes', 'labels', 'names', 'points'])
def test_a_video_for_a_grey_model(run, tmp_path, task):
    write_video(tmp_path / 'clip.avi', frames=2)
    status, found, _ = run(task, tmp_path / 'clip.avi', channels=1)
    assert status == 0
    folder = tmp_path / 'frames'
    folder.mkdir()
    for frame in Video(tmp_path / 'clip.avi'):
        # OpenCV makes files grey as it makes frames grey.
        grey = cv2.cvtColor(frame.pixels, cv2.COLOR_BGR2GRAY)
        cv2.imwrite(str(folder / f'{frame.image_id}.png'), grey)
    _, expected, _ = run(task, folder, channels=1, out='pictures')
    assert expected
    assert found == expected


@pytest.mark.slow
def test_a_video_for_a_model_of_four_channels(run, tmp_path):
    write_video(tmp_path / 'clip.avi', frames=2)
    with pytest.raises(UserError) as found:
        run('names', tmp_path / 'clip.avi', channels=4)
    assert str(found.value) == (
        f'frame 1 of {tmp_path}/clip.avi has 3 channels after the test pipeline, but '
        'the model takes 4. Give it such images, or set color_type of '
        "LoadImageFromFile (it is 'unchanged').\nAll frames of a video are of one size "
        'and have 3 channels, or 1 where the loading step has '
        "color_type='grayscale': give this model a folder of pictures that fit"
    )
    assert [path.name for path in tmp_path.iterdir()] == ['clip.avi']


@pytest.mark.slow
def test_16_bit_pictures_that_are_nearly_black(run, tmp_path, capsys):
    folder = tmp_path / 'images'
    folder.mkdir()
    pixels = np.arange(96 * 112, dtype=np.uint16).reshape(96, 112) % 4096
    cv2.imwrite(str(folder / 'a.png'), pixels)
    cv2.imwrite(str(folder / 'b.png'), pixels * 16)
    status, results, _ = run('names', folder)
    assert status == 1
    assert [result['image_id'] for result in results] == [1, 2]
    shown = capsys.readouterr().out
    assert f'problem: {folder}/a.png uses 12 of its 16 bits, of which' in shown
    assert shown.count('problem: ') == 1


NAMES = ('...png', 'n' * 251 + '.png', 'a\nb.png', '%d{}.png', '-rf.png', 'o\'"k.png')


@pytest.mark.slow
@pytest.mark.parametrize('task', list(TOOLBOXES))
def test_odd_pictures_and_names_end_nothing(run, images, tmp_path, capsys, task):
    folder = tmp_path / 'images'
    shutil.copytree(images, folder)
    good = [path.name for path in images.iterdir()]
    for name in NAMES:
        shutil.copy(images / good[0], folder / name)
    shutil.copy(os.fsencode(images / good[0]), os.fsencode(folder) + b'/\xff.png')
    Path(os.fsdecode(os.fsencode(folder) + b'/\xfe.png')).write_text('no image')
    for height, width in ((1, 3000), (3000, 1), (1, 1), (2, 2)):
        pixels = np.full((height, width, 3), 9, np.uint8)
        cv2.imwrite(str(folder / f'z{height}x{width}.png'), pixels)
    (folder / 'y1.jpg').symlink_to(tmp_path / 'nowhere')
    (folder / 'y2.jpg').symlink_to(folder / 'y2.jpg')
    (folder / 'y3.jpg').mkdir()
    os.mkfifo(folder / 'y4.jpg')
    status, results, listing = run(task, folder)
    assert status == 1
    done = {image['file_name'] for image in listing['images']}
    assert {*good, *NAMES, '\udcff.png'} <= done
    assert {result['image_id'] for result in results} <= {
        image['id'] for image in listing['images']
    }
    for image in listing['images']:
        assert (tmp_path / 'out' / image['picture']).is_file()
        assert (tmp_path / 'out' / image.get('labels', '.')).exists()
    shown = capsys.readouterr().out
    for name, why in (
        ('y1.jpg', 'it is a link that leads nowhere'),
        ('y2.jpg', 'it is a link that leads nowhere'),
        ('y3.jpg', 'it is a folder'),
        ('y4.jpg', 'it is a pipe or a device'),
        ('\\udcfe.png', 'it is no image'),
    ):
        assert f'problem: {folder}/{name} cannot be read ({why})\n' in shown


@pytest.fixture
def folder(images, tmp_path):
    """Three images that are numbered 1 to 3."""
    place = tmp_path / 'images'
    place.mkdir()
    for number, path in enumerate(sorted(images.iterdir()), 1):
        shutil.copy(path, place / f'{number}.png')
    return place


@pytest.mark.slow
@pytest.mark.parametrize('batch_size', [1, 3])
def test_a_picture_on_which_the_model_fails(
    run, folder, monkeypatch, capsys, batch_size
):
    forward = Predictor.forward

    def fails(self, prepared):
        if any(each['data_samples'].img_path.endswith('2.png') for each in prepared):
            raise RuntimeError('out of memory')
        return forward(self, prepared)

    monkeypatch.setattr(Predictor, 'forward', fails)
    status, results, _ = run('names', folder, '--batch-size', batch_size)
    assert status == 1
    assert [result['image_id'] for result in results] == [1, 3]
    shown = capsys.readouterr().out
    problem = f'problem: {folder}/2.png cannot be predicted on: RuntimeError: out of '
    assert f'{problem}memory (test_running.py, line ' in shown
    assert shown.count('problem: ') == 1


@pytest.mark.slow
@pytest.mark.parametrize('place', ['draw', 'records', 'label_map'])
def test_a_picture_that_cannot_be_drawn_or_written(
    run, folder, monkeypatch, capsys, place
):
    calls = []
    kind = type(TOOLBOXES_BY_NAME['mmpretrain'])
    kept = getattr(kind, place)

    def fails(*args, **options):
        calls.append(place)
        if len(calls) == 2:
            raise IndexError('beyond')
        return kept(*args, **options)

    monkeypatch.setattr(kind, place, fails)
    status, results, listing = run('names', folder)
    assert status == 1
    assert [result['image_id'] for result in results] == [1, 3]
    assert [image['id'] for image in listing['images']] == [1, 3]
    problem = f'problem: {folder}/2.png cannot be drawn or written: IndexError: beyond'
    assert problem in capsys.readouterr().out


@pytest.mark.slow
@pytest.mark.parametrize('task', list(TOOLBOXES))
def test_predictions_that_are_no_numbers(run, folder, monkeypatch, capsys, task):
    if task == 'labels':
        odd = 'seg_logits.data'
    else:
        odd = 'pred_score' if task == 'names' else 'pred_instances.scores'
    call = PosePredictor.__call__ if task == 'points' else Predictor.__call__

    def with_nan(self, loaded):
        samples = call(self, loaded)
        value = operator.attrgetter(odd)(samples[0])
        with torch.inference_mode():
            value[(0,) * value.ndim] = float('nan')
        return samples

    owner = PosePredictor if task == 'points' else Predictor
    monkeypatch.setattr(owner, '__call__', with_nan)
    status, results, listing = run(task, folder, '--batch-size', 3)
    assert status == 1
    assert [image['id'] for image in listing['images']] == [2, 3]
    assert {result['image_id'] for result in results} == {2, 3}
    assert (
        f'problem: {folder}/1.png: the model finds NaN or infinite numbers there '
        f'({odd})\n'
    ) in capsys.readouterr().out


@pytest.mark.slow
def test_a_full_disk_stops_the_run_and_keeps_what_was_done(
    run, folder, monkeypatch, tmp_path
):
    write = Path.write_bytes

    def full(path, content):
        if len(list(path.parent.glob('*.jpg'))) == 2:
            raise OSError(errno.ENOSPC, 'No space left on device')
        return write(path, content)

    monkeypatch.setattr(Path, 'write_bytes', full)
    with pytest.raises(
        UserError, match=r'out/3\.jpg could not be written: the disk is'
    ):
        run('names', folder, '--batch-size', 1)
    names = {path.name for path in (tmp_path / 'out').iterdir()}
    assert names == {'1.jpg', '2.jpg', 'images.json', 'results.json'}
    for name in ('images.json', 'results.json'):
        content = json.loads((tmp_path / 'out' / name).read_text())
        assert len(content['images'] if isinstance(content, dict) else content) == 2


@pytest.mark.slow
@pytest.mark.parametrize('kind', [KeyboardInterrupt, Terminated])
@pytest.mark.parametrize('source', ['folder', 'video'])
def test_an_interruption_keeps_what_was_done(
    run, folder, monkeypatch, tmp_path, kind, source
):
    load = Predictor.load

    def stops(self, picture):
        if picture.image_id == 3:
            raise kind
        return load(self, picture)

    monkeypatch.setattr(Predictor, 'load', stops)
    if source == 'video':
        write_video(tmp_path / 'clip.avi', frames=5)
        folder = tmp_path / 'clip.avi'
    with pytest.raises(kind) as stop:
        run('names', folder, '--batch-size', 1)
    total = 5 if source == 'video' else 3
    assert str(stop.value) == (
        f'Interrupted: 2 of {total} images are done, their results are in '
        f'{tmp_path}/out.'
    )
    content = json.loads((tmp_path / 'out/results.json').read_text())
    assert [result['image_id'] for result in content] == [1, 2]
    assert len(json.loads((tmp_path / 'out/images.json').read_text())['images']) == 2
    if source == 'video':
        assert len(list(Video(tmp_path / 'out/clip.mp4'))) == 2
