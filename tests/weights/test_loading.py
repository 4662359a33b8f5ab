"""Loading a checkpoint of any form into a model, and what is said of it."""

import loading_case
import pytest
import torch
from conftest import randomize
from loading_case import ARCH, Detector, equal
from torch import nn

from hrnet_mm.errors import UserError
from hrnet_mm.models import HRFPN, HRNet
from hrnet_mm.weights import describe, load, load_content
from hrnet_mm.weights.formats import Recognized
from hrnet_mm.weights.published import by_file

model, said = loading_case.model, loading_case.said  # fixtures

TENSORS = '426/426 tensors of hrnet_w18_small_v1 loaded'


def official_classification(model):
    """A state dict as the official ImageNet files have it, with random heads."""
    channels = model.arch[-1].out_channels
    head = {
        'classifier.weight': torch.randn(10, 2048),
        'classifier.bias': torch.ones(10),
    }
    for r, width in enumerate(channels):
        head[f'incre_modules.{r}.0.conv1.weight'] = torch.randn(32 * 2**r, width, 1, 1)
    head['downsamp_modules.0.0.weight'] = torch.randn(256, 128, 3, 3)
    head['downsamp_modules.0.0.bias'] = torch.randn(256)  # folded, and counted
    head['downsamp_modules.0.1.running_mean'] = torch.randn(256)
    return {**model.state_dict(), **head}


@pytest.mark.parametrize(
    'wrap',
    [
        lambda tensors: tensors,
        lambda tensors: dict(state_dict=tensors, meta=dict(epoch=1)),
        lambda tensors: {f'module.{k}': v for k, v in tensors.items()},
        lambda tensors: {f'model.{k}': v for k, v in tensors.items()},
        lambda tensors: dict(
            state_dict={f'backbone.{k}': v for k, v in tensors.items()}
        ),
    ],
)
def test_nesting_and_prefixes(model, tmp_path, said, wrap):
    path = tmp_path / 'weights.pth'
    torch.save(wrap(model.state_dict()), path)
    fresh = HRNet(ARCH)
    load(path, fresh)
    assert said == [f'{path}: {TENSORS}']
    assert equal(fresh, model)


def test_a_head_is_left_aside_and_counted(model, said):
    fresh = HRNet(ARCH)
    load_content(official_classification(model), fresh, 'cls.pth')
    assert said == [f'cls.pth: {TENSORS}, 9 of the classification head left aside']
    assert equal(fresh, model)


def test_old_files_lack_batch_counters(model, said):
    tensors = {k: v for k, v in model.state_dict().items() if 'num_batches' not in k}
    load_content(tensors, HRNet(ARCH), 'old')
    assert said == ['old: 355/355 tensors of hrnet_w18_small_v1 loaded']


def test_a_part_of_a_detector(said):
    detector = randomize(Detector())
    for part in (HRNet(ARCH), HRFPN(ARCH, out_channels=8)):
        load_content(dict(state_dict=detector.state_dict()), part, 'detector')
        assert equal(
            part, detector.backbone if part.__class__ is HRNet else detector.neck
        )
    assert said == [
        f'detector: {TENSORS}, 12 of the neck, 2 of the detection head left aside',
        'detector: 12/12 tensors of HRFPN loaded, 348 of the backbone, '
        "78 of the lower streams' last exchange, 2 of the detection head left aside",
    ]


def test_the_whole_detector(said):
    detector, fresh = randomize(Detector()), Detector()
    load_content(dict(state_dict=detector.state_dict()), fresh, 'detector')
    assert said == ['detector: 440/440 tensors of Detector (hrnet_w18_small_v1) loaded']
    assert equal(fresh, detector)


def test_a_backbone_is_not_a_whole_detector(model, said):
    with pytest.raises(UserError, match=r'426/440 tensors of Detector'):
        load_content(model.state_dict(), Detector(), 'backbone.pth')
    fresh = Detector()
    load_content(model.state_dict(), fresh, 'backbone.pth', strict=False)
    assert equal(fresh.backbone, model)
    assert said[1].startswith(
        'the rest keeps its initial values:\n  missing in the file'
    )


def test_nothing_fits(model):
    wrong = {f'features.{i}': x for i, x in enumerate(model.state_dict().values())}
    message = (
        'weights.pth does not fit hrnet_w18_small_v1: 0/426 tensors of '
        r'hrnet_w18_small_v1 fit, 426 of other parts left aside\.\n'
        r'  missing in the file: conv1.weight, bn1.weight.*\(426 in all\)'
    )
    fresh = HRNet(ARCH)
    before = {k: v.clone() for k, v in fresh.state_dict().items()}
    for strict in (True, False):
        with pytest.raises(UserError, match=message):
            load_content(wrong, fresh, 'weights.pth', strict)
    assert all(torch.equal(v, before[k]) for k, v in fresh.state_dict().items())


