"""A command ends well when it is interrupted, unread, or meets its own error."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
import runner_case
from conftest import ROOT
from runner_case import write_coco

from hrnet_mm.cli.ending import user_errors
from hrnet_mm.data.coco_numbers import are_finite
from hrnet_mm.errors import UserError
from hrnet_mm.training import Runner

demo = runner_case.demo  # a fixture


def test_an_error_of_the_program_keeps_its_traceback():
    with pytest.raises(ValueError, match='ours'), user_errors():
        raise ValueError('ours')
    with pytest.raises(OSError, match='other'), user_errors():
        raise OSError('other')


@pytest.mark.parametrize(
    ('number', 'status'), [(signal.SIGINT, 130), (signal.SIGTERM, 143)]
)
def test_an_interruption_ends_with_one_word(tmp_path, number, status):
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
    process.send_signal(number)
    said = process.communicate(timeout=60)[1]
    assert process.returncode == status
    assert 'Interrupted: nothing was written.' in said
    assert 'Traceback' not in said
    assert list(tmp_path.iterdir()) == []


def test_sigterm_ends_the_context_with_one_message(capsys):
    def work():
        try:
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(9)
        except KeyboardInterrupt:  # whoever cleans up handles both kinds
            os.kill(os.getpid(), signal.SIGTERM)  # a second one does not disturb it
            raise

    with pytest.raises(SystemExit) as left, user_errors():
        work()
    assert left.value.code == 143
    assert capsys.readouterr().err == '\nended by SIGTERM\n'
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


def test_handlers_of_others_and_other_threads_stay(monkeypatch):
    def theirs(*_):
        """Do nothing at all."""

    before = signal.signal(signal.SIGTERM, theirs)
    try:
        with user_errors():
            assert signal.getsignal(signal.SIGTERM) is theirs
    finally:
        signal.signal(signal.SIGTERM, before)

    def elsewhere():
        with user_errors():
            found.append(signal.getsignal(signal.SIGTERM))

    found = []
    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
    assert found == [signal.SIG_DFL]


@pytest.mark.skipif(not hasattr(os, 'fork'), reason='no fork')
def test_a_child_is_ended_by_sigterm_as_usual():
    reading, writing = os.pipe()
    with user_errors():
        child = os.fork()
        if child == 0:
            os.write(writing, b'.')  # a fork forgets signals that came too early
            time.sleep(60)
            os._exit(0)
        assert os.read(reading, 1)
        os.kill(child, signal.SIGTERM)
        status = os.waitpid(child, 0)[1]
    assert os.WIFSIGNALED(status)
    assert os.WTERMSIG(status) == signal.SIGTERM


def test_control_codes_in_a_message_are_shown(capsys):
    with pytest.raises(SystemExit), user_errors():
        raise UserError('no file \x1b[2J\udcff\nsecond line')
    assert capsys.readouterr().err == (
        '\nerror: no file \\x1b[2J\\udcff\nsecond line\n'
    )


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


def test_names_that_no_file_can_have(tmp_path, capsys):
    (tmp_path / 'loop').symlink_to('loop')
    for name, said in (
        ('x' * 300, f'{"x" * 90}... can be no file: File name too long'),
        (str(tmp_path / 'loop'), 'can be no file: Too many levels of symbolic links'),
        ('a\0b', 'a name of a file has a null byte in it'),
    ):
        with pytest.raises(SystemExit, match='2'), user_errors():
            Path(name).read_bytes()
        assert said in capsys.readouterr().err
    with pytest.raises(SystemExit, match='2'), user_errors():
        os.scandir('a\0b')
    assert 'a name of a file has a null byte in it' in capsys.readouterr().err


def test_what_is_nested_too_deeply(capsys):
    deep: list = []
    for _ in range(10_000):
        deep = [deep]
    with pytest.raises(SystemExit, match='2'), user_errors():
        are_finite(deep)
    said = capsys.readouterr().err
    assert 'a file or an option is nested too deeply (coco_numbers.py, line' in said


def test_a_full_disk_is_one_message(capsys):
    with pytest.raises(SystemExit, match='2'), user_errors():
        raise OSError(28, 'No space left on device', 'log.txt')
    assert 'log.txt could not be written: the disk is full' in capsys.readouterr().err
