"""Files that are named on the command line are looked at first."""

import pytest

from hrnet_mm.checks.arguments import check_resume, check_weights, check_work_dir
from hrnet_mm.errors import UserError


@pytest.mark.parametrize(
    ('resume', 'message'), [('auto', 'has no checkpoint'), ('x.pth', 'no file x.pth')]
)
def test_nothing_to_resume(tmp_path, resume, message):
    with pytest.raises(UserError, match=f'nothing to resume from: .*{message}'):
        check_resume(resume, str(tmp_path))
    (tmp_path / 'epoch_1.pth').touch()  # without last_checkpoint, too
    check_resume('auto', str(tmp_path))
    check_resume('auto', None)
    check_resume(None, str(tmp_path))


OF_A_RUN = ('epoch_3.pth', 'iter_10.pth', 'interrupted.pth', 'last_checkpoint')


@pytest.mark.parametrize('name', [*OF_A_RUN, 'best_coco_bbox_mAP_epoch_3.pth'])
def test_a_run_is_not_overwritten_unasked(tmp_path, name):
    work = tmp_path / 'work'
    check_work_dir(str(work))
    work.mkdir()
    for other in ('model.pth', 'best_model.pth', 'epoch_x.pth', 'notes.txt'):
        (work / other).touch()
    check_work_dir(str(work))
    (work / name).touch()
    (tmp_path / 'work_2').mkdir()
    with pytest.raises(UserError) as caught:
        check_work_dir(f'{work}/')
    text = str(caught.value)
    assert f'holds a run already: 1 files, the last one {name}. Choose:' in text
    assert '--resume ' in text
    assert f'--work-dir {work}_3 ' in text
    assert '--overwrite ' in text


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
