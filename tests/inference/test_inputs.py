"""Pictures come from files, folders and videos, and get their numbers."""

import shlex
import subprocess
import sys

import cv2
import mmcv
import numpy as np
import pytest
from PIL import Image

from hrnet_mm.errors import UserError
from hrnet_mm.inference import Pictures, open_input
from hrnet_mm.inference.inputs import PICTURES, dimmed


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


def test_what_looks_like_a_picture_but_is_none_is_counted(tmp_path):
    names = 'a.jpg b.HEIC c.heic d.mp4 e.npy notes.txt labels.json .hidden.svg LICENSE'
    for name in names.split():
        (tmp_path / name).touch()
    (tmp_path / 'folder.pdf').mkdir()
    said = (
        'skipped: 2 .heic, 1 .mp4, 1 .npy (4 in all). Convert pictures to PNG or JPEG, '
        'and name a video itself'
    )
    assert open_input(str(tmp_path)).notes == [said]
    assert open_input(f'{tmp_path}/*.*').notes == [said]
    assert open_input(f'{tmp_path}/*.jpg').notes == []
    (tmp_path / 'a.jpg').unlink()
    with pytest.raises(UserError) as found:
        open_input(str(tmp_path))
    assert str(found.value).endswith(said)


@pytest.mark.parametrize(
    ('suffix', 'save'),
    [
        ('.jpe', dict(format='JPEG')),
        ('.jfif', dict(format='JPEG')),
        ('.jp2', dict()),
        ('.gif', dict()),
        ('.pbm', dict()),
        ('.pnm', dict(format='PPM')),
    ],
)
def test_kinds_of_files(tmp_path, suffix, save):
    assert suffix in PICTURES
    path = tmp_path / f'a{suffix}'
    grey = np.zeros((96, 112), np.uint8)
    grey[:, 40:] = 255
    image = Image.fromarray(grey).convert('1' if suffix == '.pbm' else 'L')
    try:
        image.save(path, **save)
    except (KeyError, OSError, ValueError):
        pytest.skip(f'this Pillow writes no {suffix}')
    found = mmcv.imread(str(path))
    if found is None:
        pytest.skip(f'this OpenCV reads no {suffix}')
    assert np.abs(found[..., 1].astype(int) - grey).mean() < 2
    assert [picture.path for picture in open_input(str(tmp_path))] == [path]


@pytest.mark.parametrize('suffix', ['.png', '.tif', '.pgm'])
@pytest.mark.parametrize('bits', [8, 10, 12, 14])
def test_16_bit_pictures_that_use_fewer(tmp_path, suffix, bits):
    path = tmp_path / f"it's{suffix}"
    values = np.linspace(0, 2**bits - 1, 96 * 112).reshape(96, 112).astype(np.uint16)
    cv2.imwrite(str(path), values)
    command = 'cv2.imwrite(sys.argv[2], cv2.imread(sys.argv[1], -1) * '
    assert dimmed(path, cv2.imread(str(path))) == [
        f'{path} uses {bits} of its 16 bits, of which the model sees the upper 8: '
        'nearly black. Scale it first, and all that belong to it by the same factor: '
        f'python -c "import cv2, sys; {command}{2 ** (16 - bits)})" '
        f'{shlex.quote(str(path))} scaled{suffix}'
    ]
    assert dimmed(path, cv2.imread(str(path), cv2.IMREAD_UNCHANGED)) == []


def test_the_command_that_scales_a_picture(tmp_path):
    path = tmp_path / 'a.png'
    values = np.arange(0, 4096, 41, dtype=np.uint16).reshape(10, 10)
    cv2.imwrite(str(path), values)
    (problem,) = dimmed(path, cv2.imread(str(path)))
    words = shlex.split(problem.partition('factor: ')[2])
    subprocess.run([sys.executable, *words[1:]], check=True, cwd=tmp_path)
    scaled = cv2.imread(str(tmp_path / 'scaled.png'), cv2.IMREAD_UNCHANGED)
    assert (scaled == values * 16).all()
    assert dimmed(tmp_path / 'scaled.png', scaled >> 8) == []


@pytest.mark.parametrize(
    'pixels',
    [
        np.full((9, 8), 2**15, np.uint16),
        np.zeros((9, 8), np.uint16),  # black, whatever is done with it
        np.full((9, 8), 9, np.uint8),  # dark, but of 8 bits
        np.full((9, 8), 200, np.uint8),
    ],
)
def test_pictures_that_use_their_bits(tmp_path, pixels):
    cv2.imwrite(str(tmp_path / 'a.png'), pixels)
    assert dimmed(tmp_path / 'a.png', cv2.imread(str(tmp_path / 'a.png'))) == []


def test_only_dark_pictures_are_read_twice(tmp_path):
    assert dimmed(tmp_path / 'missing.png', np.full((9, 8, 3), 65, np.uint8)) == []


def test_alpha_does_not_count(tmp_path):
    pixels = np.full((9, 8, 4), 4095, np.uint16)
    pixels[..., 3] = 65535
    cv2.imwrite(str(tmp_path / 'a.png'), pixels)
    (problem,) = dimmed(tmp_path / 'a.png', cv2.imread(str(tmp_path / 'a.png')))
    assert 'uses 12 of its 16 bits' in problem


@pytest.mark.parametrize('suffix', ['.jpg', '.jpe', '.jfif'])
def test_pictures_are_turned_as_they_are_shown(tmp_path, suffix):
    path = tmp_path / f'a{suffix}'
    image = Image.fromarray(np.zeros((96, 112, 3), np.uint8))
    exif = Image.Exif()
    exif[0x0112] = 6  # a quarter turn
    image.save(path, format='JPEG', exif=exif)
    found = mmcv.imread(str(path))
    assert found.shape == (112, 96, 3)
    assert open_input(str(path)).paths == [path]


def test_names_of_pictures_become_names_of_files(tmp_path):
    names = ['n' * 251 + '.png', 'n' * 250 + '.jpg', 'é' * 125 + '.png', '...png']
    found = Pictures([tmp_path / name for name in names])
    stems = [picture.stem for picture in found]
    assert len(set(stems)) == len(names)
    assert all(len(f'{stem}-99.webp'.encode()) <= 255 for stem in stems)
    assert all(stems)
    # Numbers that not every reader of JSON keeps are no ids.
    assert [p.image_id for p in Pictures([tmp_path / ('1' * 200 + '.png')])] == [1]
    (picture,) = Pictures([tmp_path / 'a\nb\x1b[1m\udcff.png'])
    assert picture.name == f'{tmp_path}/a\\nb\\x1b[1m\\udcff.png'


def test_a_name_in_several_folders_of_an_annotation_file(tmp_path):
    paths = [tmp_path / 'x/1.png', tmp_path / 'y/1.png']
    known = {'a/x/1.png': 7, 'a/y/1.png': 8}
    with pytest.raises(UserError, match='x/1.png is not among the images of the --ann'):
        Pictures(paths, known)
    assert [p.image_id for p in Pictures(paths, {'x/1.png': 7, 'y/1.png': 8})] == [7, 8]


def test_folders_without_one_picture_that_is_a_file(tmp_path):
    (tmp_path / 'a.jpg').symlink_to(tmp_path / 'nowhere')
    with pytest.raises(UserError, match=r'a\.jpg cannot be read \(it is a link that l'):
        open_input(str(tmp_path))
