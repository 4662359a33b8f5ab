"""A checkpoint file into memory, without executing what is in it."""

from __future__ import annotations

import json
import re
import sys
import tarfile
import zipfile
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
import torch

from ..errors import UserError
from . import old_torch

# How torch names what it refuses: a class or function, or one of a blocked module.
REFUSED = re.compile(r'(?:Unsupported|unsupported) (?:global: )?GLOBAL (\S+)')
# What else it objects to, behind a paragraph that advises to load without limits.
OBJECTION = re.compile(r'WeightsUnpickler error: \s*(.+)')
HTML = (b'<!doctype html', b'<html', b'<head', b'<?xml')
REFUSAL = 'is not a checkpoint that can be loaded safely'
CLEAN = (
    "python -c \"import torch; c = torch.load('{path}', 'cpu', weights_only=False); "
    "c = c.get('state_dict', c.get('model', c)) if isinstance(c, dict) else c; "
    "torch.save({{'state_dict': c if isinstance(c, dict) else c.state_dict()}}, "
    "'{clean}')\""
)


class HistoryBuffer:
    """What mmengine's class of this name becomes in a file where mmengine is not used.

    It holds the curves of a training's log, which no weights need.
    """


# A checkpoint uses that name.
HistoryBuffer.__module__ = 'mmengine.logging.history_buffer'


def history_buffer() -> type:
    """That of mmengine where mmengine is in use, else the one above."""
    theirs = sys.modules.get('mmengine.logging')
    return HistoryBuffer if theirs is None else theirs.HistoryBuffer


def attribute_of_history_buffer(owner: Any, name: str) -> Any:
    """What `getattr` may do inside a checkpoint: name a method of HistoryBuffer."""
    if owner is not history_buffer() or name.startswith('_'):
        raise UserError(
            f'the checkpoint asks for {owner!r}.{name}, which is not allowed'
        )
    return None if owner is HistoryBuffer else getattr(owner, name)


def empty_bytes() -> bytes:
    """What `bytes()` may do inside a checkpoint: the content of an empty array."""
    return b''


# torch looks them up by these names, which are those that a checkpoint uses.
attribute_of_history_buffer.__module__ = empty_bytes.__module__ = 'builtins'
attribute_of_history_buffer.__name__ = 'getattr'
attribute_of_history_buffer.__qualname__ = 'getattr'
empty_bytes.__name__ = empty_bytes.__qualname__ = 'bytes'


def arrays() -> list:
    """What NumPy's arrays and numbers are made of in a file."""
    array, number = np.empty(0), np.float64(0)  # both know what makes them again
    numbers = np.typecodes['AllInteger'] + np.typecodes['Float'] + '?'
    return [
        empty_bytes,
        np.ndarray,
        np.dtype,
        array.__reduce__()[0],
        number.__reduce__()[0],
        *{type(np.dtype(code)) for code in numbers + 'U'},  # and texts
    ]


def dtype_of_values(*spec: Any) -> np.dtype:
    """What `numpy.dtype` may do: a type of values.

    Of objects, an array is pointers, which a file could choose.
    """
    made = np.dtype(*spec)
    if made.hasobject:
        raise UserError('a pickle file holds a NumPy array of Python objects')
    return made


def allowed() -> list:
    """What mmengine itself stores beside tensors: its logs, and NumPy arrays.

    The latter are the colours and tolerances of mmpose's key points, for one.
    """
    return [history_buffer(), slice, attribute_of_history_buffer, *arrays()]


def damage(path: Path) -> str:
    """What shows that a file did not arrive whole; empty for a good one."""
    try:
        with path.open('rb') as file:
            head = file.read(512)
    except OSError as error:
        return f'cannot be read ({error.strerror})'
    if not head:
        return 'is empty'
    if head.lstrip().lower().startswith(HTML):
        return 'is an HTML page: a login or error page in place of the file'
    if head.startswith(b'version https://git-lfs'):
        return 'is a pointer of Git LFS, not the file itself: run `git lfs pull`'
    if head.startswith(b'PK\x03\x04') and not zipfile.is_zipfile(path):
        return 'is cut off: the end of the zip archive is missing'
    return ''


