"""OpenMMLab's aliases, such as `open-mmlab://msra/hrnetv2_w32`, become URLs or paths.

mmengine has the table of aliases; the user's own `open_mmlab.json` counts too.
"""

from __future__ import annotations

import difflib
import os
from pathlib import Path

from ..errors import UserError, did_you_mean

# Each prefix, and the function of mmengine.runner.checkpoint that returns its table.
ALIASES = {
    'open-mmlab://': 'get_external_models',
    'openmmlab://': 'get_external_models',
    'mmcls://': 'get_mmcls_models',
    'torchvision://': 'get_torchvision_models',
    'modelzoo://': 'get_torchvision_models',
}


def address_of(name: str) -> str:
    """Return the address behind an alias, and any other name unchanged.

    Raises:
        UserError: The alias does not exist, or mmengine, which has the table, is
            missing.
    """
    prefix = next((prefix for prefix in ALIASES if name.startswith(prefix)), None)
    if prefix is None:
        return f'hf_hub:{name}' if name.startswith('timm/') else name
    urls, renamed = tables(prefix, name)
    alias = name.removeprefix(prefix)
    alias = alias if alias in urls else renamed.get(alias, alias)
    if alias not in urls:
        near = difflib.get_close_matches(alias, list(urls), n=3)
        hint = did_you_mean(prefix + each for each in near)
        raise UserError(f'{name}: no such name among those of {prefix}{hint}')
    is_path = '://' not in urls[alias]  # an entry of the user's own list
    return str(mmengine_home() / urls[alias]) if is_path else urls[alias]


def tables(prefix: str, name: str) -> tuple[dict[str, str], dict[str, str]]:
    """Return mmengine's URLs by alias, and its current aliases by deprecated ones.

    Raises:
        UserError: mmengine cannot be imported.
    """
    try:
        from mmengine.runner import checkpoint

        urls = getattr(checkpoint, ALIASES[prefix])()
    except ImportError as error:  # also raised if torchvision is missing
        raise UserError(
            f'{name}: what {prefix} stands for is known to mmengine alone '
            f'({error}): pip install {error.name or "mmengine"}. Or give a path, a '
            'URL, or the name of published weights, as hrnet_w32_imagenet'
        ) from error
    return urls, checkpoint.get_deprecated_model_names()


def mmengine_home() -> Path:
    """Return the folder of the user's open_mmlab.json, as mmengine finds it."""
    cache = os.getenv('XDG_CACHE_HOME', '~/.cache')
    return Path(os.getenv('MMENGINE_HOME', f'{cache}/mmengine')).expanduser()
