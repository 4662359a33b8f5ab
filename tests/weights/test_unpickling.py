"""mmengine reads checkpoints and annotations without unpickling any object."""

import pickle

import evil_case
import mmengine
import numpy as np
import pytest
import torch
from evil_case import Malicious, by_getattr, old_format, pickled, plain
from mmengine.runner.checkpoint import load_checkpoint
from mmengine.structures import InstanceData
from torch import nn

from hrnet_mm.errors import UserError
from hrnet_mm.weights.guard import forbid_unpickling

proof, unguarded = evil_case.proof, evil_case.unguarded  # fixtures


@pytest.mark.parametrize('make', [plain, old_format, pickled, by_getattr])
def test_mmengine_reads_safely_under_the_guard(tmp_path, proof, make, unguarded):
    make(tmp_path / 'evil.pth', proof)
    forbid_unpickling()
    with pytest.raises(UserError):
        load_checkpoint(nn.Linear(1, 1), str(tmp_path / 'evil.pth'))
    assert not proof.exists()


def test_mmengine_still_loads_weights_under_the_guard(tmp_path, unguarded):
    model, other = nn.Linear(2, 2), nn.Linear(2, 2)
    forbid_unpickling()
    for content in (model.state_dict(), dict(state_dict=model.state_dict())):
        torch.save(content, tmp_path / 'good.pth')
        load_checkpoint(other, str(tmp_path / 'good.pth'))
        assert torch.equal(other.weight, model.weight)
        nn.init.zeros_(other.weight)


@pytest.mark.parametrize('name', ['s3://a/b.pth', 'x:petrel://a/b.pth', 'pavi://b'])
def test_storage_that_mmengine_would_read_itself(name, unguarded):
    forbid_unpickling()
    with pytest.raises(UserError, match=f'no checkpoint {name}'):
        load_checkpoint(nn.Linear(1, 1), name)


def test_annotations_in_pickle_format(tmp_path, proof, unguarded):
    (tmp_path / 'evil.pkl').write_bytes(pickle.dumps(Malicious(proof)))
    boxes = InstanceData(bboxes=np.ones((2, 4), np.float32), scores=np.zeros((2, 0)))
    good = {'a.jpg': boxes, 'names': ['x', None, 1.5, True], 'area': np.float64(3)}
    forbid_unpickling()
    with pytest.raises(UserError, match='holds the Python object posix.mkdir'):
        mmengine.load(tmp_path / 'evil.pkl')
    assert not proof.exists()
    for protocol in range(2, pickle.HIGHEST_PROTOCOL):
        mmengine.dump(good, tmp_path / 'good.pkl', protocol=protocol)
        read = mmengine.load(tmp_path / 'good.pkl')
        assert (read['a.jpg'].bboxes == boxes.bboxes).all()
        assert read['a.jpg'].scores.shape == (2, 0)
        assert read['names'] == good['names']
        assert read['area'] == 3


def test_arrays_of_objects_are_pointers_that_a_file_could_choose(tmp_path, unguarded):
    content = dict(boxes=np.array([None, 'x'], dtype=object))
    (tmp_path / 'pointers.pkl').write_bytes(pickle.dumps(content))
    forbid_unpickling()
    with pytest.raises(UserError, match='holds a NumPy array of Python objects'):
        mmengine.load(tmp_path / 'pointers.pkl')
