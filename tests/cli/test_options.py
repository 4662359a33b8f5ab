"""Options of the command mean what their help says."""

import pytest

from hrnet_mm.cli import options
from hrnet_mm.config.opening import key_values
from hrnet_mm.errors import UserError


def test_values_are_read_as_mmengine_reads_them():
    words = ['--cfg-options', 'a=1', 'b.c=[(1,x),None]', '--cfg-options', 'd=e=f']
    parsed = options.new_parser(None, '')
    options.add_cfg_options(parsed, '')
    found = key_values(parsed.parse_args(words).cfg_options)
    assert found == {'a': 1, 'b.c': [(1, 'x'), None], 'd': 'e=f'}
    assert key_values(None) == {}
    with pytest.raises(UserError, match=r'--cfg-options a=\[1,2: .*brackets'):
        key_values(['a=[1,2'])
