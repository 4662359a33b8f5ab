"""Files that are named on the command line are looked at first."""

import pytest

from hrnet_mm.checks.arguments import check_resume, check_weights
from hrnet_mm.errors import UserError


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
