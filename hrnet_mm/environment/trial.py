"""A trial runs in a process of its own, so that what is broken breaks nothing else.

python -m hrnet_mm.environment.trial base      # one line of JSON for each package
python -m hrnet_mm.environment.trial mmdet     # a forward pass of a small model
"""

from __future__ import annotations

import json
import sys
import warnings
from collections.abc import Callable
from importlib import import_module
from typing import Any


def python() -> str:
    """Return the interpreter's version."""
    return sys.version.split()[0]


def torch() -> str:
    """Return torch's version, after exchanging an array with NumPy."""
    import numpy as np
    import torch

    torch.from_numpy(np.zeros(1)).numpy()  # fails if torch was built for another NumPy
    return torch.__version__


def torchvision() -> str:
    """Return torchvision's version, after running one of its operators."""
    import torch
    import torchvision

    torchvision.ops.nms(torch.zeros(1, 4), torch.zeros(1), 0.5)
    return torchvision.__version__


def accelerator() -> str:
    """Return the name of the device that torch has beside the CPU, or `'none'`."""
    import torch

    if torch.cuda.is_available():
        return torch.cuda.get_device_name()
    return 'mps' if torch.backends.mps.is_available() else 'none'


def version_of(module: str) -> Callable[[], str]:
    """Make a function that imports a module and returns its version."""
    return lambda: import_module(module).__version__


BASE: dict[str, Callable[[], str]] = {
    'Python': python,
    'numpy': version_of('numpy'),
    'torch': torch,
    'accelerator': accelerator,
    'torchvision': torchvision,
    'OpenCV': version_of('cv2'),
}
# Plain torch users have neither; a toolbox without them says so itself.
OPTIONAL = ('torchvision', 'cv2')


def base() -> None:
    """Print one line of JSON for each package, as soon as its state is known."""
    for name, look in BASE.items():
        print(json.dumps(dict(name=name, **looked(look))), flush=True)


def looked(look: Callable[[], str]) -> dict[str, str]:
    """Return a package's version or its error, as one entry of a dict.

    The version is `''` if the package is optional and missing.
    """
    try:
        return dict(version=look())
    except ModuleNotFoundError as error:
        if error.name in OPTIONAL:
            return dict(version='')
        return dict(error=f'{type(error).__name__}: {error}')
    except Exception as error:
        return dict(error=f'{type(error).__name__}: {error}')


def forward(scope: str) -> None:
    """Build a toolbox's small model with our network, and predict on one image."""
    import_module(scope)  # says clearly what is wrong with its requirements
    import_module(f'{scope}.models')

    import torch
    from mmengine.config import Config
    from mmengine.registry import MODELS, init_default_scope

    from ..toolboxes import TOOLBOXES

    init_default_scope(scope)
    toolbox = TOOLBOXES[scope]
    model = MODELS.build(Config(toolbox.trial_model)).eval()
    image = torch.randint(256, (3, 64, 64), dtype=torch.uint8)
    batch: dict[str, Any] = dict(inputs=[image], data_samples=[toolbox.trial_sample()])
    with torch.no_grad():
        found = model.test_step(batch)
    if len(found) != 1:
        raise RuntimeError(f'{len(found)} predictions for one image')


if __name__ == '__main__':
    warnings.filterwarnings('ignore')
    base() if sys.argv[1] == 'base' else forward(sys.argv[1])
