"""Forms of state dicts: each is known by its names, read as ours, and written back."""

from functools import cache

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from conftest import randomize
from parity_models import FAMILIES as GOLDEN
from parity_models import build as built
from parity_models import golden
from torch import nn

from hrnet_mm.errors import UserError
from hrnet_mm.models import ARCHS, HRFuseScales, HRNet
from hrnet_mm.models.archs import hrnet_arch, resolve_arch
from hrnet_mm.weights.formats import FAMILIES, convert, recognize
from hrnet_mm.weights.formats.form import renamed

ARCH = 'w18_small_v1'
SEGMENTATION = ('official segmentation', 'segmentation')
ALIGNED = 'bilinear, aligned'
OFFICIAL = dict(
    classification=('official classification', 'classification', 'nearest'),
    pose=('official pose', 'pose', 'nearest'),
    face=('official face', 'pose', 'bilinear'),
    segmentation=(*SEGMENTATION, 'bilinear', ALIGNED),
    segmentation_aligned=(*SEGMENTATION, 'bilinear', ALIGNED),
    segmentation_unaligned=(*SEGMENTATION, 'bilinear', ALIGNED),
    ocr=('official segmentation with OCR', 'segmentation', ALIGNED),
    detection=('official detection', 'detection', 'nearest'),
    detection_benchmark=('official Mask R-CNN Benchmark', 'detection', 'nearest'),
    detection_fcos=('official FCOS', 'detection', 'nearest'),
)
FOLDED = dict(
    classification=[
        'final_layer.0.bias',
        *(f'downsamp_modules.{i}.0.bias' for i in range(3)),
    ],
    segmentation=['last_layer.0.bias'],
    ocr=['aux_head.0.bias', 'conv3x3_ocr.0.bias'],
    pose=[],
    face=[],
)
HEADS = [*FOLDED]  # those of which all tensors have names here


build = cache(built)


def official(name):
    """Tensors as the original code names and shapes them."""
    return dict(golden(name).state_dict)


def assert_equal(found, expected):
    assert set(found) == set(expected)
    for name, tensor in expected.items():
        torch.testing.assert_close(found[name], tensor, rtol=1e-6, atol=1e-6)


@cache
def backbone():
    """Do not change it."""
    return randomize(HRNet(ARCH)).state_dict()


# The official forms, with the names that the original code has


@pytest.mark.parametrize('name', GOLDEN)
def test_official_forms_are_known(name):
    found = recognize(official(name))
    assert (found.format, found.task, *found.upsample) == OFFICIAL[name]
    assert found.arch == resolve_arch(golden(name).facts['arch'])
    assert found.dropped == ()


@pytest.mark.parametrize('name', HEADS)
def test_official_names_become_those_of_our_models(name):
    theirs = official(name)
    found = recognize(theirs, 'official')
    assert set(found.tensors) == set(build(name).state_dict())
    assert sorted(found.folded) == sorted(FOLDED[name])
    assert len(found.tensors) + len(found.folded) == len(theirs)
    form = next(form for form in FAMILIES['official'] if form.name == found.format)
    for old, tensor in theirs.items():
        if old not in found.folded and 'running_mean' not in old:
            assert torch.equal(found.tensors[renamed(old, form.renames)], tensor)


@pytest.mark.parametrize('name', GOLDEN)
def test_official_forms_are_written_back(name):
    theirs = official(name)
    found = recognize(theirs)
    back = convert(found, 'official')
    assert set(back) == set(theirs)
    assert_equal(recognize(back).tensors, found.tensors)
    for old, tensor in back.items():
        if old in found.folded and old.endswith('bias'):
            assert not tensor.any()
        elif 'running_' not in old and not (old.startswith('bbox_head.')):
            assert torch.equal(tensor, theirs[old]), old


