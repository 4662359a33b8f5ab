"""Segmentation of torch 0.4, whose norms were in place."""

import pytest
import torch
from forms_case import official

from hrnet_mm.weights.formats import recognize


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
