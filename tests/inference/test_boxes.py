"""Boxes of people come from a file, a detector, or the whole image."""

import inference_case
import numpy as np
import pytest
from inference_case import coco_of

from hrnet_mm.errors import UserError

# Fixtures
boxes = inference_case.boxes
data = inference_case.data
images = inference_case.images
run = inference_case.run
saved = inference_case.saved


@pytest.mark.slow
def test_points_in_given_boxes(run, images, boxes, tmp_path):
    status, results, listing = run('points', images, '--boxes', boxes)
    assert status == 0
    assert [r['bbox'] for r in results] == [[5, 5, 40, 80], [60, 10, 40, 80]]
    assert len(listing['images']) == 3
    for result in results:
        points = np.array(result['keypoints']).reshape(17, 3)
        assert (points[:, 0] > -20).all()
        assert (points[:, 0] < 132).all()
    assert listing['categories'][0]['keypoints'][:2] == ['nose', 'left_eye']
    assert [16, 14] in listing['categories'][0]['skeleton']
    assert len(coco_of(tmp_path).anns) == 2
    _, all_of_them, _ = run(
        'points', images, '--boxes', boxes, '--score-thr', 0, out='all'
    )
    assert len(all_of_them) == 3


@pytest.mark.slow
def test_points_in_whole_images_and_detected_boxes(run, saved, images):
    _, results, _ = run('points', images)
    assert [r['bbox'] for r in results] == [[0, 0, 112, 96]] * 3
    _, detected, _ = run('boxes', images, out='detected')
    found = run(
        'points', images, '--detector', *saved('boxes'), '--score-thr', 0.05, out='all'
    )[1]
    boxes = [
        r['bbox'] for r in detected if r['category_id'] == 1 and r['score'] >= 0.05
    ]
    assert {tuple(r['bbox']) for r in found} <= {tuple(box) for box in boxes}


@pytest.mark.slow
def test_a_detector_loads_images_by_its_own_config(run, saved, images):
    detector = ['--detector', *saved('boxes')]
    # One channel for the key points, three for the detector: else all are problems.
    status, _, listing = run('points', images, *detector, channels=1)
    assert status == 0
    assert len(listing['images']) == 3


@pytest.mark.slow
def test_a_detector_that_has_found_nobody(run, images, tmp_path, capsys):
    path = tmp_path / 'boxes.json'
    path.write_text('[]')
    status, results, listing = run('points', images, '--boxes', path)
    assert status == 0
    assert results == []
    assert len(listing['images']) == 3
    shown = capsys.readouterr().out
    assert f'--boxes {path} holds no boxes: nobody is looked for\n' in shown


@pytest.mark.slow
@pytest.mark.parametrize(
    ('content', 'message'),
    [
        ('{}', 'is not a list of boxes'),
        ('no JSON', 'is not JSON'),
        ('[{"image_id": 1}]', 'is no box'),
        ('[{"image_id": 1, "bbox": [1, 2, "3", 4]}]', 'is no box'),
        ('[{"image_id": 99, "bbox": [1, 2, 3, 4]}]', 'no box of a person.*\n.*99'),
    ],
)
def test_box_files_that_are_none(run, images, tmp_path, content, message):
    (tmp_path / 'boxes.json').write_text(content)
    with pytest.raises(UserError, match=message):
        run('points', images, '--boxes', tmp_path / 'boxes.json')
    assert not (tmp_path / 'out').exists()
