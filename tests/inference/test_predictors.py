"""A model of any toolbox predicts as the toolbox does, or says what does not fit."""

import cv2
import inference_case
import pytest
from mmengine.config import Config
from mmengine.registry import DefaultScope

from hrnet_mm.errors import UserError
from hrnet_mm.inference.predictors import meta_of
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
