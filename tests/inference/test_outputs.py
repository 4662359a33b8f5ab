"""An inference leaves pictures or a video, label maps, and JSON."""

import json
from pathlib import Path

import cv2
import inference_case
import numpy as np
import pytest
from inference_case import TOOLBOXES, coco_of, main, write_video

from hrnet_mm.errors import UserError
from hrnet_mm.inference import Picture, Video, outputs
from hrnet_mm.inference.outputs import Files, remove_earlier

# Fixtures
data = inference_case.data
images = inference_case.images
run = inference_case.run
saved = inference_case.saved


@pytest.mark.slow
def test_masks(run, images, tmp_path):
    status, results, listing = run('masks', images, '--score-thr', 0.2)
    assert status == 0
    assert results
    ids = [int(path.stem) for path in sorted(images.iterdir())]
    assert [image['id'] for image in listing['images']] == ids
    assert [image['file_name'] for image in listing['images']] == [
        path.name for path in sorted(images.iterdir())
    ]
    for image in listing['images']:
        picture = cv2.imread(str(tmp_path / 'out' / image['picture']))
        assert picture.shape == (96, 112, 3) == (image['height'], image['width'], 3)
    # COCO's own numbers for COCO's names: 13 is the stop sign, 28 the umbrella.
    categories = {c['name']: c['id'] for c in listing['categories']}
    assert categories['stop sign'] == 13
    assert categories['umbrella'] == 28
    for result in results:
        x, y, width, height = result['bbox']
        assert 0 <= x <= x + width <= 112.01
        assert 0 <= y <= y + height <= 96.01
        assert 0 <= result['score'] <= 1
        assert result['segmentation']['size'] == [96, 112]
        assert result['category_id'] in categories.values()
    loaded = coco_of(tmp_path)
    assert len(loaded.anns) == len(results)
    assert loaded.annToMask(loaded.anns[1]).shape == (96, 112)


@pytest.mark.slow
def test_labels(run, images, tmp_path):
    status, results, listing = run('labels', images)
    assert status == 0
    names = [category['name'] for category in listing['categories']]
    for result, image in zip(results, listing['images'], strict=True):
        labels = cv2.imread(str(tmp_path / 'out' / image['labels']), -1)
        assert labels.shape == (96, 112)
        assert labels.dtype == np.uint8
        counts = {names[value]: (labels == value).mean() for value in np.unique(labels)}
        assert result['shares'] == pytest.approx(counts, abs=1e-6)
        assert (tmp_path / 'out' / image['picture']).is_file()


@pytest.mark.slow
def test_names(run, images):
    status, results, _ = run('names', images)
    assert status == 0
    for result in results:
        scores = [each['score'] for each in result['classes']]
        assert len(scores) == 5
        assert scores == sorted(scores, reverse=True)
        assert all(each['name'] == 'abcdefg'[each['id']] for each in result['classes'])


