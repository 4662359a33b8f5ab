"""A recognized checkpoint in the form of other code."""

import pytest
import torch
from forms_case import backbone, build, official

from hrnet_mm.errors import UserError
from hrnet_mm.weights.formats import check_values, convert, recognize


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


def test_tensors_without_values_are_not_converted():
    sparse = torch.ones(64, 3, 3, 3).to_sparse()
    found = recognize(backbone() | {'conv1.weight': sparse})
    with pytest.raises(UserError, match='nothing to convert in backbone.conv1'):
        check_values(found)