def test_another_arch(said):
    other = HRNet('w18_small_v2').state_dict()
    message = (
        r'other.pth \(hrnet_w18_small_v2\) does not fit hrnet_w18_small_v1: '
        r'\d+/426 tensors(.|\n)*of another kind: layer1.0.conv1.*\(\d+ in all\)(.|\n)*'
        'Another arch or number of classes'
    )
    with pytest.raises(UserError, match=message):
        load_content(other, HRNet(ARCH), 'other.pth')
    found = load_content(other, HRNet(ARCH), 'other.pth', strict=False)
    assert 0 < len(found.tensors) < found.total
    assert 'keeps its initial values' in said[1]


def test_one_output_and_several(model, said):
    single = HRNet(ARCH, multiscale_output=False)
    load_content(model.state_dict(), single, 'v2')
    left = "78 of the lower streams' last exchange left aside"
    assert said[0].startswith('v2: 348/348 tensors')
    assert said[0].endswith(left)
    with pytest.raises(UserError, match='The file is of an HRNetV1, which puts out'):
        load_content(single.state_dict(), HRNet(ARCH), 'v1')
    load_content(single.state_dict(), HRNet(ARCH), 'v1', strict=False)


def stored(model, **meta):
    return dict(state_dict=model.state_dict(), meta=dict(hrnet_mm=meta))


ALIGNED = dict(mode='bilinear', align_corners=True)


@pytest.mark.parametrize(
    ('trained', 'own', 'remedy'),
    [
        ('bilinear', 'nearest', "Say upsample='bilinear'"),
        ('nearest', 'bilinear', "Say upsample='nearest'"),
        (ALIGNED, 'bilinear', r'Say upsample=dict\(.*align_corners=True\)'),
        ('bilinear', ALIGNED, "Say upsample='bilinear'"),
    ],
)
def test_up_sampling_must_agree(said, trained, own, remedy):
    weights = HRNet(ARCH, upsample=trained)
    content = stored(weights, **describe(weights))
    fresh = HRNet(ARCH, upsample=own)
    names = f'{weights.upsample}, this model has {fresh.upsample}: '
    with pytest.raises(UserError, match=f'was trained with upsample {names}') as error:
        load_content(content, fresh, 'x')
    assert error.match(remedy)
    assert not equal(fresh, weights)
    load_content(content, HRNet(ARCH, upsample=trained), 'x')
    assert 'WRONG' not in said[-1]
    load_content(content, fresh, 'x', strict=False)
    assert 'WRONG FEATURES until trained again' in said[-1]


def test_imagenet_weights_start_every_network(model, said):
    content = official_classification(model)
    load_content(content, HRNet(ARCH, upsample='bilinear'), 'cls')
    note = 'trained with upsample nearest, this model has bilinear, as in the official'
    assert note in said[0]


def test_the_table_knows_published_files(model, monkeypatch):
    # Aligned: a bare backbone does not tell. (The published network is W48.)
    name = 'hrnet_cocostuff_3617_torch04.pth'
    monkeypatch.setattr(Recognized, 'arch_name', 'w48')
    with pytest.raises(
        UserError, match='trained with upsample bilinear, aligned, this'
    ):
        load_content(
            model.state_dict(),
            HRNet(ARCH, upsample='bilinear'),
            name,
            row=by_file(f'a/{name}'),
        )
    load_content(
        model.state_dict(),
        HRNet(ARCH, upsample=ALIGNED),
        name,
        row=by_file(f'a/{name}'),
    )


@pytest.mark.parametrize('channels', [1, 2, 4, 6])
def test_other_channels_as_timm(model, said, channels):
    adapt = pytest.importorskip('timm.models').adapt_input_conv
    fresh = HRNet(ARCH, in_channels=channels)
    load_content(model.state_dict(), fresh, 'rgb')
    expected = adapt(channels, model.conv1.weight.detach())
    torch.testing.assert_close(fresh.conv1.weight.detach(), expected, rtol=0, atol=0)
    assert said[0].startswith(
        f'rgb: {TENSORS}; conv1 adapted from 3 to {channels} chan'
    )


def test_of_several_ways_all_are_named(model, said):
    head = {f'last_layer.{i}.weight': torch.ones(1) for i in (0, 3)}
    content = {**model.state_dict(), **head}
    both = r"Say upsample='bilinear' or dict\(mode='bilinear', align_corners=True\)"
    with pytest.raises(UserError, match=both):
        load_content(content, HRNet(ARCH), 'seg.pth')
    load_content(content, HRNet(ARCH, upsample='bilinear'), 'seg.pth')
    assert 'bilinear or bilinear, aligned: the file does not tell which' in said[0]