def _foreign(path: Path) -> str:
    """Why a whole file is nothing to give to torch; empty if it may be.

    torch before 2.6 runs TorchScript and unpacks tar files even when it is told to
    load weights only (CVE-2025-32434), so neither gets there.
    """
    with path.open('rb') as file:
        zipped = file.read(4) == b'PK\x03\x04'  # this is how torch decides
    if not zipped:
        packed = tarfile.is_tarfile(path) or zipfile.is_zipfile(path)
        return 'is an archive that torch has not written' if packed else ''
    with zipfile.ZipFile(path) as archive:
        names = [PurePosixPath(name) for name in archive.namelist()]
    outside = [name for name in names if name.is_absolute() or '..' in name.parts]
    if outside:
        return f'is an archive with a name that leads out of it: {outside[0]}'
    members = {name.name for name in names if len(name.parts) == 2}
    if 'constants.pkl' in members:
        return 'is a TorchScript program, not a file of tensors'
    if 'data.pkl' not in members:
        return f'is a zip archive that torch has not written; it holds {names[:3]}'
    return ''


def _is_safetensors(path: Path) -> bool:
    """By the content: the header's length in 8 bytes, then the header in JSON."""
    with path.open('rb') as file:
        head = file.read(9)
    length = int.from_bytes(head[:8], 'little')
    return head[8:] == b'{' and 8 + length <= path.stat().st_size


def _read_safetensors(path: Path, map_location: Any) -> dict[str, Any]:
    try:
        from safetensors import safe_open
    except ImportError as error:
        raise UserError(f'{path} needs safetensors: pip install safetensors') from error
    device = map_location if isinstance(map_location, str | torch.device) else 'cpu'
    with safe_open(path, framework='pt', device=str(device)) as file:
        # Copies: tensors that are the file itself would change or crash with it.
        tensors = {name: file.get_tensor(name).clone() for name in file.keys()}  # noqa: SIM118
        texts = file.metadata() or {}
    meta = {k: json.loads(v) if v.startswith('{') else v for k, v in texts.items()}
    return dict(state_dict=tensors, meta=meta)


def _read_torch(path: Path, map_location: Any) -> Any:
    # A file object: given a path, torch would go by its suffix.
    with path.open('rb') as file:
        if not hasattr(torch.serialization, 'safe_globals'):
            return old_torch.load(file, map_location, allowed())
        with torch.serialization.safe_globals(allowed()):
            return torch.load(file, map_location, weights_only=True)


def _explained(path: Path, error: Exception) -> str:
    """What a user can do about a file that torch or safetensors refuses."""
    refused = REFUSED.search(str(error))
    if refused is None:
        objection = OBJECTION.search(str(error))
        reason = objection[1] if objection else str(error).partition('\n')[0]
        return f'It is damaged or of an unknown kind ({reason or type(error).__name__})'
    clean = path.with_name(f'{path.name.partition(".")[0]}_clean.pth')
    return (
        f'It holds more than tensors: the Python object {refused[1]}. Reading such an '
        'object runs code that the file brings with it, so nothing was read.\n'
        'If you trust whoever made the file, keep its tensors only, by\n'
        f'  {CLEAN.format(path=path, clean=clean)}\nand use {clean}'
    )


def read_checkpoint(path: str | Path, map_location: Any = 'cpu') -> dict[str, Any]:
    """Load a checkpoint file without ever executing what is in it.

    Args:
        path: A file of `torch.save`, or of safetensors; its content tells which.
        map_location: Where the tensors go, as for `torch.load`.

    Returns:
        What was saved. Of safetensors: `state_dict`, and the metadata as `meta`.

    Raises:
        UserError: The file is damaged, or holds something else than tensors, plain
            values, NumPy arrays and mmengine's logs. Nothing is written anywhere.
    """
    path = Path(path)
    flaw = damage(path) or _foreign(path)
    if flaw:
        raise UserError(
            f'{path} is not a checkpoint that can be loaded safely.\nIt {flaw}'
        )
    read = _read_safetensors if _is_safetensors(path) else _read_torch
    try:
        loaded = read(path, map_location)
    except UserError:
        raise
    except Exception as error:
        raise UserError(f'{path} {REFUSAL}.\n{_explained(path, error)}') from error
    if not isinstance(loaded, dict):
        raise UserError(
            f'{path} holds a {type(loaded).__name__}; expected a dict of tensors, or '
            "one with the key 'state_dict'"
        )
    return loaded
