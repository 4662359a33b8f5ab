"""Channels of backbone, neck, heads and losses are compared with each other."""

import re

import pytest
import torch
from parts_case import Part, model
from torch import nn

from hrnet_mm.checks import moments
from hrnet_mm.errors import UserError
from hrnet_mm.models.heads import HRFuseScales, HRPoolConcat, HRReduceConcat
from hrnet_mm.recipes import HardPixelCrossEntropy, PixelCrossEntropy

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


class FeatureMapProcessor(Part):
    """It is known by its name, that of mmpose's neck."""


class GlobalAveragePooling(Part):
    """It is known by its name, that of mmpretrain's neck."""


def reads(needed, index, transform=None) -> nn.Module:
    """A decode head that reads some of the streams."""
    return Part(in_channels=needed, in_index=index, input_transform=transform)


FITTING = dict(
    faces=(
        FeatureMapProcessor(select_index=None, concat=True),
        dict(head=Part(in_channels=240)),
    ),
    faces_of_some=(
        FeatureMapProcessor(select_index=(0, -1), concat=True),
        dict(head=Part(in_channels=144)),
    ),
    faces_of_one=(
        FeatureMapProcessor(select_index=(1,), concat=False),
        dict(head=Part(in_channels=32)),
    ),
    multiple_select=(
        None,
        dict(decode_head=reads([16, 32, 64, 128], (0, 1, 2, 3), 'multiple_select')),
    ),
    resize_concat=(None, dict(decode_head=reads(80, (0, 2), 'resize_concat'))),
    auxiliary=(None, dict(auxiliary_head=reads(64, 2))),
    auxiliaries=(
        None,
        dict(auxiliary_head=nn.ModuleList([reads(128, 3), reads(64, 2)])),
    ),
    cascade=(
        None,
        dict(
            decode_head=nn.ModuleList(
                [reads(16, 0), reads(240, (0, 1, 2, 3), 'resize_concat')]
            )
        ),
    ),
    pooled=(GlobalAveragePooling(), dict(head=Part(in_channels=128))),
    widened=(
        nn.Sequential(
            HRFuseScales(in_channels=(16, 32, 64, 128), out_channels=64),
            GlobalAveragePooling(),
        ),
        dict(head=Part(in_channels=64)),
    ),
    concatenated=(HRPoolConcat(), dict(head=Part(in_channels=240))),
    reduced=(
        nn.Sequential(
            HRReduceConcat(in_channels=(16, 32, 64, 128)), GlobalAveragePooling()
        ),
        dict(head=Part(in_channels=2048)),
    ),
)
# Where the head is, what its input has, and what its config says of it.
PLACES = dict(
    faces=('head', 240, 240),
    faces_of_some=('head', 144, 144),
    faces_of_one=('head', 32, 32),
    multiple_select=('decode_head', (16, 32, 64, 128), [16, 32, 64, 128]),
    resize_concat=('decode_head', 80, [16, 64]),
    auxiliary=('auxiliary_head', 64, 64),
    auxiliaries=('auxiliary_head.1', 64, 64),
    cascade=('decode_head.1', 240, [16, 32, 64, 128]),
    pooled=('head', 128, 128),
    widened=('head', 64, 64),
    concatenated=('head', 240, 240),
    reduced=('head', 2048, 2048),
)


@pytest.mark.parametrize('case', FITTING)
def test_channels_behind_transforms(case):
    neck, heads = FITTING[case]
    name, made, setting = PLACES[case]
    whole = model(backbone=STREAMS, neck=neck, **heads)
    moments.model_built(whole)
    place, wrong = whole.get_submodule(name), 270
    kept = place.in_channels
    if isinstance(kept, list):
        wrong = (18, 36, 72, 144)
    place.in_channels = wrong
    giver = 'backbone' if neck is None else 'neck'
    expected = (
        f'the {giver} puts out {made} channels, model.{name} takes {wrong}. '
        f'Set in_channels={setting} there, or change the {giver}'
    )
    with pytest.raises(UserError, match=f'^{re.escape(expected)}$'):
        moments.model_built(whole)
    place.in_channels = kept


def test_channels_that_are_not_known():
    heads = dict(decode_head=reads(7, 5), auxiliary_head=reads(7, (0, 1)))
    moments.model_built(model(backbone=STREAMS, **heads))
    for neck in (Part(), Part(in_channels=128), FeatureMapProcessor(select_index=(7,))):
        moments.model_built(
            model(backbone=STREAMS, neck=neck, head=Part(in_channels=7))
        )
    moments.model_built(model(backbone=Part(out_channels=8), head=Part(in_channels=7)))


def head(channels: int, *losses: nn.Module) -> nn.Module:
    """A decode head with some losses."""
    listed = losses[0] if len(losses) == 1 else nn.ModuleList(losses)
    return Part(conv_seg=nn.Conv2d(4, channels, 1), loss_decode=listed)


SIGMOID = Part(use_sigmoid=True)


@pytest.mark.parametrize(
    ('heads', 'place', 'loss'),
    [
        (head(1, PixelCrossEntropy()), 'decode_head', 'PixelCrossEntropy'),
        (head(1, SIGMOID, HardPixelCrossEntropy()), 'decode_head', 'HardPixelCross'),
        (head(1, Part(use_sigmoid=False)), 'decode_head', 'Part'),
        (
            nn.ModuleList([head(1, SIGMOID), head(1, PixelCrossEntropy())]),
            'decode_head.1',
            'PixelCrossEntropy',
        ),
    ],
)
def test_one_channel_with_a_loss_of_the_softmax(heads, place, loss):
    message = rf'^model\.{place}\.loss_decode: {loss}.* compares the channels of a head'
    with pytest.raises(UserError, match=message):
        moments.model_built(model(decode_head=heads))


def test_one_channel_with_losses_that_fit():
    moments.model_built(model(decode_head=head(1, SIGMOID, Part(use_mask=True))))
    moments.model_built(model(decode_head=head(2, PixelCrossEntropy())))


@pytest.mark.parametrize(
    ('part', 'place', 'loss'),
    [
        (head(2, PixelCrossEntropy([1.0] * 19)), 'loss_decode', 'PixelCrossEntropy'),
        (head(2, SIGMOID, Part(class_weight=[1.0] * 19)), 'loss_decode', 'Part'),
        (
            Part(fc=nn.Linear(4, 2), loss_module=Part(class_weight=[1] * 19)),
            'loss_module',
            'Part',
        ),
        (
            Part(fc_cls=nn.Linear(4, 2), loss_cls=Part(class_weight=[1] * 19)),
            'loss_cls',
            'Part',
        ),
    ],
)
def test_weights_of_other_classes(part, place, loss):
    expected = (
        f'model.part.{place}: class_weight of {loss} has 19 numbers, the head puts out '
        '2 channels. Give one number for each class, or class_weight=None'
    )
    with pytest.raises(UserError, match=f'^{re.escape(expected)}$'):
        moments.model_built(model(part=part))


def test_weights_of_the_own_classes():
    for weights in (None, 0.5, 'a file.npy', [1.0, 2.0], torch.ones(2).numpy()):
        moments.model_built(model(part=head(2, Part(class_weight=weights))))
