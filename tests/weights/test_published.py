"""The table of published weights."""

import re
from collections import Counter

import pytest
from conftest import ROOT

from hrnet_mm.errors import UserError
from hrnet_mm.models import ARCHS
from hrnet_mm.weights.downloads import hash_of
from hrnet_mm.weights.published import by_file, find, published, similar, weights_for


def test_counts_of_the_publishers():
    counts = Counter(
        weights.source.split(' ')[0].strip(',:') for weights in published()
    )
    assert counts == {
        'official': 5 + 2,  # open-mmlab://msra/..., mmpose's pre-training
        'mmpretrain': 9,
        'HRNet-Image-Classification': 4,
        'timm': 4,  # those that are nowhere else
        'mmdet': 28 + 20,  # 3.x, 1.x
        'mmseg': 58,
        'HRNet-Semantic-Segmentation': 11,
        'deep-high-resolution-net.pytorch': 6,
        'mmpose': 78,  # 82 rows of metafiles, four files twice
    }


def test_rows_are_complete_and_unique():
    rows = published()
    names = [name for row in rows for name in (row.name, *row.aliases)]
    assert len(set(names)) == len(names)
    urls = [url for row in rows for url in row.urls]
    assert len(set(urls)) == len(urls)
    for row in rows:
        assert row.task in {'classification', 'detection', 'segmentation', 'pose'}
        assert row.arch in ARCHS
        assert row.upsample in {'nearest', 'bilinear', 'bilinear, aligned'}
        assert row.licence in {'MIT', 'Apache-2.0'}
        assert all(url.startswith(('https://', 'hf_hub:')) for url in row.urls)
        assert row.page.startswith('https://')
        assert row.urls or 'drive.google.com' in row.page


def test_hashes_are_those_in_the_file_names():
    for row in published():
        if row.sha256:
            assert re.fullmatch('[0-9a-f]{8}', row.sha256)
            assert not re.fullmatch(r'20[12]\d[01]\d[0-3]\d', row.sha256)  # a date
            assert row.sha256 in row.file
        else:
            known = ('official-', 'hrnet_w18_small_v', 'hrnet_w18_aug')
            assert row.name.startswith(known) or 'exlpose' in row.name


def test_configs_exist():
    names = {row.config for row in published() if row.config}
    assert not [n for n in names if not (ROOT / 'configs' / f'{n}.py').is_file()]


def test_weights_for_a_config():
    rows = weights_for('topdown_hrnet_w32_coco_384x288')
    assert [row.sha256 for row in rows] == ['', 'ca5956af']
    assert weights_for('faster_rcnn_r50_fpn_1x') == ()


@pytest.mark.parametrize('arch', ARCHS)
def test_imagenet_weights_have_one_kind_of_name(arch):
    found = find(f'hrnet_{arch}_imagenet')
    if arch.endswith('bottleneck'):  # never published
        assert found is None
        return
    assert (found.arch, found.data, found.task) == (arch, 'ImageNet', 'classification')


def test_names_of_openmmlab():
    assert find('open-mmlab://msra/hrnetv2_w32').name == 'hrnet_w32_imagenet'
    # The file's name does not say which of the two small networks it is.
    assert find('open-mmlab://msra/hrnetv2_w18_small').arch == 'w18_small_v2'
    assert find('hrnet-w30_3rdparty_8xb32_in1k').name == 'hrnet_w30_imagenet'


def test_a_config_stands_for_its_weights():
    name = 'faster-rcnn_hrnetv2p-w32-1x_coco'
    assert find('faster_rcnn_hrnetv2p_w32_1x').name == name
    # Beside mmpose's there are the official ones, which must be fetched by hand.
    assert find('topdown_hrnet_w32_coco_384x288').sha256 == 'ca5956af'
    assert find('faster_rcnn_r50_fpn_1x') is None
    message = (
        '5 files are published for the config hrnet_w48_c_imagenet; say which: '
        'hrnet_w48_imagenet, hrnet-w48_3rdparty_8xb32_in1k, hrnet_w48_ssld_imagenet'
    )
    with pytest.raises(UserError, match=message):
        find('hrnet_w48_c_imagenet')


def test_a_file_is_known_by_its_name():
    assert by_file('/tmp/hrnetv2_w32-dc9eeb4f.pth').name == 'hrnet_w32_imagenet'
    assert by_file('epoch_12.pth') is None
    assert by_file('') is None


def test_misspelt_names():
    assert similar('hrnet_w32_imagnet')[0] == 'hrnet_w32_imagenet'
    assert similar('resnet50') == []


def test_hashes_are_found_in_file_names():
    rows = [row for row in published() if row.sha256]
    assert [hash_of(row.file) for row in rows] == [row.sha256 for row in rows]