@pytest.mark.parametrize(
    ('name', 'theirs', 'norm', 'ours', 'our_norm'),
    [
        (
            'segmentation',
            'last_layer.0',
            'last_layer.1',
            'decode_head.convs.0.conv',
            'decode_head.convs.0.bn',
        ),
        (
            'ocr',
            'conv3x3_ocr.0',
            'conv3x3_ocr.1.0',
            'decode_head.1.bottleneck.conv',
            'decode_head.1.bottleneck.bn',
        ),
        (
            'classification',
            'downsamp_modules.1.0',
            'downsamp_modules.1.1',
            'neck.0.downsample_layers.1.conv',
            'neck.0.downsample_layers.1.bn',
        ),
    ],
)
def test_a_bias_before_a_norm_is_in_the_norm(name, theirs, norm, ours, our_norm):
    def run(tensors, conv, norm):
        weight, bias = tensors[f'{conv}.weight'], tensors.get(f'{conv}.bias')
        x = torch.linspace(-1, 1, weight[0].numel()).reshape(1, *weight.shape[1:])
        fields = ('running_mean', 'running_var', 'weight', 'bias')
        values = [tensors[f'{norm}.{field}'].double() for field in fields]
        bias = None if bias is None else bias.double()
        return F.batch_norm(F.conv2d(x.double(), weight.double(), bias), *values)

    tensors = official(name)
    if f'{norm}.weight' not in tensors:
        norm = norm.removesuffix('.0')
    found = recognize(tensors)
    expected = run(tensors, theirs, norm)
    assert f'{ours}.bias' not in found.tensors
    for state, conv, bn in (
        (found.tensors, ours, our_norm),
        (convert(found, 'official'), theirs, norm),
    ):
        torch.testing.assert_close(run(state, conv, bn), expected, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize('name', ['segmentation', 'ocr'])
def test_in_place_norms_of_torch_0_4(name):
    tensors = official(name)
    norm = 'stage4.0.branches.0.0.bn1.weight'
    tensors[norm] = torch.linspace(-1, 1, len(tensors[norm]))
    counted = recognize(tensors)
    assert torch.equal(counted.tensors[f'backbone.{norm}'], tensors[norm])
    old = {k: v for k, v in tensors.items() if 'num_batches' not in k}
    found = recognize(old)
    assert found.format == f'{counted.format}, torch 0.4'
    assert found.upsample == counted.upsample
    assert torch.equal(found.tensors[f'backbone.{norm}'], tensors[norm].abs() + 1e-5)
    head = 'decode_head.0.convs.0' if name == 'ocr' else 'decode_head.convs.0'
    assert (found.tensors[f'{head}.bn.weight'] > 0).all()
    same = f'{head}.conv.weight'
    assert torch.equal(found.tensors[same], counted.tensors[same])


# timm


def classifier(arch):
    """Our network with the official classification head."""
    parts = dict(
        backbone=HRNet(arch),
        neck=nn.Sequential(HRFuseScales(arch)),
        head=nn.ModuleDict(dict(fc=nn.Linear(2048, 10))),
    )
    return nn.ModuleDict(parts).eval()


def test_timm_computes_the_same():
    timm = pytest.importorskip('timm')
    theirs = randomize(timm.create_model('hrnet_w18_small', num_classes=10)).eval()
    found = recognize(theirs.state_dict(), 'timm')
    assert (found.format, found.arch_name) == ('timm', ARCH)
    assert found.upsample == ('nearest',)
    ours = classifier(ARCH)
    ours.load_state_dict(found.tensors, strict=True)
    image = torch.randn(1, 3, 64, 64)
    (x,) = ours.neck[0](ours.backbone(image))
    expected = theirs(image)
    assert expected.std() > 0.01
    torch.testing.assert_close(ours.head.fc(x.mean((2, 3))), expected)
    back = timm.create_model('hrnet_w18_small', num_classes=10).eval()
    back.load_state_dict(convert(found, 'timm'), strict=True)
    torch.testing.assert_close(back(image), expected)


@pytest.mark.slow
def test_all_of_timm():
    timm = pytest.importorskip('timm')
    found = {}
    with torch.device('meta'):
        for name in timm.list_models('hrnet_w*'):
            tensors = timm.create_model(name).state_dict()
            found[name] = recognize(tensors)
            same = set(convert(found[name], 'timm')) ^ set(tensors)
            # timm's ssld networks have no biases there; zeros are the same.
            assert same == (set(FOLDED['classification']) if 'ssld' in name else set())
        features = timm.create_model('hrnet_w18', features_only=True).state_dict()
        bare = timm.create_model('hrnet_w18', features_only=True, feature_location='')
        shapes = classifier('w18').state_dict()
    assert set(found['hrnet_w18'].tensors) == set(shapes)
    archs = {
        name.removeprefix('hrnet_').removesuffix('_ssld'): weights.arch_name
        for name, weights in found.items()
    }
    assert archs.pop('w18_small') == 'w18_small_v1'
    assert archs.pop('w18_small_v2') == 'w18_small_v2'
    assert all(name == arch for name, arch in archs.items())
    assert len(archs) == 7
    assert recognize(features).task == 'classification'
    assert set(recognize(features).tensors) < set(shapes)
    assert recognize(bare.state_dict()).format == 'backbone'


# The toolboxes


@pytest.mark.parametrize(
    ('name', 'expected'),
    dict(
        classification=('mmpretrain', 'nearest'),
        pose=('mmpose', 'nearest'),
        face=('mmpose, HRNetV2', 'bilinear'),
        segmentation=('mmseg', 'bilinear'),
        ocr=('mmseg', 'bilinear'),
        detection=('mmdet', 'nearest'),
    ).items(),
)
def test_forms_of_the_toolboxes(name, expected):
    tensors = build(name).state_dict()
    found = recognize(dict(state_dict=tensors, meta=dict(epoch=1)))
    assert (found.format, *found.upsample) == expected
    assert found.task == OFFICIAL[name][1]
    assert_equal(found.tensors, tensors)
    family = expected[0].partition(',')[0]
    assert_equal(convert(found, family), tensors)
    assert set(convert(found, 'official')) == set(official(name))
    ours = recognize(tensors, 'hrnet_mm')
    assert_equal(convert(ours, 'hrnet_mm'), tensors)


@pytest.mark.parametrize('part', ['head', 'keypoint_head'])
def test_mmpose_0_with_a_convolution_in_the_head(part):
    tensors = build('face').state_dict()
    pairs = [
        ('head.conv_layers.', f'{part}.final_layer.'),
        ('head.final_layer.', f'{part}.final_layer.3.'),
    ]
    found = recognize({renamed(k, pairs) or k: v for k, v in tensors.items()}, 'mmpose')
    assert (found.format, found.upsample) == ('mmpose 0.x, HRNetV2', ('bilinear',))
    assert_equal(found.tensors, tensors)


def test_mmpose_0():
    tensors = build('pose').state_dict()
    old = {k.replace('head.', 'keypoint_head.'): v for k, v in tensors.items()}
    found = recognize(old)
    assert (found.format, found.upsample) == ('mmpose 0.x', ('nearest',))
    assert_equal(found.tensors, tensors)


def test_detectors_of_several_official_code_bases():
    found = recognize(official('detection_benchmark'))
    assert any(name.startswith(('rpn.', 'roi_heads.')) for name in found.tensors)
    parts = {name.split('.')[0] for name in convert(found, 'mmdet')}
    assert parts == {'backbone', 'neck'}
    model = build('detection_fcos').state_dict()
    fcos = recognize({**model, 'bbox_head.conv_cls.weight': torch.ones(80, 9)})
    assert (fcos.format, fcos.task) == ('mmdet', 'detection')
    body = {k.removeprefix('backbone.') for k in model if k.startswith('backbone.')}
    assert set(convert(fcos, 'official')) == body


# The network


@pytest.mark.parametrize('arch', ARCHS)
def test_every_arch_is_known(arch):
    with torch.device('meta'):
        several, single = HRNet(arch), HRNet(arch, multiscale_output=False)
    for model in (several, single):
        found = recognize(model.state_dict())
        assert (found.format, found.task, found.upsample) == ('backbone', None, ())
        assert (found.arch, found.arch_name) == (ARCHS[arch], arch)
        assert set(found.tensors) == {f'backbone.{name}' for name in model.state_dict()}


def test_other_archs_and_channels():
    arch = hrnet_arch(20, modules=(1, 2, 1, 2), depth=(2, 1, 3, 1))
    with torch.device('meta'):
        found = recognize(HRNet(arch, in_channels=5).state_dict())
    assert (found.arch, found.arch_name) == (arch, None)


def test_a_part_of_an_hrnet_has_no_arch():
    tensors = {k: v for k, v in backbone().items() if not k.startswith('stage3.')}
    assert recognize(tensors).arch is None


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


# What trainers put around it

JUNK = dict(junk=torch.ones(1))


@pytest.mark.parametrize(
    'nest',
    [
        lambda tensors: tensors,
        lambda tensors: dict(state_dict=tensors, optimizer=dict(state={}), epoch=3),
        lambda tensors: dict(model=tensors, optimizer=dict(state={})),
        lambda tensors: dict(model='pose_hrnet', state_dict=tensors, perf=0.7),
        lambda tensors: dict(model=dict(state_dict=tensors)),
        lambda tensors: dict(model_state=tensors),
        lambda tensors: dict(best_state_dict=tensors, epoch=torch.tensor(3)),
        lambda tensors: dict(
            state_dict=dict(junk=torch.ones(1)), state_dict_ema=tensors
        ),
        lambda tensors: dict(ema=tensors, model=dict(junk=torch.ones(1))),
        lambda tensors: dict(
            state_dict={k: nn.Parameter(v) for k, v in tensors.items()}
        ),
    ],
)
def test_nestings(nest):
    # Floats alone: nn.Parameter has no integers.
    tensors = {k: v for k, v in backbone().items() if v.is_floating_point()}
    found = recognize(nest({f'module.{k}': v for k, v in tensors.items()}))
    assert_equal(found.tensors, {f'backbone.{k}': v for k, v in tensors.items()})
    assert not any(x.requires_grad for x in found.tensors.values())


@pytest.mark.parametrize(
    'wrapper', ['', 'module.', 'model.', 'module.model.', '_orig_mod.module.']
)
@pytest.mark.parametrize('part', ['', 'backbone.'])
def test_wrappers(wrapper, part):
    tensors = {wrapper + part + k: v for k, v in backbone().items()}
    found = recognize(tensors)
    assert (found.format, found.arch_name, found.dropped) == ('backbone', ARCH, ())
    assert_equal(found.tensors, {f'backbone.{k}': v for k, v in backbone().items()})


@pytest.mark.parametrize('name', HEADS)
@pytest.mark.parametrize('wrapper', ['module.', 'model.', 'module.model.'])
def test_wrapped_heads(name, wrapper):
    tensors = official(name)
    found = recognize(dict(state_dict={wrapper + k: v for k, v in tensors.items()}))
    assert found.format == OFFICIAL[name][0]
    assert_equal(found.tensors, recognize(tensors).tensors)


@pytest.mark.parametrize(
    ('wrapper', 'stray'),
    [
        ('model.', 'loss.criterion.weight'),
        ('module.model.', 'module.loss.criterion.weight'),
        ('', 'loss.criterion.weight'),
        ('module.', 'n_averaged'),
        ('', 'data_preprocessor.mean'),
        ('', 'conv1.total_ops'),
        ('', 'ema_backbone_conv1_weight'),
    ],
)
def test_what_is_no_part_of_the_network_is_dropped(wrapper, stray):
    tensors = official('segmentation')
    wrapped = {wrapper + k: v for k, v in tensors.items()} | {stray: torch.ones(19)}
    found = recognize(wrapped)
    assert found.dropped == (stray,)
    assert_equal(found.tensors, recognize(tensors).tensors)


def test_what_our_tools_say_goes_before_guesses():
    tensors = build('ocr').state_dict()
    stored = dict(task='segmentation', arch=None, upsample=[ALIGNED], source='here')
    found = recognize(dict(state_dict=tensors, meta=dict(hrnet_mm=stored)))
    assert found.upsample == (ALIGNED,)
    bare = recognize(dict(state_dict=backbone(), meta=dict(hrnet_mm=stored)))
    assert (bare.format, bare.task) == ('backbone', 'segmentation')
    trained = dict(cfg="model = dict(backbone=dict(type='hrnet_mm.HRNet'))")
    assert recognize(dict(state_dict=tensors, meta=trained)).upsample == ()


# Errors


def test_nothing_to_recognize():
    with pytest.raises(UserError, match='no tensors; it has epoch, array. Expected'):
        recognize(dict(epoch=1, array=np.ones(2)))
    with pytest.raises(UserError, match='no tensors; it has nothing'):
        recognize({})


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


def test_several_networks():
    tensors = backbone()
    two = {start + k: v for k, v in tensors.items() for start in ('module.', 'model.')}
    with pytest.raises(UserError, match="2 HRNets, with 'model.' and 'module.' in"):
        recognize(two)


def test_several_tasks():
    tensors = {f'backbone.{k}': v for k, v in backbone().items()}
    tensors['decode_head.conv_seg.weight'] = torch.ones(2)
    tensors['bbox_head.conv_cls.weight'] = torch.ones(2)
    with pytest.raises(UserError, match='could be each of: mmdet, mmseg. Its names'):
        recognize(tensors)
    assert recognize(tensors, 'mmseg').task == 'segmentation'


def test_a_bias_without_its_norm():
    tensors = official('segmentation')
    del tensors['last_layer.1.running_mean']
    message = r'official segmentation\) has last_layer.0.bias, but no running mean'
    with pytest.raises(UserError, match=message):
        recognize(tensors)
