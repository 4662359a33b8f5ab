"""A command ends well when it is interrupted, unread, or meets its own error."""

import os
import signal
import subprocess
import sys
import time

import pytest
import runner_case
from conftest import ROOT
from runner_case import write_coco

from hrnet_mm.cli.ending import user_errors
from hrnet_mm.training import Runner

demo = runner_case.demo  # a fixture


def test_an_error_of_the_program_keeps_its_traceback():
    with pytest.raises(ValueError, match='ours'), user_errors():
        raise ValueError('ours')
    with pytest.raises(OSError, match='other'), user_errors():
        raise OSError('other')


def test_an_interruption_ends_with_one_word(tmp_path):
    command = ['-m', 'hrnet_mm', 'shapes', str(tmp_path / 'out'), '--train', '100000']
    process = subprocess.Popen(
        [sys.executable, *command],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        # A shell that starts the tests in the background has them ignore it.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    while not list(tmp_path.rglob('*.png')):
        assert process.poll() is None
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    said = process.communicate(timeout=60)[1]
    assert process.returncode == 130
    assert 'Interrupted: nothing was written.' in said
    assert 'Traceback' not in said
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize('words', [('--help',), ('train', '--help')])
@pytest.mark.parametrize('unbuffered', ['', '1'])
def test_nobody_reads_the_output(words, unbuffered):
    reading, writing = os.pipe()
    os.close(reading)
    environment = dict(os.environ, PYTHONUNBUFFERED=unbuffered, PYTHONPATH=str(ROOT))
    command = [sys.executable, '-m', 'hrnet_mm', *words]
    with os.fdopen(writing, 'w') as output:
        done = subprocess.run(
            command, stdout=output, stderr=subprocess.PIPE, text=True, env=environment
        )
    assert done.stderr == ''
    # Without a buffer, argparse itself passes over what it cannot write.
    assert done.returncode in ((0, 141) if unbuffered else (141,))


def test_a_broken_pipe_elsewhere_is_an_error():
    with pytest.raises(BrokenPipeError), user_errors():
        raise BrokenPipeError


@pytest.mark.slow
@pytest.mark.parametrize(
    ('content', 'fault'),
    [
        (b'no image', 'it is no image'),
        (b'', 'it is empty'),
        (None, 'No such file or directory'),
    ],
)
def test_an_image_that_cannot_be_read_is_named(demo, tmp_path, capsys, content, fault):
    write_coco(tmp_path / 'data', [(1, 'person')])
    image = tmp_path / 'data/train2017/1.png'
    if content is None:
        image.unlink()
    else:
        image.write_bytes(content)
    demo.experiment_name = f'unreadable {content}'
    with pytest.raises(SystemExit) as left, user_errors():
        Runner.from_cfg(demo).train()
    assert left.value.code == 2
    assert f'error: {image} cannot be read ({fault})\n' in capsys.readouterr().err
