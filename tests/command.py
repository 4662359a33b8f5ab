"""The command `hrnet` and the scripts of tools/, in a process of their own."""

import os
import subprocess
import sys

from conftest import ROOT


def run(*command, **given):
    """Run Python with these words; what it prints is kept."""
    environment = dict(os.environ, PYTHONPATH=str(ROOT))
    return subprocess.run(
        [sys.executable, *map(str, command)],
        capture_output=True,
        text=True,
        env=environment,
        **{'cwd': ROOT, **given},
    )
