"""hrnet_mm.ops.keypoint_coco beside what xtcocotools gave."""

from __future__ import annotations

import json

import numpy as np
import pytest
from operator_cases import GOLDEN, KINDS, figures

from hrnet_mm.ops import keypoint_coco


@pytest.mark.parametrize(('kind', 'use_area'), KINDS)
def test_equal_to_xtcocotools(tmp_path, kind, use_area):
    with np.load(GOLDEN) as golden:
        expected = golden[f'coco/{kind}/{use_area}']
    assert len(expected) == (9 if kind == 'crowd' else 10)
    assert figures(tmp_path, kind, use_area).tolist() == expected.tolist()


@pytest.mark.parametrize('in_a_file', [True, False])
def test_no_result_at_all_is_an_evaluation(tmp_path, in_a_file):
    figures(tmp_path, 'plain', True)
    truth = keypoint_coco.COCO(str(tmp_path / 'annotations.json'))
    (tmp_path / 'nobody.json').write_text('[]')
    nobody = truth.loadRes(str(tmp_path / 'nobody.json') if in_a_file else [])
    evaluation = keypoint_coco.COCOeval(truth, nobody, 'keypoints')
    evaluation.evaluate()
    evaluation.accumulate()
    evaluation.summarize()
    assert evaluation.stats[0] == 0


def test_a_file_without_counts_is_evaluated_alike(tmp_path):
    given = figures(tmp_path, 'plain', True)
    path = tmp_path / 'annotations.json'
    content = json.loads(path.read_text())
    for annotation in content['annotations']:
        annotation.pop('num_keypoints', None)
    path.write_text(json.dumps(content))
    truth = keypoint_coco.COCO(str(path))
    for person in truth.dataset['annotations']:
        assert person['num_keypoints'] == np.count_nonzero(person['keypoints'][2::3])
    found = truth.loadRes(str(tmp_path / 'results.json'))
    sigmas = np.linspace(0.03, 0.1, 17)  # of `figures`
    evaluation = keypoint_coco.COCOeval(truth, found, 'keypoints', sigmas)
    evaluation.evaluate()
    evaluation.accumulate()
    evaluation.summarize()
    assert evaluation.stats.tolist() == given.tolist()
