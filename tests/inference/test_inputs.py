"""Pictures come from files, folders and videos, and get their numbers."""

import pytest

from hrnet_mm.errors import UserError
from hrnet_mm.inference import Pictures, open_input


def test_what_is_no_video(tmp_path):
    (tmp_path / 'clip.mp4').write_bytes(b'nothing')
    with pytest.raises(UserError, match=r'clip\.mp4 cannot be read as a video'):
        open_input(str(tmp_path / 'clip.mp4'))


def test_inputs(tmp_path):
    for name in ('a.jpg', 'a.png', 'A-2.bmp', 'sub/a.jpg', 'notes.txt'):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    found = open_input(str(tmp_path))
    assert [p.file_name for p in found] == ['A-2.bmp', 'a.jpg', 'a.png']
    assert [p.stem for p in found] == ['A-2', 'a', 'a-3']
    assert [p.image_id for p in found] == [1, 2, 3]
    found = open_input(f'{tmp_path}/**/*.jpg')
    assert [p.file_name for p in found] == ['a.jpg', 'sub/a.jpg']
    (tmp_path / 'empty').mkdir()
    with pytest.raises(UserError, match='empty has no images: 0 files'):
        open_input(str(tmp_path / 'empty'))
    with pytest.raises(UserError, match='has no images'):
        open_input(f'{tmp_path}/*.tif')
    with pytest.raises(UserError, match='no image, folder or video'):
        open_input(str(tmp_path / 'missing.jpg'))


def test_ids(tmp_path):
    paths = [tmp_path / f'val2014_{number:012}.jpg' for number in (785, 40083)]
    assert [p.image_id for p in Pictures(paths)] == [785, 40083]
    known = {paths[0].name: 7, f'val/{paths[1].name}': 8}
    assert [p.image_id for p in Pictures(paths, known)] == [7, 8]
    with pytest.raises(UserError, match='is not among the images of the --ann file'):
        Pictures(paths, {'other.jpg': 1})
