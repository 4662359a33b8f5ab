"""Files that are named on the command line are looked at first."""

import os
from pathlib import Path

import pytest

from hrnet_mm.checks.arguments import (
    check_apart,
    check_input,
    check_out,
    check_resume,
    check_weights,
    check_work_dir,
)
from hrnet_mm.errors import UserError


@pytest.mark.parametrize(
    ('resume', 'message'), [('last', 'has no checkpoint'), ('x.pth', 'no file x.pth')]
)
def test_nothing_to_resume(tmp_path, resume, message):
    with pytest.raises(UserError, match=f'nothing to resume from: .*{message}'):
        check_resume(resume, str(tmp_path))
    check_resume('auto', str(tmp_path))  # which starts anew then
    (tmp_path / 'epoch_1.pth').touch()  # without last_checkpoint, too
    check_resume('last', str(tmp_path))
    check_resume('last', None)
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


def test_inputs(tmp_path):
    (tmp_path / 'a[1].jpg').touch()
    for name in (tmp_path, tmp_path / 'a[1].jpg', tmp_path / '*.png'):
        check_input(str(name))
    os.mkfifo(tmp_path / 'pipe')
    (tmp_path / 'link').symlink_to(tmp_path / 'nowhere')
    for name, message in (
        (tmp_path / 'pipe', 'pipe is a pipe or a device; name an image'),
        ('/dev/zero', 'is a pipe or a device; name an image'),
        (tmp_path / 'link', 'link is a link that leads nowhere; name an image'),
        ('-', 'no image, folder or video -;'),
        ('x' * 5000, 'x: File name too long'),
        ('a\0b', 'no image, folder or video a'),
    ):
        with pytest.raises(UserError, match=message):
            check_input(str(name))


def test_outputs_that_lead_elsewhere(tmp_path):
    out, other = tmp_path / 'out', tmp_path / 'other'
    check_out(str(out / 'deep'), False)
    out.mkdir()
    other.mkdir()
    check_out(str(out), False)
    for name in ('labels', 'results.json', 'images.json'):
        (out / name).mkdir()
        if name == 'labels':
            check_out(str(out), True)
            (out / name).rmdir()
            (out / name).symlink_to(other)
        with pytest.raises(UserError, match=f'{name} is a (link|folder), but .*Remove'):
            check_out(str(out), True)
        (out / name).unlink() if name == 'labels' else (out / name).rmdir()
    (out / 'labels').touch()
    with pytest.raises(UserError, match='labels is no folder, but'):
        check_out(str(out), True)


def test_outputs_that_are_no_folders(tmp_path):
    (tmp_path / 'file').touch()
    (tmp_path / 'link').symlink_to(tmp_path / 'nowhere')
    for name, message in (
        (tmp_path / 'file', 'file is a file; name a folder'),
        (tmp_path / 'file/out', 'file is a file; name a folder'),
        (tmp_path / 'link', 'link is a link that leads nowhere'),
        (tmp_path / ('x' * 300), 'cannot be used: File name too long'),
        ('/', '--out / is not empty'),
    ):
        with pytest.raises(UserError, match=message):
            check_out(str(name), False)


def test_outputs_that_hold_the_input(tmp_path, monkeypatch):
    place = tmp_path / 'in'
    place.mkdir()
    image = place / 'a.jpg'
    image.touch()
    (tmp_path / 'link').symlink_to(place)
    (tmp_path / 'linked.jpg').symlink_to(image)
    monkeypatch.chdir(place)
    for name in (place, tmp_path / 'link', place / '../in', '.', '../link/../in'):
        for path in (image, Path('a.jpg'), tmp_path / 'linked.jpg'):
            with pytest.raises(UserError, match='holds the images themselves'):
                check_apart(str(name), [path])
    check_apart(str(place / 'out'), [image])
    (place / 'out').mkdir()
    check_apart(str(place / 'out'), [image])
    check_apart(str(tmp_path), [image])