@pytest.mark.slow
@pytest.mark.parametrize('task', list(TOOLBOXES))
@pytest.mark.parametrize('channels', [1, 4])
def test_grey_images_and_those_with_four_channels(run, tmp_path, task, channels):
    folder = tmp_path / 'images'
    folder.mkdir()
    scene = cv2.resize(np.eye(4, 5, dtype=np.uint8) * 200, (112, 96))
    scene = np.dstack([scene, scene // 2, scene[::-1], scene])
    image = scene[..., 0] if channels == 1 else scene
    for name in ('a.png', 'b.png'):
        cv2.imwrite(str(folder / name), image)
    # What is less sure than this is not drawn; label maps are transparent.
    options = ['--score-thr', 1]
    options += ['--cfg-options', 'visualizer.alpha=0'] if task == 'labels' else []
    status, results, listing = run(task, folder, *options, channels=channels)
    assert status == 0
    assert {result['image_id'] for result in results} == {1, 2}
    for record in listing['images']:
        assert (record['height'], record['width']) == (96, 112)
        drawn = cv2.imread(str(tmp_path / 'out' / record['picture']))
        expected = np.dstack([image] * 3) if channels == 1 else image[..., :3]
        below = np.s_[40:]  # names are written at the top
        assert np.abs(drawn[below].astype(int) - expected[below]).mean() < 5


@pytest.mark.slow
def test_a_config_without_a_visualizer(run, images):
    image = sorted(images.iterdir())[0]
    assert run('names', image, '--cfg-options', 'visualizer=None')[0] == 0


@pytest.mark.slow
def test_video(run, tmp_path):
    write_video(tmp_path / 'clip.avi')
    status, results, listing = run('boxes', tmp_path / 'clip.avi')
    assert status == 0
    assert [image['id'] for image in listing['images']] == [1, 2, 3, 4, 5, 6]
    assert {image['picture'] for image in listing['images']} == {'clip.mp4'}
    assert {result['image_id'] for result in results} <= {1, 2, 3, 4, 5, 6}
    written = Video(tmp_path / 'out/clip.mp4')
    assert len(list(written)) == len(written) == 6
    assert written.size == (112, 96)
    assert written.fps == pytest.approx(10)


@pytest.mark.slow
def test_earlier_results_stay(run, images, tmp_path):
    image = sorted(images.iterdir())[0]
    run('names', images)
    (tmp_path / 'out/notes.txt').write_text('mine')
    before = (tmp_path / 'out/results.json').read_text()
    with pytest.raises(UserError, match='not empty.*--overwrite'):
        run('names', image)
    assert (tmp_path / 'out/results.json').read_text() == before
    _, results, _ = run('names', image, '--overwrite')
    assert len(results) == 1
    assert {path.name for path in (tmp_path / 'out').iterdir()} == {
        'notes.txt', 'results.json', 'images.json', f'{image.stem}.jpg'
    }  # fmt: skip


@pytest.mark.slow
def test_images_are_never_overwritten(saved, tmp_path):
    cv2.imwrite(str(tmp_path / 'a.jpg'), np.zeros((64, 64, 3), np.uint8))
    config, weights = saved('names')
    with pytest.raises(UserError, match='holds the images themselves'):
        main(
            *(tmp_path, '--config', config, '--weights', weights),
            *('--out', tmp_path, '--overwrite'),
        )


def named(name) -> str:
    """Return a list of an earlier run with one picture."""
    return json.dumps(dict(images=[dict(picture=name)]))


ODD = ['{"images": [{"pic', '', '[]', 'null', '5', '{"images": 5}', '[' * 10**6, '\0']
ODD += ['{"images": [null, 5, "a", []]}', '{"images": [' + '1' * 5000 + ']}']
ODD += [*map(named, (5, None, [], {}, '', '.', '..', 'labels', 'notes.txt'))]
ODD += [*map(named, ('../out.jpg', '/a.jpg', 'a' * 999 + '.jpg', '\0.jpg'))]
ODD += [*map(named, ('labels/../../out.jpg', '\ud800.jpg', 'labels/a/b.png'))]


@pytest.mark.parametrize('listing', ODD)
def test_a_list_that_was_cut_off_removes_only_itself(tmp_path, listing):
    (tmp_path / 'images.json').write_text(listing)
    (tmp_path / 'notes.txt').write_text('mine')
    remove_earlier(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ['notes.txt']


@pytest.mark.parametrize(('height', 'name'), [(65500, 'a.jpg'), (65501, 'a.png')])
def test_pictures_that_are_too_long_for_jpeg(tmp_path, height, name):
    drawn = np.full((height, 2, 3), (9, 99, 199), np.uint8)
    written = Files(tmp_path).write(Picture(1, 'a.tif', 'a', Path('a.tif')), drawn)
    assert written == name
    found = cv2.imread(str(tmp_path / name))
    assert np.abs(found.astype(int) - drawn[..., ::-1]).max() <= 3


def test_pictures_of_an_earlier_run_are_removed(tmp_path):
    listed = dict(images=[dict(picture='a.jpg', labels='labels/a.png'), 5])
    (tmp_path / 'images.json').write_text(json.dumps(listed))
    (tmp_path / 'labels').mkdir()
    for name in ('a.jpg', 'labels/a.png', 'b.jpg', 'results.json'):
        (tmp_path / name).touch()
    remove_earlier(tmp_path)
    assert {path.name for path in tmp_path.rglob('*')} == {'labels', 'b.jpg'}


@pytest.mark.slow
def test_links_in_the_folder_are_replaced(run, images, tmp_path):
    image = sorted(images.iterdir())[0]
    outside = tmp_path / 'precious'
    outside.write_text('mine')
    (tmp_path / 'out').mkdir()
    names = (f'{image.stem}.jpg', 'results.json', 'images.json')
    for name in names:
        (tmp_path / 'out' / name).symlink_to(outside)
    status, results, _ = run('names', image, '--overwrite')
    assert (status, len(results)) == (0, 1)
    assert outside.read_text() == 'mine'
    assert not any((tmp_path / 'out' / name).is_symlink() for name in names)


@pytest.mark.slow
@pytest.mark.parametrize('every', [0, 10])
def test_the_lists_are_written_meanwhile(run, images, tmp_path, monkeypatch, every):
    """A process that is killed has lost no more than the last seconds."""
    monkeypatch.setattr(outputs, 'EVERY', every)
    add, listed = outputs.Output.add, []

    def then_look(self, *args):
        add(self, *args)
        path = tmp_path / 'out/results.json'
        listed.append(len(json.loads(path.read_text())) if path.is_file() else 0)

    monkeypatch.setattr(outputs.Output, 'add', then_look)
    run('names', images, '--batch-size', 1)
    assert listed == ([1, 2, 3] if every == 0 else [0, 0, 0])


@pytest.mark.slow
def test_a_video_of_one_pixel(run, tmp_path):
    code = cv2.VideoWriter_fourcc(*'MJPG')
    writer = cv2.VideoWriter(str(tmp_path / 'clip.avi'), code, 10, (1, 1))
    writer.write(np.zeros((1, 1, 3), np.uint8))
    writer.release()
    with pytest.raises(UserError, match='clip.mp4 cannot be written: OpenCV encodes n'):
        run('names', tmp_path / 'clip.avi')


def test_a_video_that_lacks_frames_is_not_left(tmp_path):
    write_video(tmp_path / 'clip.avi', frames=2)
    video = Video(tmp_path / 'clip.avi')
    sink = outputs.VideoFile(tmp_path, video)
    for frame in video:
        sink.write(frame, frame.pixels)
    sink.frames += 1
    with pytest.raises(UserError, match='2 of 3 frames are in it. Is the disk full'):
        sink.close()
    assert [path.name for path in tmp_path.iterdir()] == ['clip.avi']


def test_videos_whose_names_opencv_cannot_bear(tmp_path):
    with pytest.raises(UserError, match='no UTF-8, with which OpenCV opens no video'):
        Video(tmp_path / '\udcff.avi')
