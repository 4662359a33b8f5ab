"""The name of a distribution in a requirement."""

import pytest

from hrnet_mm.toolboxes import name_of


@pytest.mark.parametrize(
    'requirement',
    ['mmpose', 'mmpose==1.3.2', 'mmpose>1', 'mmpose (>=1)', 'mmpose[all]<2'],
)
def test_the_name_in_a_requirement(requirement):
    assert name_of(requirement) == 'mmpose'
