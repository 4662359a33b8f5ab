"""The command `hrnet check` looks at the data of a config, and its status tells."""

import json

import pytest
from conftest import ROOT

from hrnet_mm.cli.main import main
from hrnet_mm.data.shapes import make_shapes

pytest.importorskip('mmdet')
CONFIG = str(ROOT / 'configs/demo_faster_rcnn_hrnetv2p.py')


@pytest.fixture
def check(tmp_path, monkeypatch, capsys):
    """Return a function that runs the command on a made data set."""
    monkeypatch.setattr('hrnet_mm.cli.main.forbid_unpickling', lambda: None)
    make_shapes(tmp_path / 'data', train=4, val=2, size=(96, 128))

    def of(*words) -> tuple[int, str, str]:
        options = ('--cfg-options', f'data_root={tmp_path}/data/')
        try:
            status = main([*words, *options])
        except SystemExit as end:
            status = end.code
        return (status, *capsys.readouterr())

    return of


def test_data_that_is_right(check, tmp_path):
    status, out, err = check('check', CONFIG)
    assert (status, err) == (0, '')
    assert out.startswith('train: 4 of 4 pictures')
    assert out.endswith('nothing is wrong with the data, as far as a look can tell\n')
    assert not (tmp_path / 'work_dirs').exists()


def test_data_that_is_wrong(check, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / 'data/annotations/instances_val2017.json'
    content = json.loads(path.read_text())
    for each in content['annotations']:
        each['area'] = 0
    path.write_text(json.dumps(content))
    status, out, err = check('check', CONFIG)
    assert status == 2
    assert 'val: 2 of 2 pictures, 0 of' in out
    assert err.startswith('\nerror: val: no object of')
    assert "'area' is 0: it is the mask's area" in err
    assert '--skip-data-check' not in err
    status, out, err = check('train', CONFIG, '--from-scratch')
    assert status == 2
    assert 'val: 2 of 2 pictures, 0 of' in out
    assert "'area' is 0: it is the mask's area" in err
    assert err.endswith('--skip-data-check starts without this look at the data\n')


def test_the_look_can_be_skipped(check, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr('hrnet_mm.checks.data_look.check_data', None)
    monkeypatch.setattr('hrnet_mm.training.Runner.from_cfg', lambda cfg: Trained())
    assert check('train', CONFIG, '--skip-data-check')[0] == 0


class Trained:
    """A runner that has nothing to do."""

    def train(self):
        """This method trains nothing."""
