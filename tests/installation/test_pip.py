"""Real empty environments: what an installation by pip alone can do.

uv installs, as it is faster: the same packages by the same rules. Versions are those of
requirements/stack.txt where it names them.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.installation
ROOT = Path(__file__).parents[2]
UV = Path(sys.executable).with_name('uv')
LOCK = ROOT / 'requirements/stack.txt'


def run(*command: str | Path, status: int = 0) -> str:
    """Run a command outside the checkout, and return what it prints."""
    environment = {k: v for k, v in os.environ.items() if k != 'PYTHONPATH'}
    done = subprocess.run(
        list(map(str, command)),
        cwd='/',
        env=environment,
        capture_output=True,
        text=True,
    )
    output = done.stdout + done.stderr
    assert done.returncode == status, output[-4000:]
    return output


@pytest.fixture(scope='module')
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp('wheel')
    run(UV, 'build', '--wheel', '--out-dir', folder, ROOT)
    (file,) = folder.glob('hrnet_mm-*.whl')
    return file


@pytest.fixture
def environment(tmp_path):
    """A new, empty environment."""
    place = tmp_path / 'environment'
    run(UV, 'venv', '--seed', '--python', sys.executable, place)
    return place


def install(environment: Path, *requirements: str) -> None:
    """Install as `pip install` does."""
    python = environment / 'bin/python'
    run(UV, 'pip', 'install', '--python', python, '--constraint', LOCK, *requirements)


PLAIN = """
import importlib.util, sys, time
import torch
start = time.perf_counter()
from hrnet_mm import HRFPN, HRNet, load, optimize
print('imported in', round(time.perf_counter() - start, 2))
for name in ('mmengine', 'mmcv', 'torchvision', 'cv2', 'matplotlib'):
    assert importlib.util.find_spec(name) is None, name
net = torch.nn.Sequential(HRNet('w18_small_v1'), HRFPN('w18_small_v1')).eval()
torch.save(net[0].state_dict(), sys.argv[1])
load(sys.argv[1], net[0])
image = torch.randn(1, 3, 53, 75)
with torch.no_grad():
    expected = net(image)
    found = optimize(net, inference=True)(image)
assert all(torch.allclose(a, b, atol=1e-4) for a, b in zip(found, expected))
print([tuple(x.shape[1:]) for x in found])
"""


def test_torch_alone(environment, wheel, tmp_path):
    install(environment, str(wheel))
    python = environment / 'bin/python'
    output = run(python, '-c', PLAIN, tmp_path / 'weights.pth')
    assert (
        '[(256, 14, 19), (256, 7, 9), (256, 3, 4), (256, 1, 2), (256, 1, 1)]' in output
    )
    hrnet = environment / 'bin/hrnet'
    assert run(hrnet, '--version').startswith('hrnet ')
    message = run(hrnet, 'train', 'faster_rcnn_hrnetv2p_w32', status=2)
    assert 'did you mean faster_rcnn_hrnetv2p_w32_' in message
    message = run(hrnet, 'train', 'faster_rcnn_hrnetv2p_w32_1x', status=2)
    assert "pip install 'hrnet_mm[det]'" in message
    assert 'Traceback' not in message


def doctor(environment: Path, *extras: str) -> str:
    """Ask `hrnet doctor` of an environment in which all of these work."""
    command = [environment / 'bin/hrnet', 'doctor', *extras]
    done = subprocess.run(command, cwd='/', capture_output=True, text=True)
    if 'libGL' in done.stdout:  # of a machine without a screen: no fault of an extra
        return run(*command, '--fix', '--yes')
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize('extra', ['det', 'seg', 'cls'])
def test_an_extra_leads_to_a_working_toolbox(environment, wheel, extra):
    install(environment, f'{wheel}[{extra}]')
    assert 'works' in doctor(environment, extra)


def test_key_points_and_all_together(environment, wheel):
    install(environment, f'{wheel}[all]')
    hrnet = environment / 'bin/hrnet'
    output = run(hrnet, 'doctor', 'pose', status=1)
    assert '--no-deps mmpose==1.3.2' in output
    run(hrnet, 'doctor', 'pose', '--fix', '--yes')
    assert doctor(environment, 'det', 'seg', 'cls', 'pose').count('works') == 4
