"""The name of a distribution in a requirement."""

import numpy as np
import pytest

from hrnet_mm.errors import UserError
from hrnet_mm.toolboxes import TOOLBOXES, name_of
from hrnet_mm.toolboxes.toolbox import pair, with_sides


@pytest.mark.parametrize(
    'requirement',
    ['mmpose', 'mmpose==1.3.2', 'mmpose>1', 'mmpose (>=1)', 'mmpose[all]<2'],
)
def test_the_name_in_a_requirement(requirement):
    assert name_of(requirement) == 'mmpose'


def test_of_several_samples_of_an_image_the_first_is_taken():
    assert TOOLBOXES['mmdet'].merged(['a', 'b']) == 'a'


def test_a_size_has_two_sides():
    assert pair(512) == pair([512, 512]) == (512, 512)
    assert pair((480, 640)) == (480, 640)


@pytest.mark.parametrize('toolbox', TOOLBOXES.values(), ids=TOOLBOXES)
def test_sizes_are_numbers_or_pairs(toolbox):
    keys = dict(mmdet='scale', mmseg='crop_size', mmpose='input_size')
    key = keys.get(toolbox.name, 'crop_size')
    loader = dict(dataset=dict(pipeline=[{'type': 'x', key: 64}]))
    names = [f'{split}_dataloader' for split in ('train', 'val', 'test')]
    assert toolbox.input_shape(dict.fromkeys(names, loader)) == (64, 64)


@pytest.mark.parametrize('toolbox', ['mmpose', 'mmseg'])
def test_a_config_without_data_has_no_size(toolbox):
    with pytest.raises(UserError, match='give --shape HEIGHT WIDTH'):
        TOOLBOXES[toolbox].input_shape({})


def test_boxes_with_sides():
    assert with_sides([[1, 2, 4, 8]]).tolist() == [[1, 2, 3, 6]]
    assert with_sides(np.zeros((0, 4))).shape == (0, 4)
