"""A checkpoint file is read into memory without executing anything in it."""

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

# torch's message for a class or function that it refuses, or whose module it blocks.
REFUSED = re.compile(r'(?:Unsupported|unsupported) (?:global: )?GLOBAL (\S+)')
# torch's other objections, after a paragraph that advises to load without limits.
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
    """This class replaces mmengine's class of the same name if mmengine is not used.

    It holds the curves of a training log, which are not needed with the weights.
    """


# Checkpoints refer to the class by this name.
HistoryBuffer.__module__ = 'mmengine.logging.history_buffer'


def history_buffer() -> type:
    """Return mmengine's HistoryBuffer if mmengine is imported, else the one above."""
    theirs = sys.modules.get('mmengine.logging')
    return HistoryBuffer if theirs is None else theirs.HistoryBuffer


def attribute_of_history_buffer(owner: Any, name: str) -> Any:
    """Replace `getattr` in a checkpoint, where it may name methods of HistoryBuffer.

    Raises:
        UserError: The owner is another object, or the name begins with `_`.
    """
    if owner is not history_buffer() or name.startswith('_'):
        raise UserError(
            f'the checkpoint asks for {owner!r}.{name}, which is not allowed'
        )
    return None if owner is HistoryBuffer else getattr(owner, name)


def empty_bytes() -> bytes:
    """Replace `bytes()` in a checkpoint, where it is the content of an empty array."""
    return b''


# torch looks these functions up by the names that checkpoints use.
attribute_of_history_buffer.__module__ = empty_bytes.__module__ = 'builtins'
attribute_of_history_buffer.__name__ = 'getattr'
attribute_of_history_buffer.__qualname__ = 'getattr'
empty_bytes.__name__ = empty_bytes.__qualname__ = 'bytes'


def arrays() -> list:
    """Return the classes and functions that make NumPy's arrays and numbers."""
    array, number = np.empty(0), np.float64(0)  # both know what rebuilds them
    numbers = np.typecodes['AllInteger'] + np.typecodes['Float'] + '?'
    return [
        empty_bytes,
        np.ndarray,
        np.dtype,
        array.__reduce__()[0],
        number.__reduce__()[0],
        *{type(np.dtype(code)) for code in numbers + 'U'},  # and strings
    ]


def dtype_of_values(*spec: Any) -> np.dtype:
    """Replace `numpy.dtype` in a pickle file, where it may only describe plain values.

    An array of Python objects consists of pointers, which a file could choose.

    Raises:
        UserError: The type is that of Python objects.
    """
    made = np.dtype(*spec)
    if made.hasobject:
        raise UserError('a pickle file holds a NumPy array of Python objects')
    return made


def allowed() -> list:
    """Return what mmengine stores beside tensors: classes of its logs and of NumPy.

    NumPy arrays hold, for example, the colors and tolerances of mmpose's keypoints.
    """
    return [history_buffer(), slice, attribute_of_history_buffer, *arrays()]


def damage(path: Path) -> str:
    """Describe why a file is not a complete download; empty if it seems intact."""
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
    """Explain why an intact file must not be given to torch; empty if it may be.

    torch before 2.6 runs TorchScript and unpacks tar files even when it is told to
    load weights only (CVE-2025-32434), so both are refused here.
    """
    with path.open('rb') as file:
        zipped = file.read(4) == b'PK\x03\x04'  # the same test as torch's
    if not zipped:
        packed = tarfile.is_tarfile(path) or zipfile.is_zipfile(path)
        return 'is an archive that torch has not written' if packed else ''
    try:
        with zipfile.ZipFile(path) as archive:
            names = [PurePosixPath(name) for name in archive.namelist()]
    except zipfile.BadZipFile as error:
        return f'is damaged: {error}'
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
    """Tell whether a file's content is of safetensors.

    Such a file begins with the length of its header in 8 bytes, then the JSON header.
    """
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
        # Copy: memory-mapped tensors would change, or crash, when the file changes.
        tensors = {name: file.get_tensor(name).clone() for name in file.keys()}  # noqa: SIM118
        texts = file.metadata() or {}
    meta = {k: json.loads(v) if v.startswith('{') else v for k, v in texts.items()}
    return dict(state_dict=tensors, meta=meta)


def _read_torch(path: Path, map_location: Any) -> Any:
    # Open the file: given a path, torch would decide by its suffix.
    with path.open('rb') as file:
        if not hasattr(torch.serialization, 'safe_globals'):
            return old_torch.load(file, map_location, allowed())
        with torch.serialization.safe_globals(allowed()):
            return torch.load(file, map_location, weights_only=True)


def _explained(path: Path, error: Exception) -> str:
    """Explain what to do about a file that torch or safetensors refuses."""
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
    """Read a checkpoint file without ever executing anything in it.

    Args:
        path: File of `torch.save` or of safetensors; its content tells which.
        map_location: Device of the tensors, as for `torch.load`.

    Returns:
        The dict that was saved; for safetensors, the tensors as `state_dict` and the
        metadata as `meta`.

    Raises:
        UserError: The file is damaged, or holds anything except tensors, plain values,
            NumPy arrays and mmengine's logs. Nothing is written anywhere.
    """
    path = Path(path)
    flaw = damage(path) or _foreign(path)
    if flaw:
        raise UserError(f'{path} {REFUSAL}.\nIt {flaw}')
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
