"""The curves of mmengine's logs are read, and nothing else under their name."""

import numpy as np
import pytest
import torch
from mmengine.logging import HistoryBuffer

from hrnet_mm.errors import UserError
from hrnet_mm.weights.reading import read_checkpoint


def test_curves(tmp_path):
    buffer = HistoryBuffer([1.0, 3.0], [1, 2], max_length=50)
    torch.save(dict(loss=buffer), tmp_path / 'log.pth')
    read = read_checkpoint(tmp_path / 'log.pth')['loss']
    assert type(read) is HistoryBuffer
    assert read.max_length == 50
    assert read.data[0].tolist() == [1.0, 3.0]
    assert read.data[1].tolist() == [1, 2]
    assert read.statistics('mean') == buffer.statistics('mean')


@pytest.mark.parametrize(
    'state',
    [
        dict(_log_history=[1.0]),
        dict(_log_history='text'),
        dict(_count_history=np.ones((1, 1))),
        dict(_log_history=np.ones(5)),
        dict(max_length='x'),
        dict(max_length=0),
    ],
)
def test_states_of_another_kind(tmp_path, state):
    buffer = HistoryBuffer([1.0], [1])
    vars(buffer).update(state)
    torch.save(dict(loss=buffer), tmp_path / 'log.pth')
    with pytest.raises(UserError, match='It holds a HistoryBuffer w'):
        read_checkpoint(tmp_path / 'log.pth')
