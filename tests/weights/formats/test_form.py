"""Every official form is read as ours, and written back."""

import pytest
import torch
import torch.nn.functional as F
from forms_case import FOLDED, HEADS, assert_equal, build, official
from parity_models import FAMILIES as GOLDEN

from hrnet_mm.errors import UserError
from hrnet_mm.weights.formats import FAMILIES, convert, recognize
from hrnet_mm.weights.formats.form import renamed


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


def test_a_bias_without_its_norm():
    tensors = official('segmentation')
    del tensors['last_layer.1.running_mean']
    message = r'official segmentation\) has last_layer.0.bias, but no running mean'
    with pytest.raises(UserError, match=message):
        recognize(tensors)
