"""Nothing that a user was handed is unpickled in this process, by whomever."""

from __future__ import annotations

import os


def forbid_unpickling() -> None:
    """Make torch and mmengine read files without executing them, in this process.

    For the tools. `torch.load` reads weights only, even where it is told otherwise (in
    processes that this one starts, too); mmengine, where it is installed, reads
    checkpoints by `read_checkpoint`, from all places that `locate` knows, and
    annotation files in pickle format may hold plain values and arrays.
    """
    os.environ.pop('TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD', None)
    os.environ['TORCH_FORCE_WEIGHTS_ONLY_LOAD'] = '1'
    try:
        from .unpickling import register
    except ModuleNotFoundError as error:
        # Half an mmengine would read by its own rules: that remains an error.
        if error.name != 'mmengine':
            raise
        return
    register()
