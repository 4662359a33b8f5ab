"""All data sets of a config are looked at together, before anything is trained."""

from __future__ import annotations

import importlib.util
import json

import class_folders_case
import cv2
import numpy as np
import pytest
from class_folders_case import on_folders
from conftest import ROOT

from hrnet_mm.checks.data_look import check_data, late_look, look_at_data
from hrnet_mm.checks.preparing import UnpreparedError
from hrnet_mm.config.opening import read_config
from hrnet_mm.data.shapes import make_shapes
from hrnet_mm.errors import UserError

folders = class_folders_case.folders  # a fixture
SPLITS = ['train', 'val', 'test']


@pytest.fixture
def shapes(tmp_path):
    """Return a function that makes a data set and reads a config on it."""

    def of(config, layout='coco', package='mmdet', **options):
        pytest.importorskip(package)
        data = tmp_path / 'data'
        if not data.exists():
            make_shapes(data, layout, train=6, val=4, size=(96, 128))
        options = {'data_root': f'{data}/', **options}
        return read_config(ROOT / f'configs/{config}.py', options)

    return of


def file_of(tmp_path, split='val', name='instances'):
    return tmp_path / f'data/annotations/{name}_{split}2017.json'


def change(path, function):
    """Change the content of a JSON file in place."""
    content = json.loads(path.read_text())
    function(content)
    path.write_text(json.dumps(content))


def errors_of(cfg, splits=SPLITS) -> str:
    with pytest.raises(UserError) as error:
        check_data(cfg, splits)
    return str(error.value)


DETECTOR = 'demo_faster_rcnn_hrnetv2p'
SEGMENTOR = 'demo_fcn_hrnetv2'


def test_one_line_for_each_set(shapes, capsys):
    check_data(shapes(DETECTOR), SPLITS)
    train, val = capsys.readouterr().out.splitlines()[:2]
    assert train.startswith('train: 6 of 6 pictures, ')
    assert val.startswith('val: 4 of 4 pictures, ')  # the test reads the same


def test_categories_in_another_order(shapes, tmp_path):
    cfg = shapes(DETECTOR)
    change(file_of(tmp_path), lambda content: content['categories'].reverse())
    text = errors_of(cfg)
    assert text.startswith(f'val: the categories of {file_of(tmp_path)} stand in anot')
    assert text.count('stand in another order') == 1
    assert 'instances_val2017.json: ' in text
    assert ': book, kite, sports ball, umbrella, stop sign, person\n' in text
    assert text.endswith('--skip-data-check starts without this look at the data')


def test_an_evaluator_of_another_file(shapes, tmp_path):
    cfg = shapes(DETECTOR, **{'val_evaluator.ann_file': str(tmp_path / 'none.json')})
    text = errors_of(cfg, ['val'])
    assert text.startswith(f'val: val_evaluator.ann_file: {tmp_path}/none.json cannot ')
    other = str(file_of(tmp_path, 'train'))
    cfg = shapes(DETECTOR, **{'val_evaluator.ann_file': other})
    assert 'Write  val_evaluator.ann_file=' in errors_of(cfg, ['val'])


def test_sets_with_other_classes(shapes):
    key = 'train_dataloader.dataset.metainfo.classes'
    text = errors_of(shapes(DETECTOR, **{key: ['person', 'kite']}))
    assert 'val: its classes are not those of train.\n  train: person, kite\n' in text
    assert "Write  val_dataloader.dataset.metainfo=dict(classes=('person', 'ki" in text
    text = errors_of(shapes(DETECTOR, **{key: 'person'}), ['train'])
    assert "the classes are the word 'person'" in text
    assert "metainfo=dict(classes=('person',))" in text


