"""Key points as mmpose 0.x stored them."""

import pytest
from forms_case import assert_equal, build

from hrnet_mm.weights.formats import recognize
from hrnet_mm.weights.formats.form import renamed


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
