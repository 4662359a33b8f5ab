"""From images to results, batch by batch, past images that cannot be read."""

import cv2
import inference_case
import numpy as np
import pytest
from inference_case import TOOLBOXES, close, write_video

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