@pytest.mark.parametrize('classes', [5, 1.5, ['person', 3], [None]])
def test_classes_that_are_no_names(shapes, classes):
    key = 'train_dataloader.dataset.metainfo.classes'
    text = errors_of(shapes(DETECTOR, **{key: classes}), ['train'])
    assert 'train: train_dataloader.dataset.metainfo has classes=' in text
    assert 'expected are names:  train_dataloader.dataset.metainfo=dict(c' in text


def test_a_file_without_annotations_cannot_be_evaluated(shapes, tmp_path):
    cfg = shapes(DETECTOR)
    change(file_of(tmp_path), lambda content: content.pop('annotations'))
    assert 'has no annotations, only' in errors_of(cfg, ['val'])
    cfg.val_evaluator.update(format_only=True, outfile_prefix='out')
    (look,) = look_at_data(cfg, ['val'])
    assert look.errors == []


def test_a_file_that_is_no_json(shapes, tmp_path, capsys):
    cfg = shapes(DETECTOR)
    file_of(tmp_path).write_text('{"images": [')
    assert 'it was cut off' in errors_of(cfg, ['val'])
    assert 'val: not counted, because of what is wrong' in capsys.readouterr().out


def test_inside_of_wrappers(shapes, tmp_path):
    cfg = shapes(DETECTOR)
    change(file_of(tmp_path, 'train'), lambda content: content['categories'].reverse())
    inner = cfg.train_dataloader.dataset
    cfg.train_dataloader.dataset = dict(type='RepeatDataset', times=2, dataset=inner)
    assert 'train: the categories' in errors_of(cfg, ['train'])
    both = dict(type='ConcatDataset', datasets=[inner, cfg.val_dataloader.dataset])
    cfg.train_dataloader.dataset = both
    names = [look.name for look in look_at_data(cfg, ['train'])]
    assert names == ['train 1', 'train 2']
    keys = [look.key for look in look_at_data(cfg, ['train'])]
    assert keys[1] == 'train_dataloader.dataset.datasets.1'


def test_masks(shapes, tmp_path):
    cfg = shapes('demo_mask_rcnn_hrnetv2p')
    change(
        file_of(tmp_path, 'train'),
        lambda content: content['annotations'][-1].update(segmentation=None),
    )
    text = errors_of(cfg)
    assert "have no 'segmentation', but this config trains masks" in text


def test_pictures(shapes, tmp_path):
    cfg = shapes(DETECTOR)
    first, second = sorted((tmp_path / 'data/val2017').iterdir())[:2]
    first.write_bytes(b'')
    cv2.imwrite(str(second), np.zeros((128, 96, 3), np.uint8))
    text = errors_of(cfg)
    assert f'val: 1 of 4 pictures cannot be read (it is empty): {first}' in text
    assert f'{second} has 96 x 128, annotated are 128 x 96' in text
    assert (tmp_path / 'data/.hrnet_mm_headers.json').is_file()


def test_the_evaluator_of_key_points(shapes, tmp_path):
    name = 'person_keypoints'
    cfg = shapes('demo_topdown_hrnet', 'coco-pose', 'mmpose')
    other = tmp_path / 'other.json'
    content = json.loads(file_of(tmp_path, 'val', name).read_text())
    del content['annotations'][0]['area']
    other.write_text(json.dumps(content))
    cfg.val_evaluator.ann_file = str(other)
    text = errors_of(cfg, ['val'])
    assert f'val, val_evaluator: {other}: 1 of' in text
    assert "annotations have no 'area'" in text


@pytest.mark.parametrize('height', [[1e9, 1], 'high', None, -1])
def test_a_height_that_is_none(shapes, tmp_path, height):
    cfg = shapes('demo_topdown_hrnet', 'coco-pose', 'mmpose')

    def give(content):
        content['images'][0]['height'] = height

    change(file_of(tmp_path, 'train', 'person_keypoints'), give)
    assert "have no 'width' and height above 0" in errors_of(cfg, ['train'])


