"""The table of published weights."""

import re
from collections import Counter

from conftest import ROOT

from hrnet_mm.checkpoints.published import published, weights_for
from hrnet_mm.models import ARCHS


def test_counts_of_the_publishers():
    counts = Counter(
        weights.source.split(' ')[0].strip(',:') for weights in published()
    )
    assert counts == {
        'official': 5 + 2,  # open-mmlab://msra/..., mmpose's pre-training
        'mmpretrain': 9,
        'HRNet-Image-Classification': 4,
        'mmdet': 28 + 20,  # 3.x, 1.x
        'mmseg': 58,
        'HRNet-Semantic-Segmentation': 11,
        'mmpose': 78,  # 82 rows of metafiles, four files twice
    }


def test_rows_are_complete_and_unique():
    rows = published()
    assert len({row.name for row in rows}) == len(rows)
    assert len({row.urls[0] for row in rows}) == len(rows)
    for row in rows:
        assert row.task in {'classification', 'detection', 'segmentation', 'pose'}
        assert row.arch in ARCHS
        assert row.upsample in {'nearest', 'bilinear', 'bilinear, aligned'}
        assert row.licence in {'MIT', 'Apache-2.0'}
        assert all(url.startswith('https://') for url in row.urls)


def test_hashes_are_those_in_the_file_names():
    for row in published():
        if row.sha256:
            assert re.fullmatch('[0-9a-f]{8}', row.sha256)
            assert not re.fullmatch(r'20[12]\d[01]\d[0-3]\d', row.sha256)  # a date
            assert row.sha256 in row.urls[0]
        else:
            assert row.name.startswith('official-') or 'exlpose' in row.name


def test_configs_exist():
    names = {row.config for row in published() if row.config}
    assert not [n for n in names if not (ROOT / 'configs' / f'{n}.py').is_file()]


def test_weights_for_a_config():
    rows = weights_for('topdown_hrnet_w32_coco_384x288')
    assert [row.sha256 for row in rows] == ['ca5956af']
    assert weights_for('faster_rcnn_r50_fpn_1x') == ()
