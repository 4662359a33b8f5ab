"""Detectors of mmdet 0.x and 1.x, the official ones among them, in today's form."""

import importlib.util
import re
from functools import cache
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from conftest import ROOT, randomize
from forms_case import assert_identical
from mmengine.config import Config
from mmengine.registry import MODELS, init_default_scope
from samples import shrunk
from torch import nn

from hrnet_mm.errors import UserError
from hrnet_mm.nested_dicts import each_dict
from hrnet_mm.weights.formats.official_detection import (
    MMDET_1,
    MMDET_1_FCOS,
    OFFICIAL,
    OFFICIAL_ONE_STAGE,
)
from hrnet_mm.weights.formats.official_maskrcnn import FCOS, MASKRCNN_BENCHMARK

ARCH = 'w18_small_v1'
ALL = (OFFICIAL, OFFICIAL_ONE_STAGE, MMDET_1, MMDET_1_FCOS, MASKRCNN_BENCHMARK, FCOS)
ONE_STAGE = 'fcos_hrnetv2p_w18_1x'
TWO_STAGES = [
    'faster_rcnn_hrnetv2p_w18_1x',
    'mask_rcnn_hrnetv2p_w18_1x',
    'cascade_rcnn_hrnetv2p_w18_20e',
    'cascade_mask_rcnn_hrnetv2p_w18_20e',
    'htc_hrnetv2p_w18_20e',
]


@cache
def built(name: str) -> nn.Module:
    """The detector of a config on the smallest body, with slim heads."""
    pytest.importorskip('mmdet')
    cfg = Config.fromfile(ROOT / 'configs' / f'{name}.py')
    init_default_scope(cfg.default_scope)
    cfg = shrunk(cfg)
    cfg.model.backbone.arch = cfg.model.neck.arch = ARCH
    for node in each_dict(cfg.model):
        if 'fc_out_channels' in node:
            node['fc_out_channels'] = 32
    return randomize(MODELS.build(cfg.model))


def as_mmdet_1(tensors: dict, official: bool) -> dict:
    """Write by hand what mmdet 1.x would have saved; background rows are random."""
    made = {}
    for name, tensor in tensors.items():
        background = None
        if '.fc_cls.' in name:
            background, tensor = tensor[-1:], tensor[:-1]
        elif '.fc_reg.' in name and len(tensor) == 320:
            background = torch.randn(4, *tensor.shape[1:])
        elif '.mask_head.' in name and '.conv_logits.' in name:
            background = torch.randn(1, *tensor.shape[1:])
        if background is not None:
            tensor = torch.cat([background, tensor])
        name = name.replace('roi_head.', '')
        name = re.sub(r'^bbox_head\.conv_', 'bbox_head.fcos_', name)
        if official:
            name = name.replace('neck.reduction_conv.conv.', 'neck.reduction_conv.0.')
            name = re.sub(r'neck\.fpn_convs\.(\d)\.conv\.', r'neck.fpn_conv.\1.', name)
        made[name] = tensor
    return made


def fitting(names) -> list[str]:
    return [form.name for form in ALL if form.fits(names)]


@pytest.mark.slow
@pytest.mark.parametrize('name', TWO_STAGES)
@pytest.mark.parametrize(('form', 'official'), [(OFFICIAL, True), (MMDET_1, False)])
def test_detectors_of_two_stages_load_strictly(name, form, official):
    model = built(name)
    ours = model.state_dict()
    theirs = as_mmdet_1(ours, official)
    assert not any(key.startswith('roi_head') for key in theirs)
    read = form.read(theirs)
    assert_identical(read, ours)
    model.load_state_dict(read, strict=True)
    assert fitting(theirs)[0] == form.name
    assert fitting(ours) == []
    written = form.write(ours)
    assert {k: v.shape for k, v in written.items()} == {
        k: v.shape for k, v in theirs.items()
    }
    assert_identical(form.read(written), ours)


@pytest.mark.slow
def test_fcos_loads_strictly_and_as_by_mmdets_own_hook():
    model = built(ONE_STAGE)
    ours = {key: tensor.clone() for key, tensor in model.state_dict().items()}
    theirs = as_mmdet_1(ours, official=False)
    assert len(set(theirs) - set(ours)) == 6
    assert fitting(theirs) == ['mmdet 1.x FCOS']
    assert fitting(ours) == []
    read = MMDET_1_FCOS.read(theirs)
    assert_identical(read, ours)
    assert_identical(MMDET_1_FCOS.write(ours), theirs)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.zero_()
    model.load_state_dict(theirs, strict=True)  # through the hook
    assert_identical(model.state_dict(), read)


def made_up(classes: int, agnostic: bool = False, stage: str = '') -> dict:
    """Predictors of mmdet 1.x; each row's values are its number."""
    boxes = 4 if agnostic else 4 * (classes + 1)
    rows = {
        f'bbox_head.{stage}fc_cls': classes + 1,
        f'bbox_head.{stage}fc_reg': boxes,
        f'mask_head.{stage}conv_logits': classes + 1,
        'rpn_head.rpn_cls': 3,
        'rpn_head.rpn_reg': 12,
        'semantic_head.conv_logits': 183,
    }
    tensors = {}
    for name, number in rows.items():
        tensors[f'{name}.bias'] = torch.arange(float(number))
        tensors[f'{name}.weight'] = torch.arange(float(number))[:, None].expand(-1, 2)
    return tensors


