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


HEAVY = ('torch', 'mmengine', 'mmcv', 'matplotlib', 'numpy', 'cv2', 'rich')
LIGHTLY = """
import sys
from hrnet_mm.cli.main import main
try:
    main({words!r})
except SystemExit as left:
    print('left with', left.code, file=sys.stderr)
print('heavy:', [name for name in {heavy!r} if name in sys.modules], file=sys.stderr)
"""


def lightly(*words, **given):
    """Return what the command says; it must have imported nothing that takes time."""
    script = LIGHTLY.format(words=list(map(str, words)), heavy=HEAVY)
    done = run('-c', script, **given)
    assert 'heavy: []' in done.stderr, done.stderr
    return done.stdout + done.stderr
