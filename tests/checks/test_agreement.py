"""Data, backbone, neck and heads that do not fit each other, found before training."""

import class_folders_case
import pytest
import runner_case
from class_folders_case import on_folders
from runner_case import write_coco
from torch import nn

from hrnet_mm.checks import moments
from hrnet_mm.errors import UserError
from hrnet_mm.training import Runner

demo, folders = runner_case.demo, class_folders_case.folders  # fixtures


@pytest.mark.slow
def test_categories_that_match_no_class(demo, tmp_path):
    write_coco(tmp_path / 'data', [(1, 'tumour'), (2, 'nodule')])
    runner = Runner.from_cfg(demo)
    with pytest.raises(UserError) as raised:
        runner.train()
    assert 'found in the file: tumour, nodule' in str(raised.value)
    assert 'expected some of:  person, stop sign' in str(raised.value)


@pytest.mark.slow
def test_another_number_of_classes(demo, tmp_path):
    write_coco(tmp_path / 'data', [(1, 'person')])
    demo.model.roi_head.bbox_head.num_classes = 3
    demo.experiment_name = 'classes'
    runner = Runner.from_cfg(demo)
    with pytest.raises(UserError) as raised:
        runner.train()
    message = str(raised.value)
    assert 'model.roi_head.bbox_head.num_classes is 3' in message
    assert 'the train data has 6 classes: person, stop sign' in message


class Part(nn.Module):
    """A module with some attributes."""

    def __init__(self, **attributes):
        super().__init__()
        for name, value in attributes.items():
            setattr(self, name, value)


def model(**parts) -> nn.Module:
    whole = nn.Module()
    for name, part in parts.items():
        setattr(whole, name, part)
    return whole


STREAMS = Part(out_channels=(16, 32, 64, 128))


@pytest.mark.parametrize(
    ('parts', 'message'),
    [
        (
            dict(backbone=STREAMS, neck=Part(in_channels=(18, 36, 72, 144))),
            r'puts out \(16, 32, 64, 128\) channels, the neck takes \(18, 36, 72, 144',
        ),
        (
            dict(neck=Part(out_channels=64), mask_head=Part(in_channels=256)),
            'the neck puts out 64 channels, model.mask_head takes 256',
        ),
        (
            dict(
                backbone=STREAMS,
                decode_head=Part(
                    in_channels=270,
                    in_index=(0, 1, 2, 3),
                    input_transform='resize_concat',
                ),
            ),
            'the backbone puts out 240 channels, model.decode_head takes 270',
        ),
        (
            dict(backbone=Part(out_channels=(32,)), head=Part(in_channels=48)),
            'the backbone puts out 32 channels, model.head takes 48',
        ),
    ],
)
def test_channels_that_do_not_fit(parts, message):
    with pytest.raises(UserError, match=message):
        moments.model_built(model(**parts))


def test_channels_that_fit():
    head = Part(in_channels=240, in_index=(0, 1, 2, 3), input_transform='resize_concat')
    moments.model_built(model(backbone=STREAMS, decode_head=head))
    moments.model_built(model(backbone=STREAMS, head=Part(in_channels=128)))


class Data:
    """A data set of nothing but what is asked for."""

    def __init__(self, instances=(), **metainfo):
        self.metainfo = metainfo
        self.instances = list(instances)

    def get_data_info(self, index):
        return dict(instances=self.instances)


def test_another_number_of_key_points():
    pose = model(head=Part(out_channels=16))
    with pytest.raises(UserError, match='puts out 16 heat maps, but .* 17 key points'):
        moments.before_first_image(pose, dict(num_keypoints=17))
    moments.before_first_image(pose, dict(num_keypoints=16))


def test_another_number_of_classes_of_one_head_of_several():
    heads = nn.ModuleList([Part(num_classes=19), Part(num_classes=20)])
    segmentor = model(decode_head=heads)
    with pytest.raises(UserError, match=r'model.decode_head.1.num_classes is 20'):
        moments.before_first_image(
            segmentor, dict(classes=tuple('abcdefghijklmnopqrs'))
        )


@pytest.mark.slow
def test_a_head_for_other_classes(folders, tmp_path):
    options = {'model.head.num_classes': 1000}
    cfg = on_folders(folders, tmp_path / 'wrong', **options)
    message = 'model.head.num_classes is 1000, but the train data has 5 classes: blue, '
    with pytest.raises(UserError, match=message):
        Runner.from_cfg(cfg).train()


class CrossEntropyLoss(Part):
    """A loss by the name of mmseg's."""


@pytest.mark.parametrize(
    ('channels', 'loss', 'message'),
    [
        (1, dict(), 'model.decode_head: CrossEntropyLoss compares the channels .* one'),
        (1, dict(use_sigmoid=True), None),
        (2, dict(class_weight=[1.0] * 19), 'class_weight .* has 19 numbers, .* 2 chan'),
        (2, dict(class_weight=[1.0] * 2), None),
    ],
)
def test_losses_and_channels(channels, loss, message):
    for losses in (CrossEntropyLoss(**loss), nn.ModuleList([CrossEntropyLoss(**loss)])):
        head = Part(out_channels=channels, loss_decode=losses)
        if message is None:
            moments.model_built(model(decode_head=head))
            continue
        with pytest.raises(UserError, match=message):
            moments.model_built(model(decode_head=head))


def test_masks_that_are_not_there():
    cfg = dict(
        ann_file='a.json', pipeline=[dict(type='LoadAnnotations', with_mask=True)]
    )
    with pytest.raises(UserError, match=r"a.json have boxes, but no 'segmentation'"):
        moments.data_built(Data([dict(bbox=[0, 0, 1, 1])]), cfg, images=1)
    moments.data_built(Data([dict(mask=[[0, 0, 1, 1, 0, 1]])]), cfg, images=1)
