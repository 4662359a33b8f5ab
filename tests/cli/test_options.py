"""What options of the command mean, and what is checked first."""

import pytest

from hrnet_mm.checks.arguments import check_resume, check_weights
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


@pytest.mark.parametrize(
    ('resume', 'message'),
    [('auto', 'has no file last_checkpoint'), ('x.pth', 'no file x.pth')],
)
def test_nothing_to_resume(tmp_path, resume, message):
    with pytest.raises(UserError, match=f'nothing to resume from: .*{message}'):
        check_resume(resume, str(tmp_path))
    (tmp_path / 'last_checkpoint').write_text('epoch_1.pth')
    check_resume('auto', str(tmp_path))
    check_resume('auto', None)
    check_resume(None, str(tmp_path))


def test_weights_that_may_be_elsewhere_are_looked_up_later(tmp_path):
    for name in (
        'hrnet_w32_imagenet',
        'hrnetv2_w18.pth',
        'timm/hrnet_w18.ms_aug_in1k',
        'hf_hub:timm/hrnet_w32.pth',
        'https://host/w32.pth',
    ):
        check_weights(name)
    (tmp_path / 'epoch_12.pth').touch()
    check_weights(str(tmp_path / 'epoch_12.pth'))
    with pytest.raises(UserError, match=r'did you mean .*/epoch_12.pth\?'):
        check_weights(str(tmp_path / 'epoch_11.pth'))
