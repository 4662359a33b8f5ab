"""A checkpoint file is read into memory without executing anything in it."""

from __future__ import annotations

import json
import tarfile
import zipfile
from pathlib import Path, PurePosixPath
from typing import Any

import torch

from ..errors import UserError
from . import torch_files
from .nesting import DEEPEST
from .plain_pickle import ForbiddenError

HTML = (b'<!doctype html', b'<html', b'<head', b'<?xml')
UNWRITTEN = (
    'it was not written or copied to its end, as when the power or a disk fails. Take '
    'an earlier checkpoint, or the file again from where it came from'
)
REFUSAL = 'is not a checkpoint that can be loaded safely'
CLEAN = (
    "python -c \"import torch; c = torch.load('{path}', 'cpu', weights_only=False); "
    "c = c.get('state_dict', c.get('model', c)) if isinstance(c, dict) else c; "
    "torch.save({{'state_dict': c if isinstance(c, dict) else c.state_dict()}}, "
    "'{clean}')\""
)


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
    if not any(head) and not _ends_otherwise(path):
        return f'consists of zeros: {UNWRITTEN}'
    if head.startswith(b'PK\x03\x04') and not zipfile.is_zipfile(path):
        return f'is cut off: the end of the zip archive is missing, {UNWRITTEN}'
    return ''


def _ends_otherwise(path: Path) -> bool:
    """Tell whether a file that begins with zeros has anything else in it."""
    with path.open('rb') as file:
        blocks = iter(lambda: file.read(1 << 20), b'')
        return any(block.strip(b'\0') for block in blocks)


def _foreign(path: Path) -> str:
    """Explain why an intact file must not be given to torch; empty if it may be.

    torch before 2.6 runs TorchScript and unpacks tar files even when it is told to
    load weights only (CVE-2025-32434), so both are refused here.
    """
    with path.open('rb') as file:
        head = file.read(512)
    if not head.startswith(b'PK\x03\x04'):  # the same test as torch's
        # tarfile takes zeros for an empty archive.
        packed = zipfile.is_zipfile(path) or (any(head) and tarfile.is_tarfile(path))
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


def _read_safetensors(path: Path, device: Any) -> dict[str, Any]:
    try:
        from safetensors import safe_open
    except ImportError as error:
        raise UserError('It needs safetensors: pip install safetensors') from error
    with safe_open(path, framework='pt', device=str(device)) as file:
        # Copy: memory-mapped tensors would change, or crash, when the file changes.
        tensors = {name: file.get_tensor(name).clone() for name in file.keys()}  # noqa: SIM118
        texts = file.metadata() or {}
    meta = {k: json.loads(v) if v.startswith('{') else v for k, v in texts.items()}
    return dict(state_dict=tensors, meta=meta)


def _explained(path: Path, error: Exception) -> str:
    """Explain what to do about a file that is refused."""
    if isinstance(error, UserError):
        return str(error)
    if isinstance(error, RecursionError):
        return f'It is nested more than {DEEPEST} deep'
    if not isinstance(error, ForbiddenError):
        reason = str(error).partition('\n')[0] or type(error).__name__
        return f'It is damaged or of an unknown kind ({reason})'
    clean = path.with_name(f'{path.name.partition(".")[0]}_clean.pth')
    return (
        f'It holds more than tensors: the Python object {error}. Reading such an '
        'object runs code that the file brings with it, so nothing was read.\n'
        'If you trust whoever made the file, keep its tensors only, by\n'
        f'  {CLEAN.format(path=path, clean=clean)}\nand use {clean}'
    )


def read_checkpoint(path: str | Path, map_location: Any = 'cpu') -> dict[str, Any]:
    """Read a checkpoint file without ever executing anything in it.

    Args:
        path: File of `torch.save` or of safetensors; its content tells which.
        map_location: Device of the tensors. Functions and dicts, which torch.load also
            takes, mean the CPU.

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
    read = _read_safetensors if _is_safetensors(path) else torch_files.load
    plain = isinstance(map_location, str | torch.device)
    try:
        loaded = read(path, map_location if plain else 'cpu')
    except Exception as error:
        raise UserError(f'{path} {REFUSAL}.\n{_explained(path, error)}') from error
    if not isinstance(loaded, dict):
        raise UserError(
            f'{path} holds a {type(loaded).__name__}; expected a dict of tensors, or '
            "one with the key 'state_dict'"
        )
    return loaded