@pytest.mark.parametrize('part', ['weight', 'bias'])
@pytest.mark.parametrize('stage', ['', '0.', '2.'])
@pytest.mark.parametrize('classes', [1, 3, 80])
def test_rows(part, stage, classes):
    def rows(tensor):
        return (tensor if part == 'bias' else tensor[:, 0]).tolist()

    read = MMDET_1.read(made_up(classes, stage=stage))
    boxes, masks = f'roi_head.bbox_head.{stage}', f'roi_head.mask_head.{stage}'
    assert rows(read[f'{boxes}fc_cls.{part}']) == [*range(1, classes + 1), 0]
    assert rows(read[f'{boxes}fc_reg.{part}']) == [*range(4, 4 * classes + 4)]
    assert rows(read[f'{masks}conv_logits.{part}']) == [*range(1, classes + 1)]
    assert rows(read[f'rpn_head.rpn_cls.{part}']) == [0, 1, 2]
    assert rows(read[f'rpn_head.rpn_reg.{part}']) == [*range(12)]
    assert rows(read[f'roi_head.semantic_head.conv_logits.{part}']) == [*range(183)]


@pytest.mark.parametrize('classes', [1, 80])
def test_boxes_for_all_classes_stay(classes):
    theirs = made_up(classes, agnostic=True, stage='1.')
    read = MMDET_1.read(theirs)
    for part in ('weight', 'bias'):
        name = f'bbox_head.1.fc_reg.{part}'
        assert torch.equal(read[f'roi_head.{name}'], theirs[name])


def test_round_trip_loses_nothing_but_the_background_of_boxes_and_masks():
    theirs = made_up(3)
    ours = MMDET_1.read(theirs)
    back = MMDET_1.write(ours)
    for layer, rows in (('bbox_head.fc_reg', 4), ('mask_head.conv_logits', 1)):
        for part in ('weight', 'bias'):
            name = f'{layer}.{part}'
            assert back[name][:rows].abs().sum() == 0
            theirs[name] = theirs[name].clone()
            theirs[name][:rows] = 0
    assert_identical(back, theirs)
    assert_identical(MMDET_1.read(back), ours)


def test_scores_boxes_and_masks_are_those_of_the_same_classes():
    classes, x = 7, torch.randn(5, 16)
    theirs = {
        name: torch.randn(*tensor.shape[:1], *([16] if tensor.dim() > 1 else []))
        for name, tensor in made_up(classes).items()
    }
    ours = MMDET_1.read(theirs)

    def run(tensors, layer):
        return F.linear(x, tensors[f'{layer}.weight'], tensors[f'{layer}.bias'])

    old = run(theirs, 'bbox_head.fc_cls').softmax(1)
    new = run(ours, 'roi_head.bbox_head.fc_cls').softmax(1)
    torch.testing.assert_close(new, torch.cat([old[:, 1:], old[:, :1]], 1))
    for layer, rows in (('bbox_head.fc_reg', 4), ('mask_head.conv_logits', 1)):
        old = run(theirs, layer).view(5, classes + 1, rows)
        new = run(ours, f'roi_head.{layer}').view(5, classes, rows)
        torch.testing.assert_close(new, old[:, 1:])


def test_masks_of_htcs_first_stage_keep_what_mmdet_has_no_use_for():
    unused = 'mask_head.0.conv_res.conv.weight'
    theirs = dict(made_up(3, stage='0.'), **{unused: torch.ones(2, 2, 1, 1)})
    read = MMDET_1.read(theirs)
    assert torch.equal(read[f'roi_head.{unused}'], theirs[unused])


def test_half_converted_files_are_refused():
    theirs = made_up(80)
    theirs['bbox_head.fc_reg.weight'] = torch.zeros(320, 2)
    message = (
        'roi_head.bbox_head.fc_reg.weight has 320 rows; expected 324, 4 for each of '
        '81 classes, or 4 for all of them. Is the file half converted'
    )
    with pytest.raises(UserError, match=message):
        MMDET_1.read(theirs)
    ours = dict(MMDET_1.read(made_up(80)))
    ours['roi_head.mask_head.conv_logits.bias'] = torch.zeros(81)
    with pytest.raises(UserError, match='has 81 rows; expected 80, 1 for each of 80'):
        MMDET_1.write(ours)


def test_detectors_without_a_classifier_are_refused():
    with pytest.raises(UserError, match=r'no bbox_head\.fc_cls, which tells how many'):
        MMDET_1.read({'rpn_head.rpn_cls.bias': torch.zeros(3)})
    with pytest.raises(UserError, match='Expected Faster R-CNN, Mask R-CNN, Cascade'):
        OFFICIAL.write({'bbox_head.conv_cls.bias': torch.zeros(80)})


