"""mmengine reads checkpoints and annotations without unpickling any object."""

import pickle
from contextlib import suppress

import evil_case
import mmengine
import numpy as np
import pytest
import torch
from evil_case import Malicious, by_getattr, old_format, pickled, plain
from mmengine.config import Config
from mmengine.dataset import BaseDataset
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


TAGS = [
    "!!python/object/apply:os.mkdir ['{proof}']",
    "!!python/object/new:os.mkdir ['{proof}']",
    '!!python/name:os.mkdir',
    '!!python/module:os',
    'a: [1, !unknown x]',
]


@pytest.mark.parametrize('tag', TAGS)
@pytest.mark.parametrize('suffix', ['yml', 'yaml'])
def test_yaml_is_not_executed(tmp_path, proof, unguarded, tag, suffix):
    path = tmp_path / f'evil.{suffix}'
    path.write_text('\n' + tag.format(proof=proof))
    forbid_unpickling()
    with pytest.raises(UserError, match=r'tag !.* in line 2, which asks for a Python'):
        mmengine.load(path)
    with path.open() as file, pytest.raises(UserError, match=str(path)):
        mmengine.load(file, file_format=suffix)
    with pytest.raises(UserError, match='which asks for a Python object'):
        Config.fromfile(path)
    with pytest.raises(UserError, match='which asks for a Python object'):
        BaseDataset(str(path))
    assert not proof.exists()


def test_yaml_that_mmengine_writes_is_read(tmp_path, unguarded):
    content = dict(a=(1, 2), b=[None, 1.5, True], c='text')
    mmengine.dump(content, tmp_path / 'good.yml')
    forbid_unpickling()
    assert mmengine.load(tmp_path / 'good.yml') == content


def levels(first: str, count: int, form: str) -> list[str]:
    """Lines of YAML, each of which names the one before it several times."""
    more = (form.format(n=n, before=f'*a{n - 1}') for n in range(1, count))
    return [first, *more]


NINE = ', '.join(['{before}'] * 9)
LAUGHS = levels('a0: &a0 [x]', 30, f'a{{n}}: &a{{n}} [{NINE}]')
MERGES = levels('a0: &a0 {x: 1}', 30, f'a{{n}}: &a{{n}} {{{{<<: [{NINE}]}}}}')
TUPLE = '!!python/tuple'
PAIR = f'a{{n}}: &a{{n}} {TUPLE} [{{before}}, {{before}}]'
KEYS = [*levels(f'a0: &a0 {TUPLE} [x]', 60, PAIR), '? *a59', ': 1']


@pytest.mark.parametrize('lines', [LAUGHS, KEYS, ['&a [*a]'], ['[' * 5000]])
def test_yaml_without_an_end(tmp_path, unguarded, lines):
    (tmp_path / 'evil.yml').write_text('\n'.join(lines))
    forbid_unpickling()
    with pytest.raises(UserError, match='a YAML file was not read. It'):
        mmengine.load(tmp_path / 'evil.yml')


def test_yaml_that_merges_itself_again_and_again(tmp_path, unguarded):
    (tmp_path / 'evil.yml').write_text('\n'.join(MERGES))
    forbid_unpickling()
    with suppress(UserError):  # newer versions of PyYAML keep each entry once
        assert mmengine.load(tmp_path / 'evil.yml')['a29'] == {'x': 1}


@pytest.mark.parametrize(
    'content', ['', '{"a": [1,', '[' * 100_000, '[' * 500 + ']' * 500]
)
def test_json_that_is_none(tmp_path, unguarded, content):
    (tmp_path / 'evil.json').write_text(content)
    forbid_unpickling()
    with pytest.raises(
        UserError, match='a JSON file was not read. It is (damaged|nes)'
    ):
        mmengine.load(tmp_path / 'evil.json')


@pytest.mark.parametrize(
    'state',
    [dict(keys=[1], _data_fields={'keys'}), dict(bboxes=[1]), dict(_data_fields=5)],
)
def test_boxes_of_another_kind(tmp_path, unguarded, state):
    boxes = InstanceData()
    vars(boxes).update(state)
    (tmp_path / 'evil.pkl').write_bytes(pickle.dumps(boxes))
    forbid_unpickling()
    with pytest.raises(UserError, match='a pickle file was not read. It'):
        mmengine.load(tmp_path / 'evil.pkl')
