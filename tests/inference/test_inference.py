"""`hrnet predict` for every task, on small made images and random weights."""

import json

import cv2
import numpy as np
import pytest
import torch
from conftest import ROOT, needs_fast, randomize
from mmengine.registry import MODELS, DefaultScope
from mmengine.runner import save_checkpoint

from hrnet_mm.cli.main import execute
from hrnet_mm.config.opening import read_config
from hrnet_mm.data.shapes import make_shapes
from hrnet_mm.errors import UserError
from hrnet_mm.fast.native import library
from hrnet_mm.inference import Pictures, Video, open_input
from hrnet_mm.inference.top_down import person_scores
from hrnet_mm.weights import read_checkpoint

FAST = ['--fast', '--fast=max'] if library.available() else ['--fast']
TOOLBOXES = dict(
    boxes='mmdet', masks='mmdet', labels='mmseg', points='mmpose', names='mmpretrain'
)
# Random weights find as much as they may: ten objects are enough.
DETECTOR = """
_base_ = '{}'
model = dict(test_cfg=dict(rcnn=dict(max_per_img=10)))
"""
NAMES = """
default_scope = 'mmpretrain'
custom_imports = dict(imports=['hrnet_mm'], allow_failed_imports=False)
model = dict(
    type='ImageClassifier',
    backbone=dict(type='hrnet_mm.HRNet', arch='w18_small_v1', multiscale_output=False),
    neck=dict(type='GlobalAveragePooling'),
    head=dict(type='LinearClsHead', num_classes=7, in_channels=16),
    data_preprocessor=dict(mean=[127.5] * 3, std=[64.0] * 3, num_classes=7),
)
test_dataloader = dict(
    batch_size=2,
    dataset=dict(
        type='CustomDataset',
        data_prefix='nowhere',
        metainfo=dict(classes=list('abcdefg')),
        pipeline=[
            dict(type='LoadImageFromFile'),
            dict(type='ResizeEdge', scale=72, edge='short'),
            dict(type='CenterCrop', crop_size=64),
            dict(type='PackInputs'),
        ],
    ),
)
visualizer = dict(type='UniversalVisualizer', name='visualizer')
"""
CONFIGS = dict(
    boxes=DETECTOR.format(ROOT / 'configs/demo_faster_rcnn_hrnetv2p.py'),
    masks=DETECTOR.format(ROOT / 'configs/demo_mask_rcnn_hrnetv2p.py'),
    labels=f'_base_ = "{ROOT}/configs/demo_fcn_hrnetv2.py"',
    points=f'_base_ = "{ROOT}/configs/demo_topdown_hrnet.py"',
    names=NAMES,
)


def main(*arguments) -> int:
    return execute('predict', [str(argument) for argument in arguments])


@pytest.fixture(scope='module')
def data(tmp_path_factory):
    """Drawn people and things: 3 images of 96 x 112."""
    folder = tmp_path_factory.mktemp('data') / 'coco'
    make_shapes(folder, layout='coco-pose', train=1, val=3, size=(96, 112), seed=0)
    return folder


@pytest.fixture
def images(data):
    return data / 'val2017'


@pytest.fixture(scope='module')
def saved(tmp_path_factory):
    """Config and checkpoint of a task, by its name."""
    folder = tmp_path_factory.mktemp('weights')
    made = {}

    def make(task):
        pytest.importorskip(TOOLBOXES[task])
        if task not in made:
            made[task] = folder / f'{task}.py', folder / f'{task}.pth'
            made[task][0].write_text(CONFIGS[task])
            _save(*made[task])
        return made[task]

    return make


def _save(config, path) -> None:
    """Random weights as mmengine's runner saves them, with the data set's names."""
    from hrnet_mm.inference.predictors import _meta
    from hrnet_mm.toolboxes import toolbox_of

    torch.manual_seed(0)
    cfg = read_config(str(config))
    with DefaultScope.overwrite_default_scope(cfg.default_scope):
        model = randomize(MODELS.build(cfg.model))
        meta = _meta(cfg, toolbox_of(cfg), {})
    content = dict(state_dict=model.state_dict(), meta=dict(dataset_meta=meta))
    save_checkpoint(content, str(path))


@pytest.fixture
def run(saved, tmp_path):
    """Run the tool for a task: status, results, images."""

    def go(task, source, *options, out='out'):
        config, weights = saved(task)
        where = ['--config', config, '--weights', weights, '--out', tmp_path / out]
        status = main(source, *where, '--device', 'cpu', *options)
        files = (tmp_path / out / name for name in ('results.json', 'images.json'))
        return status, *(json.loads(file.read_text()) for file in files)

    return go


