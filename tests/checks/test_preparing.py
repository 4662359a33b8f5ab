"""A failing step is named with its picture, from a loading process too."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from mmcv.transforms import LoadImageFromFile
from mmengine.dataset import BaseDataset, Compose, ConcatDataset
from torch.utils.data import DataLoader

from hrnet_mm.checks.preparing import NamingPipeline, UnpreparedError, name_failures
from hrnet_mm.errors import UserError

NAMES = ['empty.gif', "o'clock.jpe", 'nosuffix']
REPLACE = 'Replace it, or take it out of the data set'


class Fails:
    """A step that no picture passes."""

    def __call__(self, data):
        raise KeyError('boxes')


class Stops:
    """A step with a message of its own."""

    def __call__(self, data):
        raise UserError('ours')


class Listed(BaseDataset):
    """A data set of one picture."""

    def load_data_list(self):
        return [dict(img_path=self.ann_file)]


def message_of(steps, data) -> str:
    with pytest.raises(UserError) as error:
        NamingPipeline(steps)(data)
    return str(error.value)


@pytest.mark.parametrize('name', NAMES)
@pytest.mark.parametrize(
    ('content', 'fault'),
    [
        (None, 'No such file or directory'),
        (b'', 'it is empty'),
        (b'<html>', 'it is a web page'),
    ],
)
def test_a_picture_that_cannot_be_read(tmp_path, name, content, fault):
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    said = message_of([LoadImageFromFile()], dict(img_path=str(path)))
    assert said == f'{path} cannot be read ({fault})\n  {REPLACE}'


def test_a_label_map_that_cannot_be_read(tmp_path):
    class LoadLabels(Fails):
        """A step that reads a label map."""

    picture, labels = tmp_path / 'a.png', tmp_path / 'b.png'
    cv2.imwrite(str(picture), np.zeros((4, 4, 3), np.uint8))
    labels.write_bytes(b'')
    said = message_of(
        [LoadLabels()], dict(img_path=str(picture), seg_map_path=str(labels))
    )
    assert said.startswith(f'{labels} cannot be read (it is empty)\n')


def test_a_step_that_fails():
    said = message_of([Fails()], dict(img_path='a.png', seg_map_path='b.png'))
    what, remedy = said.splitlines()
    assert what.startswith(
        "a.png with b.png cannot be prepared: Fails ends with KeyError: 'boxes' "
        '(test_preparing.py, line '
    )
    assert remedy == (
        '  Mend its annotations or the pipeline, or take it out of the data set'
    )
    assert message_of([Fails()], []).startswith('a picture cannot be prepared: ')


def test_messages_of_steps_and_pictures_left_out_stay():
    assert message_of([Stops()], dict(img_path='a.png')) == 'a.png: ours'
    assert NamingPipeline([lambda data: None, Fails()])(dict()) is None
    assert NamingPipeline([])(dict(a=1)) == dict(a=1)


@pytest.mark.parametrize('workers', [0, 1])
def test_data_sets_inside_of_others(tmp_path, workers):
    path = tmp_path / 'none.gif'
    inner = Listed(ann_file=str(path), pipeline=[LoadImageFromFile()])
    outer = ConcatDataset([inner])
    assert type(inner.pipeline) is Compose
    name_failures(outer)
    with pytest.raises(UnpreparedError) as error:
        next(iter(DataLoader(outer, num_workers=workers)))
    assert str(error.value) == (
        f'{path} cannot be read (No such file or directory)\n  {REPLACE}'
    )
