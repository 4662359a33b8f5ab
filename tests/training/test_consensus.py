"""Differences between processes are named before the first step."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from mmengine.dataset import BaseDataset
from processes_case import in_processes
from stopped_case import runner_of
from torch import distributed, nn

from hrnet_mm.errors import UserError
from hrnet_mm.training.consensus import (
    agree,
    compare,
    compared_options,
    difference,
    pictures,
    versions,
    weights_of,
)


def data_of(folder: Path, number: int, text: str = 'a', **options) -> BaseDataset:
    """Make a data set of pictures, each with an annotation."""
    folder.mkdir(parents=True)
    records = [dict(img_path=f'{i}.jpg', label=[i, text]) for i in range(number)]
    content = dict(metainfo={}, data_list=records)
    (folder / 'ann.json').write_text(json.dumps(content))
    for i in range(number):
        (folder / f'{i}.jpg').write_bytes(bytes(10 + i))
    prefix = dict(img_path='')
    return BaseDataset('ann.json', data_root=str(folder), data_prefix=prefix, **options)


def test_one_process_agrees_with_itself(tmp_path):
    agree(runner_of(tmp_path), ('train', 'val'))


@pytest.mark.parametrize('serialize', [True, False])
def test_pictures_are_compared_wherever_they_are(tmp_path, serialize):
    here = pictures(data_of(tmp_path / 'a/x', 3, serialize_data=serialize))
    there = data_of(tmp_path / 'longer/x', 3, serialize_data=serialize)
    assert here == pictures(there)
    assert list(here) == ['x/0.jpg', 'x/1.jpg', 'x/2.jpg']
    assert here['x/1.jpg'].startswith('11 bytes, annotation ')
    (tmp_path / 'longer/x/1.jpg').unlink()
    changed = pictures(there)
    assert changed['x/1.jpg'].startswith('no file, ')
    assert (
        pictures(data_of(tmp_path / 'b/x', 3, text='b'))['x/0.jpg'] != here['x/0.jpg']
    )


def test_several_records_of_a_picture_and_other_data_sets(tmp_path):
    class People:
        def __len__(self):
            return 3

        def get_data_info(self, place):
            return dict(img_path='a/b.jpg', number=place // 2, box=np.zeros(place))

    class Plain:
        def __len__(self):
            return 2

    assert list(pictures(People())) == [
        'a/b.jpg',
        *(f'a/b.jpg, record {i}' for i in (1, 2)),
    ]
    assert list(pictures(Plain())) == ['number 0', 'number 1']


def test_weights_and_versions():
    model = nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2))
    before = weights_of(model)
    assert '1.num_batches_tracked' not in before
    assert before == weights_of(model.to(memory_format=torch.contiguous_format))
    with torch.no_grad():
        model[0].bias[0] += 1e-6
    changed = weights_of(model)
    assert [key for key in before if before[key] != changed[key]] == ['0.bias']
    assert versions()['torch'] == torch.__version__


def test_paths_are_a_machines_own(tmp_path):
    changes = {'train_dataloader.dataset.data_root': '/a', 'val_cfg.x': 1}
    runner = runner_of(tmp_path)
    runner.cfg.merge_from_dict(changes)
    options = compared_options(runner)
    assert options['val_cfg.x'] == '1'
    assert not {'train_dataloader.dataset.data_root', 'work_dir'} & set(options)


def test_the_message_says_what_is_here_and_there():
    every = [dict(host='n1'), dict(host='n2')]
    texts = {str(number): 'x' for number in range(9)}
    said = difference('pictures of train', texts, {'0': 'y'}, every, 1).splitlines()
    assert said[0] == 'the pictures of train of the processes differ, 9 and 1 of them:'
    assert said[1] == '  0: x on n1 (process 0), y on n2 (process 1)'
    assert said[2] == '  1: x on n1 (process 0), not there on n2 (process 1)'
    assert said[6:] == ['  ... (9 in all)', 'Copy the data anew to that machine']
    said = difference('options', dict(a='1'), dict(a='2'), every, 1)
    assert said.endswith('the same config and the same --cfg-options')


def compare_facts(odd: int) -> None:
    """Compare facts of which one process has another one."""
    mine = 'b' if distributed.get_rank() == odd else 'a'
    compare(dict(same=lambda: dict(x='1'), options=lambda: dict(lr=mine, y='3')))


@pytest.mark.slow
def test_all_processes_know_what_differs(tmp_path):
    ends = in_processes(compare_facts, tmp_path, 3, 2)
    assert all(isinstance(end, UserError) for end in ends)
    assert len({str(end) for end in ends}) == 1
    assert str(ends[0]).startswith('the options of the processes differ:\n  lr: a on ')
    assert '(process 0), b on ' in str(ends[0])
    assert '(process 2)\n' in str(ends[0])