def test_a_model_that_only_looks_like_a_known_form(said):
    class Distiller(nn.Module):
        def __init__(self):
            super().__init__()
            self.teacher, self.student = HRNet(ARCH), HRNet(ARCH)

    class Wrapper(nn.Module):
        def __init__(self):
            super().__init__()
            self.model = nn.Linear(2, 2)

    for kind in (Distiller, Wrapper):
        model, fresh = randomize(kind()), kind()
        load_content(dict(state_dict=model.state_dict()), fresh, 'own')
        assert equal(fresh, model)


def test_other_channels_of_a_whole_model(said):
    detector = randomize(Detector())
    load_content(detector.state_dict(), Detector(in_channels=4), 'rgb')
    assert 'repeated and scaled by 3/4' in said[0]


def test_only_three_channels_are_adapted():
    content = HRNet(ARCH, in_channels=4).state_dict()
    with pytest.raises(UserError, match=r'conv1.weight \(64, 4, 3, 3\) for \(64, 6'):
        load_content(content, HRNet(ARCH, in_channels=6), 'four')


def test_half_precision_and_wrappers(model):
    tensors = {k: x.half() for k, x in model.state_dict().items()}
    fresh = HRNet(ARCH)
    load_content(tensors, nn.DataParallel(fresh), 'half.pth')
    assert torch.equal(fresh.conv1.weight, model.conv1.weight.half().float())


def test_averages_without_a_network_do_not_hide_it(model):
    nests = dict(ema=dict(decay=torch.tensor(0.9)), state_dict=model.state_dict())
    fresh = HRNet(ARCH)
    load_content(nests, fresh, 'ema.pth')
    assert equal(fresh, model)


def two_networks(model, *prefixes):
    """A file with the model, and with another one for each further prefix."""
    made = {}
    for count, prefix in enumerate(prefixes):
        for name, x in model.state_dict().items():
            made[prefix + name] = x + count if x.is_floating_point() else x
    return made


PAIRS = [
    ('backbone.', 'aux_backbone.'),
    ('student.backbone.', 'teacher.backbone.'),
    ('encoder_q.', 'encoder_k.'),
]


@pytest.mark.parametrize('prefixes', PAIRS)
def test_several_networks_in_a_file(model, tmp_path, prefixes):
    torch.save(two_networks(model, *prefixes), tmp_path / 'two.pth')
    fresh = HRNet(ARCH)
    with pytest.raises(UserError, match=r'2 parts .* with prefix=.* of hrnet_mm.load'):
        load(tmp_path / 'two.pth', fresh)
    load(tmp_path / 'two.pth', fresh, prefix=prefixes[0])
    assert equal(fresh, model)
    load(tmp_path / 'two.pth', fresh, prefix=prefixes[1])
    assert torch.equal(fresh.conv1.weight, model.conv1.weight + 1)


def test_a_model_of_several_networks(model):
    whole = nn.ModuleDict(dict(backbone=HRNet(ARCH), aux_backbone=HRNet(ARCH)))
    content = two_networks(model, 'backbone.', 'aux_backbone.')
    load_content(content, whole, 'two.pth')
    assert equal(whole['backbone'], model)
    whole['head'] = nn.Linear(2, 2)
    load_content(content, whole, 'two.pth', strict=False)


def test_several_heads_that_fit():
    heads = nn.ModuleDict(dict(decode_head=nn.Linear(2, 2), aux_head=nn.Linear(2, 2)))
    fresh = nn.Linear(2, 2)
    with pytest.raises(UserError, match="2 parts that fit equally .*'aux_head.' and"):
        load_content(heads.state_dict(), fresh, 'heads.pth')
    load_content(heads.state_dict(), fresh, 'heads.pth', prefix='decode_head.')
    assert torch.equal(fresh.weight, heads['decode_head'].weight)


@pytest.mark.parametrize('value', [float('nan'), float('inf')])
@pytest.mark.parametrize('name', ['conv1.weight', 'bn1.running_var'])
def test_values_that_are_no_numbers(model, said, value, name):
    tensors = {k: v.clone() for k, v in model.state_dict().items()}
    tensors[name].flatten()[0] = value
    fresh = HRNet(ARCH)
    before = fresh.conv1.weight.clone()
    with pytest.raises(UserError, match=f'1 of 426 tensors have .* infinite: {name}'):
        load_content(tensors, fresh, 'odd.pth')
    assert torch.equal(fresh.conv1.weight, before)
    load_content(tensors, fresh, 'odd.pth', strict=False)
    assert 'odd.pth: 1 of 426 tensors have values that are NaN' in said[0]


@pytest.mark.parametrize('shape', [(), (0,), (64,), (64, 0, 3, 3)])
def test_a_first_convolution_of_another_shape(shape):
    model = HRNet(ARCH, in_channels=4)
    tensors = model.state_dict() | {'conv1.weight': torch.ones(shape)}
    with pytest.raises(UserError, match=r'of another kind: conv1.weight \('):
        load_content(tensors, model, 'here')