def test_key_points(shapes, tmp_path):
    name = 'person_keypoints'
    cfg = shapes('demo_topdown_hrnet', 'coco-pose', 'mmpose')
    looks = look_at_data(cfg, SPLITS)
    assert [look.errors for look in looks] == [[], []]
    assert looks[0].unit == 'people'

    def shorten(content):
        content['annotations'][0]['keypoints'] = [1, 1, 2] * 5

    change(file_of(tmp_path, 'train', name), shorten)
    text = errors_of(cfg)
    assert "annotations have 'keypoints' that are not 51 finite numbers" in text

    def rename(content):
        content['categories'][0]['keypoints'].reverse()

    change(file_of(tmp_path, 'val', name), rename)
    assert 'has its key points in another order than the metainfo' in errors_of(cfg)
    cfg = shapes(
        'demo_topdown_hrnet',
        'coco-pose',
        'mmpose',
        val_evaluator=dict(_delete_=True, type='NME', norm_mode='keypoint_distance'),
    )
    assert 'Write  val_evaluator.keypoint_indices=[A,B]' in errors_of(cfg, ['val'])


SKELETONS = dict(
    swap=(
        "keypoint_info={0: dict(name='nose', swap='noze')}",
        "names 'noze', which is none of its key points: mend a 'swap'",
    ),
    numbers=(
        "keypoint_info={1: dict(name='nose')}",
        'train: the keypoint_info of the metainfo has the numbers 1: count from 0 to 0',
    ),
    link=(
        "keypoint_info={0: dict(name='nose')}, "
        "skeleton_info={0: dict(link=('a', 'b'))}",
        "names 'a', which is none of its key points",
    ),
    nothing=(
        'sigmas=None',
        "refuses its arguments: assert 'keypoint_info' in meta",
    ),
)


@pytest.mark.parametrize('case', SKELETONS)
def test_a_skeleton_of_unknown_points(shapes, tmp_path, case):
    written, message = SKELETONS[case]
    cfg = shapes('demo_topdown_hrnet', 'coco-pose', 'mmpose')
    file = tmp_path / 'own.py'
    given = dict(dataset_name='own', skeleton_info={}, joint_weights=[1], sigmas=[1])
    file.write_text(f'dataset_info = dict(dict(**{given}), **dict({written}))')
    for split in SPLITS:
        cfg[f'{split}_dataloader'].dataset.metainfo = dict(from_file=str(file))
    assert message in errors_of(cfg)


def test_a_skeleton_that_is_not_there(shapes):
    cfg = shapes('demo_topdown_hrnet', 'coco-pose', 'mmpose')
    cfg.train_dataloader.dataset.metainfo = dict(from_file='none.py')
    message = 'CocoDataset refuses its arguments: The metainfo config file "none.py" '
    assert message + 'does not exist.' in errors_of(cfg)


@pytest.mark.parametrize(
    ('config', 'layout', 'package'),
    [(SEGMENTOR, 'cityscapes', 'mmseg'), (DETECTOR, 'coco', 'mmdet')],
)
def test_pictures_of_few_bits(shapes, tmp_path, config, layout, package):
    cfg = shapes(config, layout, package)
    for path in (tmp_path / 'data').rglob('*'):
        if path.suffix in ('.png', '.jpg') and 'gtFine' not in path.name:
            dark = cv2.imread(str(path)).astype(np.uint16) << 4
            cv2.imwrite(str(path.with_suffix('.png')), dark)
            path.with_suffix('.png').rename(path)
    assert '16 bits and use 12 of them' in errors_of(cfg, ['train'])


@pytest.mark.parametrize(
    ('backend', 'package'), [('tifffile', 'tifffile'), ('turbojpeg', 'PyTurboJPEG')]
)
def test_a_decoder_that_is_not_installed(shapes, monkeypatch, backend, package):
    there = importlib.util.find_spec
    cfg = shapes(DETECTOR)
    cfg.train_dataloader.dataset.pipeline[0].imdecode_backend = backend
    monkeypatch.setattr(
        importlib.util,
        'find_spec',
        lambda name, *args: None if name == backend else there(name, *args),
    )
    check_data(cfg, ['val'])
    assert errors_of(cfg, ['train']).startswith(
        f"train: LoadImageFromFile decodes by '{backend}', which is not installed:  "
        f'pip install {package}'
    )


