"""Whose form a checkpoint has, which HRNet it is, what for, and trained how."""

import pytest
import torch
from forms_case import ALIGNED, ARCH, OFFICIAL, assert_equal, backbone, build, official
from parity_models import FAMILIES as GOLDEN
from parity_models import golden

from hrnet_mm.errors import UserError
from hrnet_mm.models.archs import resolve_arch
from hrnet_mm.weights.formats import as_it_is, convert, recognize


@pytest.mark.parametrize('name', GOLDEN)
def test_official_forms_are_known(name):
    found = recognize(official(name))
    assert (found.format, found.task, *found.upsample) == OFFICIAL[name]
    assert found.arch == resolve_arch(golden(name).facts['arch'])
    assert found.dropped == ()


def test_other_networks_pass():
    resnet = pytest.importorskip('torchvision').models.resnet18()
    for wrapper in ('', 'module.', 'module.model.'):
        tensors = {wrapper + k: v for k, v in resnet.state_dict().items()}
        found = recognize(dict(state_dict=tensors))
        assert (found.format, found.arch, found.upsample) == ('plain', None, ())
        assert_equal(found.tensors, resnet.state_dict())


def test_an_unknown_head_keeps_its_names():
    tensors = {**backbone(), 'my_head.weight': torch.ones(2)}
    found = recognize(tensors)
    assert (found.format, found.task, found.arch_name) == ('backbone', None, ARCH)
    expected = {f'backbone.{k}': v for k, v in backbone().items()}
    assert set(found.tensors) == {*expected, 'my_head.weight'}
    assert set(convert(found, 'mmseg')) == set(backbone())


def test_what_our_tools_say_goes_before_guesses():
    tensors = build('ocr').state_dict()
    stored = dict(task='segmentation', arch=None, upsample=[ALIGNED], source='here')
    found = recognize(dict(state_dict=tensors, meta=dict(hrnet_mm=stored)))
    assert found.upsample == (ALIGNED,)
    bare = recognize(dict(state_dict=backbone(), meta=dict(hrnet_mm=stored)))
    assert (bare.format, bare.task) == ('backbone', 'segmentation')
    trained = dict(cfg="model = dict(backbone=dict(type='hrnet_mm.HRNet'))")
    assert recognize(dict(state_dict=tensors, meta=trained)).upsample == ()


def test_another_family():
    tensors = official('segmentation')
    message = (
        'not of mmseg: it looks like official segmentation. Its names are .*'
        r'\(\d+ in all\). Choices of --from: auto, official, timm, mmdet, mmseg, '
        'mmpose, mmpretrain, hrnet_mm'
    )
    with pytest.raises(UserError, match=message):
        recognize(tensors, 'mmseg')
    with pytest.raises(UserError, match="no family 'mmcls' .* Choices of --from: auto"):
        recognize(tensors, 'mmcls')
    with pytest.raises(UserError, match='no HRNet of mmseg: .* names are weight'):
        recognize(dict(weight=torch.ones(1)), 'mmseg')
    assert recognize(backbone(), 'mmseg').format == 'backbone'


def test_several_tasks():
    tensors = {f'backbone.{k}': v for k, v in backbone().items()}
    tensors['decode_head.conv_seg.weight'] = torch.ones(2)
    tensors['bbox_head.conv_cls.weight'] = torch.ones(2)
    with pytest.raises(UserError, match='could be each of: mmdet, mmseg. Its names'):
        recognize(tensors)
    assert recognize(tensors, 'mmseg').task == 'segmentation'


@pytest.mark.parametrize(
    'stored',
    [
        5,
        'text',
        ['x'],
        *(
            dict(upsample=modes)
            for modes in (5, [5, None], ['cubic'], {'a': 1}, 'bilinear', [['bilinear']])
        ),
        dict(task='flying'),
        dict(task=['pose']),
    ],
)
def test_facts_of_another_type(stored):
    content = dict(state_dict=backbone(), meta=dict(hrnet_mm=stored))
    for read in (recognize, as_it_is):
        with pytest.raises(UserError, match=r"meta\['hrnet_mm'\] of the checkpoint is"):
            read(content)


@pytest.mark.parametrize('meta', [None, 5, 'text', [1], {1: 2}, dict(cfg=dict(a=1))])
def test_meta_of_any_type(meta):
    assert recognize(dict(state_dict=backbone(), meta=meta)).format == 'backbone'


@pytest.mark.parametrize('shape', [(), (0,), (64, 3), (64, 3, 3, 3, 3)])
@pytest.mark.parametrize(
    'name', ['conv1.weight', 'stage4.0.branches.0.0.conv1.weight', 'bn1.running_mean']
)
def test_tensors_of_another_shape(name, shape):
    tensors = backbone() | {name: torch.ones(shape)}
    assert recognize(tensors).format == 'backbone'
