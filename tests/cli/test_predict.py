"""hrnet predict: what it checks first, and that --fast finds the same."""

import inference_case
import pytest
from command import lightly
from conftest import needs_fast
from inference_case import close

from hrnet_mm.fast.native import library

# Fixtures
data = inference_case.data
images = inference_case.images
run = inference_case.run
saved = inference_case.saved

FAST = ['--fast', '--fast=max'] if library.available() else ['--fast']


@pytest.mark.slow
@pytest.mark.parametrize('task', ['boxes', 'points', 'names'])
@needs_fast
def test_fast_finds_the_same(run, images, task):
    plain = run(task, images, out='plain')
    assert plain[1]
    for word in FAST:
        fast = run(task, images, word, out=word)
        assert fast[0] == plain[0] == 0
        assert close(fast[1], plain[1], 1e-3)


@pytest.mark.parametrize(
    ('options', 'message'),
    [
        (['nowhere'], 'no image, folder or video nowhere'),
        (['.', '--out', 'full'], '--out full is not empty'),
        (['.', '--config', 'nope'], 'no config file nope'),
        (['.', '--weights', './no.pth'], 'no checkpoint ./no.pth'),
        (['.', '--boxes', 'no.json'], 'no file no.json for --boxes'),
        (['.', '--ann', 'no.json'], '--ann no.json cannot be read: No such file'),
        (['.', '--detector', 'nope', 'w.pth'], 'no config file nope'),
    ],
)
def test_mistakes_of_a_prediction(tmp_path, options, message):
    (tmp_path / 'full').mkdir()
    (tmp_path / 'full/notes.txt').touch()
    known = ['--config', 'demo_fcn_hrnetv2', '--weights', 'some', '--out', 'out']
    said = lightly('predict', *known, *options, cwd=tmp_path)
    assert message in said
    assert 'left with 2' in said