def test_official_detectors_of_one_stage():
    theirs = {
        'neck.reduction_conv.0.bias': torch.zeros(1),
        'neck.fpn_conv.4.weight': torch.zeros(2),
        'rpn_head.rpn_conv.weight': torch.zeros(3),
    }
    assert fitting(theirs) == ['official detection, one stage']
    ours = OFFICIAL_ONE_STAGE.read(theirs)
    assert list(ours) == [
        'neck.reduction_conv.conv.bias',
        'neck.fpn_convs.4.conv.weight',
        'bbox_head.rpn_conv.weight',
    ]
    assert_identical(OFFICIAL_ONE_STAGE.write(ours), theirs)


@pytest.mark.parametrize(
    'names',
    [
        ['conv1.weight', 'transition1.0.0.weight', 'incre_modules.0.0.bn1.bias'],
        ['backbone.conv1.weight', 'backbone.transition1.0.0.weight'],
        ['neck.fpn_convs.0.conv.weight', 'bbox_head.conv_cls.bias'],
        ['rpn_head.rpn_conv.bias', 'roi_head.bbox_head.fc_cls.bias'],
        ['rpn_head.rpn_conv.bias', 'roi_head.0.bias', 'bbox_head.0.conv_cls.bias'],
        # maskrcnn-benchmark's ResNet
        ['backbone.body.stem.conv1.weight', 'backbone.fpn.fpn_inner1.weight'],
    ],
)
def test_marks_fit_no_other_files(names):
    assert fitting(names) == []


def tool_of_mmdet():
    """mmdet's own converter of old files, from where mim put it."""
    mmdet = pytest.importorskip('mmdet')
    folder = Path(mmdet.__file__).parent / '.mim/tools/model_converters'
    path = folder / 'upgrade_model_version.py'
    if not path.is_file():
        pytest.skip('this mmdet has no tools')
    spec = importlib.util.spec_from_file_location('upgrade_model_version', path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize('agnostic', [False, True])
def test_mmdets_own_tool_agrees_but_for_biases_that_it_misplaces(tmp_path, agnostic):
    theirs = made_up(80, agnostic)
    heads = "dict(type='SharedFCBBoxHead')"
    heads = f'[{heads}]' if agnostic else heads
    config = f'old.py\nmodel = dict(rpn_head=dict(), bbox_head={heads})\n'
    meta = dict(mmdet_version='1.0rc1', config=config)
    torch.save(dict(state_dict=theirs, meta=meta), tmp_path / 'old.pth')
    tool_of_mmdet().convert(tmp_path / 'old.pth', tmp_path / 'new.pth', 81)
    upgraded = torch.load(tmp_path / 'new.pth', weights_only=True)['state_dict']
    read = MMDET_1.read(theirs)
    assert set(read) == set(upgraded)
    differing = {k for k in read if not torch.equal(read[k], upgraded[k])}
    misplaced = {'rpn_head.rpn_cls.bias', 'roi_head.mask_head.conv_logits.bias'}
    if not agnostic:
        misplaced.add('roi_head.bbox_head.fc_reg.bias')
        # The weights of class 1 beside the biases of the background.
        layer = 'roi_head.bbox_head.fc_reg'
        assert upgraded[f'{layer}.weight'][0, 0] == 4
        assert upgraded[f'{layer}.bias'][0] == 0
    assert differing == misplaced


def test_anchors_and_boxes_of_mmdet_1_by_todays_options():
    """The options that docs/checkpoints.md gives."""
    generators = pytest.importorskip('mmdet.models.task_modules.prior_generators')
    coders = pytest.importorskip('mmdet.models.task_modules.coders')
    strides = [4, 8, 16, 32, 64]
    old = generators.LegacyAnchorGenerator(
        strides=strides, scales=[8], ratios=[0.5, 1.0, 2.0], center_offset=0.5
    )
    new = generators.YOLOAnchorGenerator(
        strides=strides,
        base_sizes=[
            [(46, 22), (32, 32), (22, 46)],
            [(90, 46), (64, 64), (46, 90)],
            [(182, 90), (128, 128), (90, 182)],
            [(362, 182), (256, 256), (182, 362)],
            [(724, 362), (512, 512), (362, 724)],
        ],
    )
    # 1.x counted the last pixel in; its boxes end one pixel later as we write them.
    end = torch.tensor([0, 0, 1, 1])
    for base, legacy in zip(new.base_anchors, old.base_anchors):
        assert torch.equal(base, legacy + end)
    anchors = old.base_anchors[1]
    deltas = torch.randn(len(anchors), 4)
    decoded = coders.DeltaXYWHBBoxCoder().decode(anchors + end, deltas)
    legacy = coders.LegacyDeltaXYWHBBoxCoder().decode(anchors, deltas)
    # mmdet's own legacy coder is half a pixel off at each side, as it says itself.
    half = torch.tensor([0.5, 0.5, 0.5, 0.5])
    torch.testing.assert_close(decoded, legacy + half)
