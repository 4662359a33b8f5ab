"""A report names the hardware and the software of its run."""

from __future__ import annotations

import os
import platform
import subprocess
from importlib.metadata import packages_distributions, version
from pathlib import Path
from typing import Any

import torch

ROOT = Path(__file__).parents[1]
# Import names, since the maintained forks have other distribution names.
PACKAGES = ('mmengine', 'mmcv', 'mmdet', 'mmseg', 'mmpose', 'mmpretrain', 'timm')
# Instructions that decide how fast matrix products are, from old to new.
FLAGS = ('avx2', 'avx512f', 'avx512_vnni', 'avx512_bf16', 'amx_bf16', 'amx_tile')


def hardware(device: str) -> dict[str, Any]:
    """Return the processor, its instructions, and how much of it is used."""
    info = processor()
    flags = info.get('flags', info.get('Features', '')).split()
    found = dict(
        system=platform.platform(),
        processor=info.get('model name', platform.processor() or platform.machine()),
        flags=[flag for flag in FLAGS if flag in flags],
        cores=os.cpu_count(),
        usable_cores=usable_cores(),
        threads=torch.get_num_threads(),
    )
    if device != 'cpu':
        found['accelerator'] = torch.cuda.get_device_name()
    return found


def usable_cores() -> int:
    """Return the number of cores that this process may use."""
    if hasattr(os, 'sched_getaffinity'):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def processor() -> dict[str, str]:
    """Return what Linux says of the first core, and nothing on other systems."""
    path = Path('/proc/cpuinfo')
    if not path.is_file():
        return {}
    first = path.read_text().partition('\n\n')[0]
    pairs = (line.partition(':') for line in first.splitlines())
    return {name.strip(): value.strip() for name, _, value in pairs}


def versions() -> dict[str, str]:
    """Return the versions of Python, torch, and every toolbox that is installed."""
    found = dict(python=platform.python_version(), torch=torch.__version__)
    owners = packages_distributions()
    for package in PACKAGES:
        for owner in owners.get(package, [])[:1]:
            found[package] = f'{owner} {version(owner)}'
    return found


def commit() -> str | None:
    """Return the commit of the sources, with a plus if files were changed."""
    git = ['git', '-C', str(ROOT)]
    try:
        name, changed = (
            subprocess.run(
                git + words, capture_output=True, text=True, check=True
            ).stdout.strip()
            for words in (['rev-parse', '--short', 'HEAD'], ['status', '--porcelain'])
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return name + ('+' if changed else '')
