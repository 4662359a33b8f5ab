"""No library unpickles files of unknown origin in a process that asks for this."""

from __future__ import annotations

import os


def forbid_unpickling() -> None:
    """Make torch and mmengine read files in this process without executing them.

    The command-line tools call this. `torch.load` then reads weights only, even if a
    caller asks for more; processes started by this one inherit that. If mmengine is
    installed, its doors are replaced:

    * It reads checkpoints with `read_checkpoint`, from every place that `locate` knows.
    * `.pkl` and `.pickle` files may hold plain values, NumPy arrays and its own boxes.
    * `.yml` and `.yaml` files have no tags that make Python objects.
    * These and `.json` files end in one message if they are damaged, or endless.

    Configs in Python are programs, and are run.
    """
    os.environ.pop('TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD', None)
    os.environ['TORCH_FORCE_WEIGHTS_ONLY_LOAD'] = '1'
    try:
        from .unpickling import register
    except ModuleNotFoundError as error:
        # A broken mmengine would still unpickle by its own rules, so that is an error.
        if error.name != 'mmengine':
            raise
        return
    register()
