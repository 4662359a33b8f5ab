"""The embedded data set: what its files hold, and what it refuses to touch."""

import hashlib
import json
import math
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from conftest import ROOT

from hrnet_mm.cli.draw import next_command
from hrnet_mm.data.shapes import LAYOUTS, SHAPE_CLASSES, STREET_CLASSES, make_shapes
from hrnet_mm.data.shapes.coco import CATEGORIES, annotation, outlines
from hrnet_mm.data.shapes.layouts import SPLITS
from hrnet_mm.data.shapes.raster import SINES, TURN, box, disc, generator, inside
from hrnet_mm.data.shapes.scenes import DETECTION, POSE, draw_scene

SMALL = dict(train=3, val=2, size=(96, 128), seed=7)
GOLDEN = {
    'coco': '0c27b2dbaed9069a544eb5bfef296c840bc804dbb5aa562e7f7618710b384f77',
    'coco-pose': 'bb9515684f8dce60f511ce6425f568ae327713d0e3bf694ecf142fc25ba754d9',
    'cityscapes': '0bd0c1f547e291deba4ef2e4609a3e1075373374e7514bd45d4ffffe56ab4ebb',
}


@pytest.fixture(scope='module')
def made(tmp_path_factory):
    """One folder per layout, each with the data set of `SMALL`."""
    root = tmp_path_factory.mktemp('made')
    for layout in LAYOUTS:
        assert make_shapes(root / layout, layout, **SMALL)
    return root