def close(first, second, tolerance) -> bool:
    """Whether all numbers in two lists of results are close, and all else equal."""
    if isinstance(first, dict):
        pairs = zip(first.items(), second.items(), strict=True)
        return all(a == b and close(x, y, tolerance) for (a, x), (b, y) in pairs)
    if isinstance(first, list):
        return all(close(x, y, tolerance) for x, y in zip(first, second, strict=True))
    if isinstance(first, float):
        return abs(first - second) <= tolerance * max(1, abs(first))
    return first == second


def coco_of(tmp_path):
    """The two files as COCO's own tools read them."""
    from pycocotools.coco import COCO

    return COCO(tmp_path / 'out/images.json').loadRes(
        str(tmp_path / 'out/results.json')
    )


@pytest.mark.slow
@pytest.mark.parametrize('task', ['boxes', 'points', 'names'])
@needs_fast
def test_fast_finds_the_same(run, images, task):
    plain = run(task, images, out='plain')
    assert plain[1]
    for word in FAST:
        fast = run(task, images, word, out=word)
        assert fast[0] == plain[0] == 0
        assert close(fast[1], plain[1], 1e-3)


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


@pytest.fixture
def boxes(tmp_path, images):
    """Two boxes in the first image, one of low score in the second."""
    first, second = (int(path.stem) for path in sorted(images.iterdir())[:2])
    records = [
        dict(image_id=first, category_id=1, bbox=[5, 5, 40, 80], score=0.9),
        dict(image_id=first, category_id=1, bbox=[60, 10, 40, 80], score=0.8),
        dict(image_id=second, category_id=1, bbox=[5, 5, 40, 80], score=0.2),
        dict(image_id=second, category_id=3, bbox=[5, 5, 40, 80], score=0.9),
    ]
    path = tmp_path / 'boxes.json'
    path.write_text(json.dumps(records))
    return path


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


def test_what_mmpose_stores_is_read_safely(tmp_path):
    # WFLW's skeleton is empty, and NumPy has its empty content made by a call.
    meta = dict(colors=np.full((2, 3), 7, np.uint8), links=np.zeros((0, 3), np.uint8))
    save_checkpoint(dict(state_dict={}, meta=meta), str(tmp_path / 'points.pth'))
    read = read_checkpoint(tmp_path / 'points.pth')['meta']
    assert read['colors'].tolist() == [[7] * 3] * 2
    assert read['links'].shape == (0, 3)


def test_scores_of_people():
    boxes = np.array([0.5, 1.0])
    points = np.array([[0.1, 0.4, 0.8], [0.1, 0.1, 0.1]])
    assert person_scores(boxes, points, 'bbox', 0.2).tolist() == [0.5, 1.0]
    mean = person_scores(boxes, points, 'keypoint', 0.2)
    assert mean == pytest.approx([1.3 / 3, 0.1])
    product = person_scores(boxes, points, 'bbox_keypoint', 0.2)
    assert product == pytest.approx([0.5 * 0.6, 0])


def write_video(path, frames=6):
    """Moving bars, motion JPEG: each frame stands alone in the file."""
    code = cv2.VideoWriter_fourcc(*'MJPG')
    writer = cv2.VideoWriter(str(path), code, 10, (112, 96))
    noise = np.random.default_rng(0).integers(0, 256, (96, 112, 3), dtype=np.uint8)
    for step in range(frames):
        writer.write(np.roll(noise, step * 8, axis=1))
    writer.release()


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


def test_what_is_no_video(tmp_path):
    (tmp_path / 'clip.mp4').write_bytes(b'nothing')
    with pytest.raises(UserError, match=r'clip\.mp4 cannot be read as a video'):
        open_input(str(tmp_path / 'clip.mp4'))


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


@pytest.mark.slow
@pytest.mark.parametrize(
    ('content', 'message'),
    [
        ('[]', 'holds no boxes'),
        ('{}', 'holds no boxes'),
        ('no JSON', 'is not a JSON file'),
        ('[{"image_id": 1}]', 'is no box'),
        ('[{"image_id": 1, "bbox": [1, 2, "3", 4]}]', 'is no box'),
        ('[{"image_id": 99, "bbox": [1, 2, 3, 4]}]', 'no box of a person.*\n.*99'),
    ],
)
def test_box_files_without_boxes(run, images, tmp_path, content, message):
    (tmp_path / 'boxes.json').write_text(content)
    with pytest.raises(UserError, match=message):
        run('points', images, '--boxes', tmp_path / 'boxes.json')
    assert not (tmp_path / 'out').exists()


