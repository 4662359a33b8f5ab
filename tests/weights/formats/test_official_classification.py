"""timm's networks are the official ones, under the official names."""

import pytest
import torch
from conftest import randomize
from forms_case import ARCH, FOLDED
from torch import nn

from hrnet_mm.models import HRFuseScales, HRNet
from hrnet_mm.weights.formats import convert, recognize


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