def contents(folder):
    paths = sorted(path for path in folder.rglob('*') if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


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


def load(folder, name):
    return json.loads((folder / 'annotations' / f'{name}.json').read_text())


def scenes(mix, count, size=(96, 128)):
    for index in range(count):
        yield draw_scene(generator(11, index), *size, mix)


# ---- determinism


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


def test_sine_table_does_not_depend_on_the_last_bit_of_a_sine():
    exact = [math.sin(math.tau * k / TURN) * 4096 for k in range(TURN)]
    assert all(abs(value % 1 - 0.5) > 1e-6 for value in exact)
    assert SINES[[0, 64, 128, 192]].tolist() == [0, 4096, 0, -4096]


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


# ---- objects


@pytest.mark.parametrize('bits', [0, 4])
def test_polygons_are_filled_by_pixel_centres(bits):
    square = box(2, 1, 5, 3) << bits
    y, x = np.nonzero(inside((6, 8), square, bits))
    assert (x.min(), x.max(), y.min(), y.max(), len(x)) == (2, 4, 1, 2, 6)
    halves = [box(-9, -9, 3, 99), box(3, -9, 99, 99)]
    left, right = (inside((6, 8), half << bits, bits) for half in halves)
    assert (left ^ right).all()  # neighbours share no pixel and leave none out
    outline = disc((40, 30), 25) << bits
    y, x = np.mgrid[:60, :80]
    distance = (x - 40) ** 2 + (y - 30) ** 2
    filled = inside((60, 80), outline, bits)
    assert filled[distance < 24**2].all()
    assert not filled[distance > 26**2].any()


@pytest.mark.parametrize('mix', [DETECTION, POSE])
def test_polygons_cover_exactly_the_visible_pixels(mix):
    coder = pytest.importorskip('pycocotools.mask')
    for scene in scenes(mix, 40):
        assert 1 <= len(scene.instances) <= mix.count[1]
        for instance in scene.instances:
            record = annotation(instance, 1, 1)
            codes = coder.frPyObjects(record['segmentation'], 96, 128)
            np.testing.assert_array_equal(
                coder.decode(coder.merge(codes)), instance.mask
            )
            y, x = np.nonzero(instance.mask)
            left, top, width, height = record['bbox']
            assert (left, top) == (x.min(), y.min())
            assert (left + width, top + height) == (x.max() + 1, y.max() + 1)
            assert record['area'] == instance.mask.sum() >= 64


def test_polygons_leave_holes_open():
    coder = pytest.importorskip('pycocotools.mask')
    mask = np.ones((12, 20), bool)
    mask[3:6, 4:8] = mask[7, 8] = mask[4:9, 12:15] = False
    mask[5, 13] = True  # an island in a hole
    codes = coder.frPyObjects(outlines(mask), *mask.shape)
    np.testing.assert_array_equal(coder.decode(coder.merge(codes)), mask)
    assert coder.area(codes).sum() == mask.sum()  # no pixel is covered twice


def test_objects_hide_each_other_and_none_is_hidden_too_far():
    hidden = 0
    for scene in scenes(POSE, 30):
        owners = np.sum([instance.mask for instance in scene.instances], axis=0)
        assert owners.max() == 1
        hidden += sum(1 in i.keypoints[:, 2] for i in scene.instances)
    assert hidden > 5


def test_key_points_tell_who_is_seen():
    seen = set()
    for scene in scenes(POSE, 40):
        for person in (i for i in scene.instances if i.name == 'person'):
            assert person.keypoints.shape == (17, 3)
            x, y, visibility = person.keypoints.T
            assert (x[visibility == 0] == 0).all()
            assert (y[visibility == 0] == 0).all()
            assert ((x >= 0) & (x < 128) & (y >= 0) & (y < 96)).all()
            labelled = visibility > 0
            own = person.mask[y, x][labelled]
            np.testing.assert_array_equal(own, visibility[labelled] == 2)
            every = np.any([i.mask for i in scene.instances], axis=0)
            assert every[y, x][labelled].all()  # what is not seen is covered
            seen.update(visibility.tolist())
    assert seen == {0, 1, 2}


def test_left_is_on_the_right_of_people_who_face_the_viewer():
    for scene in scenes(POSE, 20):
        for person in (i for i in scene.instances if i.name == 'person'):
            x, _, visibility = person.keypoints.T
            for left in (1, 3, 5, 11):  # eyes, ears, shoulders, hips
                if visibility[left] and visibility[left + 1]:
                    assert x[left] > x[left + 1]


# ---- layouts


def test_categories_are_those_of_coco():
    assert len(CATEGORIES) == 80
    ids = {category['name']: category['id'] for category in CATEGORIES}
    assert len(set(ids.values())) == len(ids) == 80
    known = {
        'person': 1,
        'stop sign': 13,
        'umbrella': 28,
        'sports ball': 37,
        'kite': 38,
    }
    known |= {'bowl': 51, 'chair': 62, 'tv': 72, 'book': 84, 'toothbrush': 90}
    assert known.items() <= ids.items()
    assert [ids[name] for name in SHAPE_CLASSES] == sorted(
        ids[name] for name in SHAPE_CLASSES
    )


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


def test_label_maps_hold_train_ids(made):
    maps = sorted((made / 'cityscapes').glob('gtFine/train/shapes/*'))
    assert len(maps) == SMALL['train']
    for path in maps:
        labels = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
        assert labels.shape == SMALL['size']
        assert (labels[0] == 255).all()
        assert (labels[2:-2, 2:-2] < len(STREET_CLASSES)).all()
        assert len(np.unique(labels)) > 8


# ---- the toolboxes' own classes read it


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


# ---- folders


def test_a_complete_data_set_is_left_as_it_is(made):
    before = contents(made / 'coco')
    assert not make_shapes(made / 'coco', **SMALL)
    assert contents(made / 'coco') == before


def test_other_arguments_need_overwrite(tmp_path):
    arguments = dict(train=1, val=1, size=(96, 96))
    make_shapes(tmp_path / 'out', **arguments)
    with pytest.raises(FileExistsError, match=r'layout coco, train 1, .*--overwrite'):
        make_shapes(tmp_path / 'out', **arguments, seed=1)
    assert make_shapes(tmp_path / 'out', **arguments, seed=1, overwrite=True)
    assert not make_shapes(tmp_path / 'out', **arguments, seed=1)
    assert [path.name for path in tmp_path.iterdir()] == ['out']


def test_a_part_of_a_data_set_is_not_taken_for_the_whole(tmp_path):
    arguments = dict(train=1, val=1, size=(96, 96))
    make_shapes(tmp_path, **arguments)
    next(tmp_path.glob('train2017/*')).unlink()
    with pytest.raises(FileExistsError, match='or a part of one'):
        make_shapes(tmp_path, **arguments)
    assert make_shapes(tmp_path, **arguments, overwrite=True)


@pytest.mark.parametrize('overwrite', [False, True])
def test_foreign_folders_are_never_touched(tmp_path, overwrite):
    (tmp_path / 'thesis.tex').write_text('years of work')
    with pytest.raises(FileExistsError, match=r'not made by .* it holds thesis\.tex\.'):
        make_shapes(tmp_path, overwrite=overwrite)
    assert contents(tmp_path) == {'thesis.tex': b'years of work'}


def test_foreign_files_in_an_own_folder_are_never_touched(tmp_path):
    make_shapes(tmp_path, train=1, val=1, size=(96, 96))
    (tmp_path / 'thesis.tex').write_text('years of work')
    with pytest.raises(FileExistsError, match='holds 5 files, but make_shapes wrote 4'):
        make_shapes(tmp_path, train=2, val=1, size=(96, 96), overwrite=True)
    assert (tmp_path / 'thesis.tex').is_file()


def test_an_interrupted_run_leaves_nothing(tmp_path):
    def interrupted(images):
        yield images[0]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make_shapes(tmp_path / 'out', size=(96, 96), track=interrupted)
    assert list(tmp_path.iterdir()) == []


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


# ---- the tool


def run_tool(*arguments):
    command = [sys.executable, 'tools/make_shapes.py', *map(str, arguments)]
    environment = {'PYTHONPATH': str(ROOT), 'PATH': ''}
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


def test_tool_says_what_it_made_and_what_comes_next(tmp_path):
    arguments = (tmp_path, '--train', 1, '--val', 1, '--size', '96x128')
    first, second = run_tool(*arguments), run_tool(*arguments)
    assert first.returncode == second.returncode == 0
    assert f'Wrote 1 + 1 images of 96x128 in {tmp_path}' in first.stdout
    config = 'faster_rcnn_hrnetv2p_w18_1x'
    command = f'hrnet train {config} --cfg-options data_root={tmp_path}/'
    assert f'Next: {command}\n' in first.stdout
    assert 'Already complete, nothing to do' in second.stdout


def test_the_next_command_is_one_for_a_shell(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    plain = 'hrnet train fcn_hrnetv2_w48_cityscapes'
    assert next_command('cityscapes', Path('data/cityscapes')) == plain
    option = "--cfg-options 'data_root=my data/'"
    assert next_command('cityscapes', Path('my data')) == f'{plain} {option}'


def test_tool_explains_what_is_wrong(tmp_path):
    (tmp_path / 'file').touch()
    for arguments, message in (
        ((tmp_path / 'new', '--size', '240'), "'240' is not HEIGHTxWIDTH in pixels"),
        ((tmp_path, '--overwrite'), 'Nothing was touched'),
        ((tmp_path / 'file/out',), 'cannot write to'),
    ):
        result = run_tool(*arguments)
        assert result.returncode == 2
        assert message in result.stderr
