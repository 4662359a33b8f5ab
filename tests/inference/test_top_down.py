"""Key points in boxes: how people are scored, and that mmpose finds the same."""

import inference_case
import numpy as np
import pytest

from hrnet_mm.inference.top_down import person_scores

# Fixtures
data = inference_case.data
images = inference_case.images
run = inference_case.run
saved = inference_case.saved


def test_scores_of_people():
    boxes = np.array([0.5, 1.0])
    points = np.array([[0.1, 0.4, 0.8], [0.1, 0.1, 0.1]])
    assert person_scores(boxes, points, 'bbox', 0.2).tolist() == [0.5, 1.0]
    mean = person_scores(boxes, points, 'keypoint', 0.2)
    assert mean == pytest.approx([1.3 / 3, 0.1])
    product = person_scores(boxes, points, 'bbox_keypoint', 0.2)
    assert product == pytest.approx([0.5 * 0.6, 0])


@pytest.mark.slow
def test_same_as_the_pose_inferencer(run, saved, images, tmp_path):
    from mmpose.apis import MMPoseInferencer

    results = run('points', images)[1]
    config, weights = saved('points')
    inferencer = MMPoseInferencer(
        str(config), str(weights), device='cpu', det_model='whole_image'
    )
    theirs = list(inferencer(str(images), out_dir=str(tmp_path / 'theirs')))
    for ours, image in zip(results, theirs, strict=True):
        points = np.array(ours['keypoints']).reshape(17, 3)[:, :2]
        expected = np.array(image['predictions'][0][0]['keypoints'])
        assert np.abs(points - expected).max() < 0.01
    assert len(list((tmp_path / 'theirs/visualizations').iterdir())) == 3
