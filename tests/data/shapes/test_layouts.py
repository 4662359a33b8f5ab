"""The embedded data set: what its files hold, and who reads them."""

import hashlib
import json
from pathlib import Path

import cv2
import pytest
import shapes_case
from shapes_case import SMALL, contents, load

from hrnet_mm.data.shapes import LAYOUTS, STREET_CLASSES, make_shapes
from hrnet_mm.data.shapes.coco import CATEGORIES
from hrnet_mm.data.shapes.layouts import SPLITS

made = shapes_case.made  # a fixture

GOLDEN = {
    'coco': '0c27b2dbaed9069a544eb5bfef296c840bc804dbb5aa562e7f7618710b384f77',
    'coco-pose': 'bb9515684f8dce60f511ce6425f568ae327713d0e3bf694ecf142fc25ba754d9',
    'cityscapes': '0bd0c1f547e291deba4ef2e4609a3e1075373374e7514bd45d4ffffe56ab4ebb',
}


def digest(folder):
    """Hash pixels and parsed annotations, whatever the PNG encoder's version."""
    sha = hashlib.sha256()
    for name in sorted(contents(folder)):
        sha.update(name.encode())
        if name.endswith('.png'):
            pixels = cv2.imread(str(folder / name), cv2.IMREAD_UNCHANGED)
            sha.update(f'{pixels.shape} {pixels.dtype}'.encode() + pixels.tobytes())
        else:
            content = json.loads((folder / name).read_text())
            sha.update(json.dumps(content, sort_keys=True).encode())
    return sha.hexdigest()


@pytest.mark.parametrize('layout', LAYOUTS)
def test_equal_seeds_give_equal_bytes_and_other_seeds_do_not(made, tmp_path, layout):
    make_shapes(tmp_path / 'again', layout, **SMALL)
    make_shapes(tmp_path / 'other', layout, **{**SMALL, 'seed': 8})
    first, again, other = map(
        contents, (made / layout, tmp_path / 'again', tmp_path / 'other')
    )
    assert first == again
    assert first.keys() == other.keys()
    assert all(first[n] != other[n] for n in first if n.endswith('Bit.png'))
    assert digest(made / layout) != digest(tmp_path / 'other')


@pytest.mark.parametrize('layout', LAYOUTS)
def test_pixels_and_annotations_are_those_of_every_other_machine(made, layout):
    assert digest(made / layout) == GOLDEN[layout]


@pytest.mark.parametrize('layout', LAYOUTS)
def test_a_larger_data_set_begins_with_the_smaller_one(made, tmp_path, layout):
    make_shapes(tmp_path / 'less', layout, **{**SMALL, 'train': 2})
    less, more = contents(tmp_path / 'less'), contents(made / layout)
    images = [name for name in less if name.endswith('.png')]
    assert all(less[name] == more[name] for name in images)
    for path in (tmp_path / 'less').glob('annotations/*_train2017.json'):
        less, more = load(path.parents[1], path.stem), load(made / layout, path.stem)
        count = len(less['annotations'])
        assert less['annotations'] == more['annotations'][:count]
        assert less['images'] == more['images'][:2]


@pytest.mark.parametrize(
    ('layout', 'name'), [('coco', 'instances'), ('coco-pose', 'person_keypoints')]
)
def test_records_are_complete(made, layout, name):
    for split in SPLITS:
        content = load(made / layout, f'{name}_{split}2017')
        images, records = content['images'], content['annotations']
        assert len(images) == SMALL[split]
        for image in images:
            path = made / layout / f'{split}2017' / image['file_name']
            assert cv2.imread(str(path)).shape == (image['height'], image['width'], 3)
        assert len({record['id'] for record in records}) == len(records)
        image_ids = {image['id'] for image in images}
        category_ids = {category['id'] for category in content['categories']}
        assert {record['image_id'] for record in records} == image_ids
        assert {record['category_id'] for record in records} <= category_ids


@pytest.mark.slow  # to import the toolbox
def test_mmdet_reads_it(made):
    datasets = pytest.importorskip('mmdet.datasets')
    assert datasets.CocoDataset.METAINFO['classes'] == tuple(
        category['name'] for category in CATEGORIES
    )
    dataset = datasets.CocoDataset(
        data_root=str(made / 'coco'),
        ann_file='annotations/instances_train2017.json',
        data_prefix=dict(img='train2017/'),
        filter_cfg=dict(filter_empty_gt=True, min_size=32),
        pipeline=[],
    )
    records = load(made / 'coco', 'instances_train2017')['annotations']
    read = [dataset.get_data_info(i) for i in range(len(dataset))]
    assert len(dataset) == SMALL['train']
    assert sum(len(info['instances']) for info in read) == len(records)
    assert all(Path(info['img_path']).is_file() for info in read)


@pytest.mark.slow  # to import the toolbox
def test_mmpose_reads_it(made):
    datasets = pytest.importorskip('mmpose.datasets')
    root = made / 'coco-pose'
    common = dict(data_root=str(root), data_mode='topdown', pipeline=[])
    val = dict(
        common,
        ann_file='annotations/person_keypoints_val2017.json',
        data_prefix=dict(img='val2017/'),
    )
    detected = root.joinpath(
        'person_detection_results', 'COCO_val2017_detections_AP_H_56_person.json'
    )
    records = load(root, 'person_keypoints_val2017')['annotations']
    boxes = json.loads(detected.read_text())
    assert len(datasets.CocoDataset(**val)) == len(records)
    found = datasets.CocoDataset(**val, bbox_file=str(detected), test_mode=True)
    assert len(found) == len(boxes) >= len(records)
    assert all(0 <= box['score'] <= 1 and min(box['bbox'][2:]) > 0 for box in boxes)


@pytest.mark.slow  # to import the toolbox
def test_mmseg_reads_it(made):
    datasets = pytest.importorskip('mmseg.datasets')
    assert datasets.CityscapesDataset.METAINFO['classes'] == STREET_CLASSES
    for split in SPLITS:
        dataset = datasets.CityscapesDataset(
            data_root=str(made / 'cityscapes'),
            data_prefix=dict(
                img_path=f'leftImg8bit/{split}', seg_map_path=f'gtFine/{split}'
            ),
            pipeline=[],
        )
        assert len(dataset) == SMALL[split]
        for index in range(len(dataset)):
            info = dataset.get_data_info(index)
            assert Path(info['img_path']).is_file()
            assert Path(info['seg_map_path']).is_file()


@pytest.mark.parametrize(
    ('wrong', 'message'),
    [
        (dict(layout='voc'), "'voc' is unknown; there are coco, coco-pose"),
        (dict(train=-1), 'train is -1; it must be 1 image or more'),
        (dict(val=0), 'val is 0'),
        (dict(seed=-1), 'seed is -1'),
        (dict(size=(96, 32)), 'size is 96x32; height and width must be between'),
    ],
)
def test_wrong_arguments_are_named(tmp_path, wrong, message):
    with pytest.raises(ValueError, match=message):
        make_shapes(tmp_path / 'out', **wrong)
    assert list(tmp_path.iterdir()) == []
