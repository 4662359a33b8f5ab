"""A model of any toolbox predicts as the toolbox does, or says what does not fit."""

import cv2
import inference_case
import numpy as np
import pytest
from mmcv.transforms import LoadImageFromFile
from mmengine.config import Config
from mmengine.dataset import Compose
from mmengine.registry import DefaultScope
from PIL import Image

from hrnet_mm.errors import UserError
from hrnet_mm.inference import Picture, Predictor, UnusableError
from hrnet_mm.inference.predictors import meta_of, picture_steps
from hrnet_mm.toolboxes import TOOLBOXES

# Fixtures
boxes = inference_case.boxes
data = inference_case.data
images = inference_case.images
run = inference_case.run
saved = inference_case.saved


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


@pytest.mark.parametrize('meta', [None, 'trained by me', []])
def test_a_checkpoint_whose_meta_is_no_dict(meta):
    pytest.importorskip('mmpretrain.datasets')
    dataset = dict(type='mmpretrain.CustomDataset', metainfo=dict(classes=['a', 'b']))
    loader = dict(dataset=dict(dataset, data_root='nowhere'))
    own = meta_of(Config(dict(test_dataloader=loader)), TOOLBOXES['mmpretrain'], meta)
    assert own['classes'] == ['a', 'b']


def predictor(channels=None, steps=(), **loading):
    """A predictor of whose parts only those that load and prepare are there."""
    made = Predictor.__new__(Predictor)
    made.loader, made.channels = LoadImageFromFile(**loading), channels
    made.pipeline = Compose(list(steps))
    return made


@pytest.mark.parametrize(
    ('loading', 'channels'),
    [
        (dict(), 3),
        (dict(to_float32=True), 3),
        (dict(color_type='grayscale'), 1),
        (dict(color_type='grayscale_ignore_orientation', to_float32=True), 1),
        (dict(color_type=cv2.IMREAD_GRAYSCALE), 1),
        (dict(color_type='color_ignore_orientation'), 3),
        (dict(color_type='unchanged'), 3),
        (dict(color_type='unchanged'), None),
    ],
)
def test_frames_are_as_the_loading_step_reads_files(tmp_path, loading, channels):
    path = tmp_path / 'a.png'
    frame = np.random.default_rng(0).integers(0, 256, (9, 8, 3), dtype=np.uint8)
    cv2.imwrite(str(path), frame)
    model = predictor(channels, **loading)
    of_file = model.load(Picture(1, 'a.png', 'a', path))
    of_frame = model.load(Picture(1, 'a.mp4', 'a', path, frame))
    assert of_frame['img'].dtype == of_file['img'].dtype
    assert of_frame['img'].shape == of_file['img'].shape
    # The decoder of a file rounds grey in another way.
    assert np.abs(of_frame['img'].astype(int) - of_file['img']).max() <= 1
    for key in ('img_shape', 'ori_shape'):
        assert of_frame[key] == of_file[key] == (9, 8)


def test_frames_for_a_grey_model_that_takes_files_as_they_are(tmp_path):
    frame = np.full((9, 8, 3), 7, np.uint8)
    picture = Picture(1, 'a.mp4', 'a', tmp_path / 'a.mp4', frame)
    assert predictor(1, color_type='unchanged').load(picture)['img'].shape == (9, 8)


@pytest.mark.parametrize(
    ('loading', 'content', 'message'),
    [
        (dict(), b'', '{} cannot be read (it is empty)'),
        (dict(), b'<html>', '{} cannot be read (it is a web page)'),
        (
            dict(ignore_empty=True),
            b'<html>',
            '{} cannot be read (it is a web page)',
        ),
        (
            dict(imdecode_backend='nothing'),
            b'<html>',
            '{} cannot be read: ValueError: backend: nothing is not supported. '
            "Supported backends are 'cv2', 'turbojpeg', 'pillow', 'tifffile'",
        ),
    ],
)
def test_files_that_cannot_be_read(tmp_path, loading, content, message):
    path = tmp_path / 'a.jpg'
    path.write_bytes(content)
    picture = Picture(1, 'a.jpg', 'a', path)
    with pytest.raises(UnusableError) as found:
        predictor(**loading).load(picture)
    assert str(found.value) == message.format(path)
    assert found.value.picture is picture


def picture_steps_that_fail(tmp_path):
    def fails(image):
        raise KeyError('gt_bboxes')

    def leaves_nothing(image):
        return None

    frame = np.full((9, 8, 3), 7, np.uint8)
    picture = Picture(3, 'a.mp4', 'a', tmp_path / 'a.mp4', frame)
    start = f'frame 3 of {picture.path} (8 x 9 pixels) cannot be prepared: function'
    for step, end in (
        (fails, "ends with KeyError: 'gt_bboxes'"),
        (leaves_nothing, 'leaves nothing of it'),
    ):
        model = predictor(steps=[step])
        with pytest.raises(UnusableError) as found:
            model.prepare(model.load(picture))
        assert str(found.value) == f'{start} {end}'


def test_images_are_read_anew_only_if_they_are_read_otherwise(tmp_path):
    frame = np.full((9, 8, 3), 7, np.uint8)
    grey = predictor(color_type='grayscale')
    loaded = grey.load(Picture(1, 'a.mp4', 'a', tmp_path / 'a.mp4', frame))
    again = predictor(color_type='grayscale').load_anew(dict(loaded, more=1))
    assert again == {key: value for key, value in loaded.items() if key != 'more'}
    assert predictor().load_anew(loaded)['img'] is frame


@pytest.mark.parametrize('step', ['LoadAnnotations', 'hrnet_mm.LoadLabelMaps'])
def test_label_maps_are_not_read(step):
    steps = [
        dict(type='LoadImageFromFile'),
        dict(type=step),
        dict(type='PackSegInputs'),
    ]
    cfg = Config(dict(test_dataloader=dict(dataset=dict(pipeline=steps))))
    assert [each['type'] for each in picture_steps(cfg)] == [
        'LoadImageFromFile',
        'PackSegInputs',
    ]


@pytest.mark.parametrize('suffix', ['jpg', 'png', 'tif'])
@pytest.mark.parametrize('orientation', range(1, 9))
def test_pictures_as_they_are_stand_upright(tmp_path, suffix, orientation):
    pixels = np.random.default_rng(0).integers(0, 256, (16, 24, 3), np.uint8)
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = tmp_path / f'a.{suffix}'
    Image.fromarray(pixels).save(path, exif=exif)
    picture = Picture(1, path.name, 'a', path)
    expected = predictor().load(picture)
    found = predictor(color_type='unchanged').load(picture)
    assert np.array_equal(found['img'], expected['img'])
    for key in ('img_shape', 'ori_shape'):
        assert found[key] == expected[key] == found['img'].shape[:2]
