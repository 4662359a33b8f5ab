"""Trainings by real launchers, and a job that Slurm takes back and starts again."""

import re
import sys
import time

import pytest
from cluster_case import OPEN_MPI, ROOT, needs_cluster, run, slurm, wait_until

pytestmark = [pytest.mark.cluster, needs_cluster]
__all__ = ['slurm']
CONFIG = ROOT / 'configs/demo_faster_rcnn_hrnetv2p.py'
HERE = '127.0.0.1'
SBATCH = ROOT / 'examples/train.sbatch'
PLACE = ('--gres=none', '--ntasks-per-node=1', '--cpus-per-task=1', '--time=10')


@pytest.fixture(scope='session')
def pictures(tmp_path_factory):
    pytest.importorskip('mmdet')
    folder = tmp_path_factory.mktemp('pictures')
    counts = ('--train', '8', '--val', '4', '--size', '128x128')
    shapes = ROOT / 'tools/make_shapes.py'
    run(sys.executable, shapes, folder, '--layout', 'coco', *counts)
    return folder


@pytest.fixture
def options(pictures, tmp_path):
    """Options with which each of two processes has two steps in an epoch."""
    values = ('train_dataloader.batch_size=2', 'val_dataloader.batch_size=1')
    values += ('train_cfg.val_interval=1', 'default_hooks.logger.interval=1')
    where = ('--work-dir', tmp_path / 'work', '--skip-data-check', '--seed', '0')
    return (*where, '--cfg-options', *values, f'data_root={pictures}/')


def is_complete(work, epochs, printed):
    assert (work / f'epoch_{epochs}.pth').exists(), printed[-4000:]
    assert f'Epoch(val) [{epochs}][2/2]' in printed  # of four pictures, each has two
    assert 'coco/bbox_mAP:' in printed
    return True


def test_srun_trains_and_evaluates_on_two_nodes(slurm, options, tmp_path):
    work = tmp_path / 'work'
    place = dict(GPUS='0', NTASKS='2', CPUS_PER_TASK='1', SRUN_ARGS='-N2')
    place.update(PYTHON=sys.executable, MASTER_ADDR=HERE)

    def script(name, *words):
        # It ends in  srun ... tools/train.py CONFIG ... --launcher slurm
        tool = ROOT / f'tools/slurm_{name}.sh'
        done = slurm.run(tool, 'here', 'a_name', CONFIG, *words, **place)
        assert done.returncode == 0, done.stderr[-4000:]
        return done.stdout + done.stderr

    printed = script('train', *options, 'train_cfg.max_epochs=1')
    assert is_complete(work, 1, printed)
    (figures,) = re.findall(r'coco/bbox_mAP: \S+ .*', printed)
    (again,) = re.findall(
        r'coco/bbox_mAP: \S+ .*', script('test', work / 'epoch_1.pth', *options)
    )
    assert again.split('data_time')[0] == figures.split('data_time')[0]


def test_mpirun_trains(options, tmp_path):
    train = (sys.executable, ROOT / 'tools/train.py', CONFIG)
    words = (*options, 'train_cfg.max_epochs=1')
    done = run(*OPEN_MPI, '-n', '2', *train, *words, '--launcher', 'mpi')
    assert done.returncode == 0, done.stderr[-4000:]
    assert is_complete(tmp_path / 'work', 1, done.stdout + done.stderr)


@pytest.fixture
def submitted(slurm, tmp_path):
    """Submit examples/train.sbatch, whose command `hrnet` is a script of the test's."""
    jobs = []

    def submit(script, *words):
        command = tmp_path / 'hrnet'
        command.write_text(script)
        command.chmod(0o755)
        place = (*PLACE, '--parsable', '-o', tmp_path / 'printed')
        variables = dict(MASTER_ADDR=HERE, HRNET=str(command))
        done = slurm.run('sbatch', *place, SBATCH, *words, **variables)
        jobs.append(done.stdout.strip())
        return jobs[-1]

    yield submit
    for job in jobs:
        slurm.run('scancel', '--full', '--signal=KILL', job)
        slurm.run('scancel', job)


def test_a_job_that_slurm_takes_back_goes_on(slurm, submitted, options, tmp_path):
    work, printed = tmp_path / 'work', tmp_path / 'printed'
    script = f'#!/bin/sh\nexec {sys.executable} -m hrnet_mm "$@"\n'
    job = submitted(script, CONFIG, *options, 'train_cfg.max_epochs=3')
    first = work / 'epoch_1.pth'
    wait_until(lambda: first.exists() or ended(slurm, job), 90, 'a first epoch')
    assert first.exists(), printed.read_text()[-4000:]
    slurm.run('scontrol', 'requeue', job)
    state = wait_until(lambda: ended(slurm, job), 100, 'the end')
    assert state == 'COMPLETED', printed.read_text()[-4000:]
    assert is_complete(work, 3, printed.read_text())
    assert len(list(work.glob('*/*.log'))) == 2  # of two starts


def ended(slurm, job):
    """Return the state of a job that has ended, else nothing."""
    state = slurm.state(job)
    return state if state in ('COMPLETED', 'FAILED', 'CANCELLED') else ''


# It ends by SIGTERM as `hrnet train` does, and is complete when it is started again.
STOPPABLE = """#!/bin/bash
trap 'echo told to end; exit 143' TERM
echo "start $SLURM_RESTART_COUNT: $*"
[ "${SLURM_RESTART_COUNT:-0}" = 0 ] || exit 0
sleep 60 & wait
"""
# One process fails; srun tells the other to end, and has its status: 143.
FAILING = STOPPABLE.replace(
    'sleep', '[ $SLURM_PROCID = 0 ] && sleep 1 && exit 1\nsleep'
)


@pytest.fixture
def begun(slurm, submitted, tmp_path):
    """Start a script in two processes; return the job and the file of its output."""
    printed = tmp_path / 'printed'
    first = 'start : train CONFIG --seed 0 --resume auto --launcher slurm\n'

    def begin(script):
        job = submitted(script, 'CONFIG', '--seed', '0')
        wait_until(lambda: text_of(printed) == first * 2, 20, first)
        return job, printed

    return begin


def text_of(path):
    return path.read_text() if path.exists() else ''


def test_a_job_goes_back_into_the_queue_before_its_time_is_over(slurm, begun):
    job, printed = begun(STOPPABLE)
    # What --signal=B:TERM@60 does a minute before the end.
    slurm.run('scancel', '--batch', '--signal=TERM', job)
    wait_until(lambda: ended(slurm, job), 60, 'a second start')
    text = printed.read_text()
    assert slurm.state(job) == 'COMPLETED'
    assert text.count('told to end') == 2
    assert text.count('back into the queue') == 1
    assert text.count('start 1: train CONFIG') == 2


def does_not_come_back(slurm, job, printed):
    wait_until(slurm.nodes_are_idle, 30, 'the end')
    time.sleep(7)  # what is requeued starts after five
    return ended(slurm, job) and 'back into the queue' not in printed.read_text()


def test_a_cancelled_job_does_not_come_back(slurm, begun):
    job, printed = begun(STOPPABLE)
    slurm.run('scancel', job)
    assert does_not_come_back(slurm, job, printed)
    assert slurm.state(job) == 'CANCELLED'


def test_a_job_that_fails_does_not_come_back(slurm, begun):
    job, printed = begun(FAILING)
    wait_until(lambda: 'told to end' in printed.read_text(), 20, 'a failure')
    assert does_not_come_back(slurm, job, printed)
    assert slurm.state(job) == 'FAILED'