def test_label_maps(shapes, tmp_path):
    cfg = shapes(SEGMENTOR, 'cityscapes', 'mmseg')
    looks = look_at_data(cfg, SPLITS)
    assert [look.errors for look in looks] == [[], []]
    assert looks[0].line() == 'train: 6 of 6 pictures'
    first = sorted((tmp_path / 'data/gtFine/train').rglob('*_labelTrainIds.png'))[0]
    labels = cv2.imread(str(first), cv2.IMREAD_UNCHANGED)
    cv2.imwrite(str(first), np.full_like(labels, 33))
    assert f'no class: 33, such as {first}' in errors_of(cfg)
    first.unlink()
    assert '1 of 6 label maps are not there' in errors_of(cfg)
    cfg = shapes(
        SEGMENTOR,
        'cityscapes',
        'mmseg',
        **{'train_dataloader.dataset.img_suffix': '.tiff'},
    )
    assert "has no picture whose name ends in '.tiff'" in errors_of(cfg, ['train'])


def test_class_folders(folders, tmp_path):
    work = tmp_path / 'work'
    looks = look_at_data(on_folders(folders, work), SPLITS)
    assert [look.errors for look in looks] == [[], []]
    assert looks[0].line() == 'train: 40 of 40 pictures'
    (folders / 'val/red').rename(folders / 'val/orange')
    text = errors_of(on_folders(folders, work))
    assert 'val: its class folders are not those of train' in text
    (folders / 'val/orange').rename(folders / 'val/red')
    cfg = on_folders(folders, work)
    cfg.train_dataloader.dataset.metainfo.classes.reverse()
    assert 'train: the folders of' in errors_of(cfg, ['train'])


def test_folders_without_classes_of_their_own(folders, tmp_path):
    cfg = on_folders(folders, tmp_path / 'work')
    for split in ('train', 'val'):
        dataset = cfg[f'{split}_dataloader'].dataset
        dataset.update(type='CustomDataset', metainfo=None)
        dataset.pop('split')
    (folders / 'val/red').rename(folders / 'val/orange')
    text = errors_of(cfg, ['train', 'val'])
    assert 'val: its class folders are not those of train' in text
    assert 'its classes are not' not in text


def test_top_5_of_three_classes(folders, tmp_path):
    cfg = on_folders(folders, tmp_path / 'work')
    cfg.val_evaluator.topk = (1, 6)
    text = errors_of(cfg, ['val'])
    assert 'val_evaluator asks for the top-6 accuracy of 5 classes' in text
    assert 'Write  val_evaluator.topk=(1,)' in text
    cfg.val_evaluator.topk = 6
    assert 'Write  val_evaluator.topk=(1,)' in errors_of(cfg, ['val'])


def test_a_folder_as_a_string(folders, tmp_path):
    cfg = on_folders(folders, tmp_path / 'work')
    dataset = cfg.train_dataloader.dataset
    dataset.update(type='CustomDataset', data_prefix='train')
    dataset.pop('split')
    (look,) = look_at_data(cfg, ['train'])
    assert look.errors == []
    assert look.pictures == (40, 40)


def test_a_class_of_the_users_own_is_left_alone(shapes, capsys):
    pytest.importorskip('mmdet')
    cfg = shapes(DETECTOR)
    cfg.train_dataloader.dataset.type = 'LVISV1Dataset'
    (look,) = look_at_data(cfg, ['train'])
    assert look.line().startswith('train: not counted, as its class reads')
    for name in ('NoneDataset', '../../outside', 'a..b', 'é'):
        cfg.train_dataloader.dataset.type = name
        (look,) = look_at_data(cfg, ['train'])
        assert f'there is no class of data sets {name!r}' in look.errors[0]