@pytest.mark.slow
def test_wrong_toolbox(run, saved, images, boxes):
    with pytest.raises(UserError, match='are for top-down pose configs'):
        run('names', images, '--boxes', boxes)
    with pytest.raises(UserError, match='takes a config of mmdet, not of mmpretrain'):
        run('points', images, '--detector', *saved('names'))
    with pytest.raises(UserError, match='no test pipeline'):
        run('names', images, '--cfg-options', 'test_dataloader.dataset.pipeline=[]')
    with pytest.raises(UserError, match='does not fit ImageClassifier'):
        run('names', images, '--cfg-options', 'model.head.num_classes=8')
    with pytest.raises(UserError, match="default_scope is 'nothing'"):
        run('names', images, '--cfg-options', 'default_scope=nothing')


def test_inputs(tmp_path):
    for name in ('a.jpg', 'a.png', 'A-2.bmp', 'sub/a.jpg', 'notes.txt'):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    found = open_input(str(tmp_path))
    assert [p.file_name for p in found] == ['A-2.bmp', 'a.jpg', 'a.png']
    assert [p.stem for p in found] == ['A-2', 'a', 'a-3']
    assert [p.image_id for p in found] == [1, 2, 3]
    found = open_input(f'{tmp_path}/**/*.jpg')
    assert [p.file_name for p in found] == ['a.jpg', 'sub/a.jpg']
    (tmp_path / 'empty').mkdir()
    with pytest.raises(UserError, match='empty has no images: 0 files'):
        open_input(str(tmp_path / 'empty'))
    with pytest.raises(UserError, match='has no images'):
        open_input(f'{tmp_path}/*.tif')
    with pytest.raises(UserError, match='no image, folder or video'):
        open_input(str(tmp_path / 'missing.jpg'))


def test_ids(tmp_path):
    paths = [tmp_path / f'val2014_{number:012}.jpg' for number in (785, 40083)]
    assert [p.image_id for p in Pictures(paths)] == [785, 40083]
    known = {paths[0].name: 7, f'val/{paths[1].name}': 8}
    assert [p.image_id for p in Pictures(paths, known)] == [7, 8]
    with pytest.raises(UserError, match='is not among the images of the --ann file'):
        Pictures(paths, {'other.jpg': 1})


@pytest.mark.slow
def test_same_as_the_detectors_inferencer(run, saved, images, tmp_path):
    from mmdet.apis import DetInferencer

    results = run('boxes', images)[1]
    config, weights = saved('boxes')
    inferencer = DetInferencer(str(config), str(weights), device='cpu')
    theirs = inferencer(str(images), out_dir=str(tmp_path / 'theirs'))['predictions']
    scores = sorted(score for image in theirs for score in image['scores'])
    assert sorted(r['score'] for r in results) == pytest.approx(scores, abs=2e-3)
    assert len(list((tmp_path / 'theirs/vis').iterdir())) == 3


@pytest.mark.slow
def test_same_as_the_segmentors_inferencer(run, saved, images, tmp_path):
    from mmseg.apis import MMSegInferencer

    listing = run('labels', images)[2]
    config, weights = saved('labels')
    inferencer = MMSegInferencer(str(config), str(weights), device='cpu')
    paths = [str(path) for path in sorted(images.iterdir())]
    theirs = inferencer(paths, out_dir=str(tmp_path / 'theirs'))['predictions']
    for image, labels in zip(listing['images'], theirs, strict=True):
        ours = cv2.imread(str(tmp_path / 'out' / image['labels']), -1)
        assert (ours != labels).mean() < 1e-3
    assert len(list((tmp_path / 'theirs/vis').iterdir())) == 3


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


@pytest.mark.slow
def test_same_as_the_classifiers_inferencer(run, saved, images):
    from mmpretrain import ImageClassificationInferencer

    results = run('names', images)[1]
    config, weights = map(str, saved('names'))
    paths = [str(path) for path in sorted(images.iterdir())]
    # The inferencers of other toolboxes set the scope for good.
    with DefaultScope.overwrite_default_scope('mmpretrain'):
        theirs = ImageClassificationInferencer(config, weights, device='cpu')(paths)
    for ours, image in zip(results, theirs, strict=True):
        assert ours['classes'][0]['name'] == image['pred_class']
        assert ours['classes'][0]['score'] == pytest.approx(
            image['pred_score'], abs=1e-3
        )
