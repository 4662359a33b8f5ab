"""Several processes of one machine call a function together."""

from __future__ import annotations

import io
import multiprocessing
import pickle
import traceback
from collections.abc import Callable
from contextlib import redirect_stderr
from datetime import timedelta
from pathlib import Path
from typing import Any

import torch
import torch.multiprocessing as mp
from torch import distributed

from hrnet_mm.training.processes import close_group


def in_processes(
    function: Callable[..., Any],
    folder: Path,
    number: int = 2,
    *arguments: Any,
    timeout: float = 120,
    patience: float = 60,
) -> list[Any]:
    """Call a function in several processes that have opened a group of gloo.

    Args:
        function: Function of a module, called with the arguments.
        folder: Where processes meet and leave what they return.
        number: Number of processes.
        *arguments: Arguments of the function.
        timeout: Seconds that processes wait for each other.
        patience: Seconds more until one that has not ended is killed.

    Returns:
        What each process returns; the exception where the function raised one. What
        does not arrive is missing as None.
    """
    given = (function, str(folder), number, arguments, timeout)
    # A server that has imported everything forks them: spawning takes ten seconds.
    multiprocessing.set_forkserver_preload(['hrnet_mm.training'])
    started = mp.start_processes(
        _process, given, nprocs=number, join=False, start_method='forkserver'
    )
    for process in started.processes:
        process.join(timeout + patience)
        process.kill()  # it may be stopped
    paths = [folder / f'result_{rank}' for rank in range(number)]
    return [pickle.loads(p.read_bytes()) if p.is_file() else None for p in paths]


def _process(
    rank: int,
    function: Callable[..., Any],
    folder: str,
    number: int,
    arguments: tuple[Any, ...],
    timeout: float,
) -> None:
    torch.set_num_threads(1)
    distributed.init_process_group(
        'gloo',
        init_method=f'file://{folder}/group',
        rank=rank,
        world_size=number,
        timeout=timedelta(seconds=timeout),
    )
    try:
        with redirect_stderr(io.StringIO()):
            result = function(*arguments)
    except BaseException as error:
        traceback.print_exc()
        result = error
    Path(folder, f'result_{rank}').write_bytes(pickle.dumps(result))
    close_group()