def test_classes_that_the_class_does_not_have(shapes):
    key = 'train_dataloader.dataset.metainfo.classes'
    cfg = shapes(SEGMENTOR, 'cityscapes', 'mmseg', **{key: ['road', 'sea']})
    (look,) = look_at_data(cfg, ['train'])
    assert 'CityscapesDataset refuses its arguments: new classes' in look.errors[0]
    cfg = shapes(SEGMENTOR, 'cityscapes', 'mmseg', **{key: 'water'})
    (look,) = look_at_data(cfg, ['train'])
    assert "the classes are the word 'water'" in look.errors[0]


def test_classes_with_a_left_and_a_right(shapes, capsys):
    own = dict(
        type='BaseSegDataset',
        metainfo=dict(classes=['sky', 'left lane', 'right lane', *map(str, range(16))]),
        img_suffix='_leftImg8bit.png',
        seg_map_suffix='_gtFine_labelTrainIds.png',
    )
    cfg = shapes(SEGMENTOR, 'cityscapes', 'mmseg')
    for split in ('train', 'val'):
        cfg[f'{split}_dataloader'].dataset.update(own)
    flip = dict(type='RandomFlip', prob=1.0)
    cfg.tta_pipeline = [dict(type='TestTimeAug', transforms=[[flip]])]
    cfg.tta_model = dict(type='hrnet_mm.SegmentationTTA')
    check_data(cfg, ['train', 'val'])
    said = capsys.readouterr().out
    for split in ('train', 'val'):
        assert f'warning: {split}: in a mirror image left lane stays left lane' in said
    assert 'Write  swap_seg_labels=[(1, 2)]  in RandomFlip' in said
    steps = cfg.train_dataloader.dataset.pipeline
    flip = next(step for step in steps if step.type == 'RandomFlip')
    flip.swap_seg_labels = [(1, 2)]
    cfg.tta_model.mirrored_classes = [(0, 1)]
    text = errors_of(cfg, ['train', 'val'])
    assert text.startswith('val: a mirror image exchanges sky (0) with left lane (1).')


def failing(cfg, error, wanted=True) -> str:
    """The message of a run that ends with an error."""
    with pytest.raises(type(error)) as found, late_look(cfg, ['val'], wanted):
        raise error
    return str(found.value)


def test_a_failure_without_a_look_is_explained_by_a_late_one(shapes, tmp_path):
    cfg = shapes(DETECTOR)
    change(file_of(tmp_path), lambda content: content['annotations'][0].pop('iscrowd'))
    with pytest.raises(UserError) as found, late_look(cfg, ['val'], wanted=True):
        raise KeyError('iscrowd')
    text = str(found.value)
    assert text.startswith(f'val: {file_of(tmp_path)}: 1 of ')
    assert "annotations have no 'iscrowd', such as {" in text
    assert text.splitlines()[-1].startswith(
        'Started without this look at the data, the run has ended: '
        "KeyError: 'iscrowd' (test_data_look.py, line "
    )
    with pytest.raises(UserError) as found, late_look(cfg, ['val'], wanted=True):
        raise UnpreparedError('a.png cannot be prepared\n  Mend it')
    assert str(found.value).endswith(' has ended: a.png cannot be prepared')
    assert failing(cfg, KeyError('iscrowd'), wanted=False) == "'iscrowd'"
    assert failing(cfg, UserError('explained')) == 'explained'


def test_a_failure_on_good_data_stays(shapes):
    cfg = shapes(DETECTOR)
    assert failing(cfg, KeyError('ours')) == "'ours'"
    assert failing(cfg, UnpreparedError('a.png\n  Mend it')) == 'a.png\n  Mend it'
