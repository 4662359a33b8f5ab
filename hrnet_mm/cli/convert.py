"""Convert a checkpoint of any known form to the form of another code base.

hrnet convert hrnet_cs_8090_torch11.pth w48_mmseg.pth --to mmseg
hrnet convert hrnet_w32_imagenet hrnet_w32.safetensors --to timm
hrnet convert work_dirs/pose/epoch_210.pth pose.pth --to official

The form is recognized by the names of the tensors, the network by their shapes. If the
other code base has no such model, only the backbone is written, for its
init_cfg=dict(type='Pretrained', checkpoint='...'). docs/checkpoints.md lists all forms.
"""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

from ..checks.arguments import check_weights
from ..errors import UserError
from ..toolboxes import TOOLBOXES
from .options import new_parser

if TYPE_CHECKING:
    import torch

SUFFIXES = ('.pth', '.safetensors')
# A copy of `weights.formats.FAMILIES` that needs no torch; a test compares them.
FAMILIES = ('official', 'timm', *TOOLBOXES, 'hrnet_mm')
BARE = ('official', 'timm')  # their code reads only a dict of tensors


def parser(prog: str | None = None, about: str = __doc__) -> argparse.ArgumentParser:
    """Return the parser of the verb's options."""
    options = new_parser(prog, about)
    options.add_argument(
        'source',
        metavar='SRC',
        help='path, URL, name of published weights, or hf_hub: and a name',
    )
    options.add_argument(
        'target', metavar='DST', type=Path, help='.pth or .safetensors'
    )
    options.add_argument(
        '--from',
        dest='family',
        choices=['auto', *FAMILIES],
        default='auto',
        help='whose form it is (default: auto, found by the names)',
    )
    options.add_argument('--to', choices=FAMILIES, required=True, help='form')
    options.add_argument(
        '--prefix',
        default='',
        help='beginning of the names of one network, if the file has several',
    )
    options.add_argument('--overwrite', action='store_true', help='replace DST')
    return options


def check(args: argparse.Namespace) -> None:
    """Check that the source exists and that nothing would be overwritten."""
    check_weights(args.source)
    check_target(args.target, Path(args.source), args.overwrite)


def check_target(target: Path, source: Path, overwrite: bool) -> None:
    """Check that the target's suffix is known and that no file would be lost.

    Raises:
        UserError: The target exists, is the source, or has another suffix.
    """
    if target.suffix not in SUFFIXES:
        raise UserError(f'cannot write {target}; expected {" or ".join(SUFFIXES)}')
    if target.resolve() == source.resolve():
        raise UserError(f'{target} is the file to convert; give another DST')
    if os.path.lexists(target) and not (overwrite and target.is_file()):
        raise UserError(f'{target} exists; give another DST, or say --overwrite')


def run(args: argparse.Namespace) -> None:
    """Convert the checkpoint and print a summary."""
    from ..weights import locate
    from ..weights.formats import check_values, convert, facts, recognize, summary
    from ..weights.loading import completed

    located = locate(args.source)
    check_target(args.target, located.path, args.overwrite)
    content = located.read()
    recognized = completed(recognize(content, args.family, args.prefix), located.row)
    check_values(recognized)
    tensors = convert(recognized, args.to)
    print(summary(recognized, args.to, tensors))
    theirs = content.get('meta')
    meta = dict(theirs) if isinstance(theirs, dict) else {}
    meta['hrnet_mm'] = facts(
        recognized.upsample,
        task=recognized.task,
        arch=recognized.arch_name,
        source=args.source,
    )
    bare = args.to in BARE and args.target.suffix == '.pth'
    save(args.target, tensors, None if bare else meta)
    print(f'written: {args.target}')


def save(path: Path, tensors: dict[str, torch.Tensor], meta: dict | None) -> None:
    """Write a checkpoint file, completely or not at all.

    Args:
        path: Path of the file; its suffix tells the format.
        tensors: Tensors by name.
        meta: Plain values to store beside them; None for tensors alone in a .pth.

    Raises:
        UserError: The file cannot be written, or safetensors is not installed.
    """
    import torch

    # Copy: for a view, torch would store the whole storage, and safetensors refuses.
    tensors = {name: tensor.contiguous().clone() for name, tensor in tensors.items()}
    part = path.with_name(f'{path.name}.{os.getpid()}.part')
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == '.pth':
            content = tensors if meta is None else dict(state_dict=tensors, meta=meta)
            torch.save(content, part)
        else:
            save_safetensors(part, tensors, (meta or {}).get('hrnet_mm'))
        os.replace(part, path)
    except (OSError, RuntimeError) as error:
        raise UserError(f'cannot write {path}: {error}') from error
    finally:
        if os.path.lexists(part):
            part.unlink()


def save_safetensors(
    path: Path, tensors: dict[str, torch.Tensor], stored: dict | None
) -> None:
    """Write tensors, with our facts as text, the only metadata of such a file.

    Raises:
        UserError: safetensors is not installed.
    """
    try:
        from safetensors.torch import save as serialized
    except ImportError as error:
        raise UserError('.safetensors needs pip install safetensors') from error
    texts = {} if stored is None else dict(hrnet_mm=json.dumps(stored))
    # safetensors' own writer makes a file that other users cannot read.
    path.write_bytes(serialized(tensors, dict(format='pt', **texts)))
