"""Files of examples/ say what a training needs."""

import subprocess

import pytest
import yaml
from conftest import ROOT

from hrnet_mm.cli.train import parser
from hrnet_mm.config.finding import find_config

JOB = yaml.safe_load((ROOT / 'examples/pytorchjob.yaml').read_text())
REPLICAS = JOB['spec']['pytorchReplicaSpecs']


def test_the_job_is_one_of_the_training_operator():
    assert (JOB['apiVersion'], JOB['kind']) == ('kubeflow.org/v1', 'PyTorchJob')
    # All others are properties that its definition (release 1.9) does not have.
    assert set(JOB['spec']) <= {'nprocPerNode', 'runPolicy', 'pytorchReplicaSpecs'}
    assert set(JOB['spec']['runPolicy']) <= {'cleanPodPolicy', 'backoffLimit'}
    assert JOB['spec']['nprocPerNode'].isdigit()  # a string there
    assert set(REPLICAS) == {'Master', 'Worker'}
    assert REPLICAS['Master']['replicas'] == 1


@pytest.mark.parametrize('role', REPLICAS)
def test_each_pod_trains_goes_on_and_sees_what_all_share(role):
    replica = REPLICAS[role]
    assert replica['restartPolicy'] == 'OnFailure'
    pod = replica['template']['spec']
    (container,) = pod['containers']
    assert container['name'] == 'pytorch'
    start = ['torchrun', '-m', 'hrnet_mm', 'train']
    assert container['command'][:4] == start
    options = parser().parse_args(container['command'][4:])
    assert find_config(options.config).exists()
    assert (options.launcher, options.resume) == ('pytorch', 'auto')
    mounted = {mount['mountPath']: mount['name'] for mount in container['volumeMounts']}
    assert set(mounted.values()) == {volume['name'] for volume in pod['volumes']}
    assert '/dev/shm' in mounted
    assert options.work_dir.startswith('/work/')
    gpus = container['resources']['limits']['nvidia.com/gpu']
    assert JOB['spec']['nprocPerNode'] == str(gpus)


def test_the_script_for_slurm_is_one_and_says_how_to_submit_it():
    script = ROOT / 'examples/train.sbatch'
    assert subprocess.run(['bash', '-n', script]).returncode == 0
    text = script.read_text()
    for line in ('--requeue', '--signal=B:TERM@60', '--open-mode=append'):
        assert f'\n#SBATCH {line}\n' in text
    assert 'sbatch examples/train.sbatch CONFIG' in text
