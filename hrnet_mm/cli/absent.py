"""For a module that is not installed, the user is told what to install."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..environment.packages import FOUNDATION, REQUIREMENTS
from ..errors import UserError
from ..toolboxes import TOOLBOXES, Toolbox

# A key and its separator in Python, YAML or JSON.
KEY = r"""^[\s{]*"?%s"?\s*[=:]\s*"""
SCOPE = re.compile(KEY % 'default_scope' + r"""['"]?(\w+)""", re.MULTILINE)
BASES = re.compile(KEY % '_base_' + r'(\[[^]]*\]|.*)', re.MULTILINE)
FILE = re.compile(r"""[^\s'",\[\]]+\.(?:py|json|ya?ml)\b""")


@contextmanager
def remedies(config: str | Path | None) -> Iterator[None]:
    """Turn a failed import inside the context into a message on what to install.

    Args:
        config: File of the config that will be used; None without one.

    Raises:
        UserError: mmengine, mmcv or another known requirement is missing.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        of_extras = [package.module for package in FOUNDATION]
        of_extras += ['cv2'] if config else []  # mmengine brings it
        if error.name in of_extras:
            raise UserError(_foundation(error.name, config)) from error
        if error.name not in REQUIREMENTS:
            raise
        requirement = shlex.quote(REQUIREMENTS[error.name])
        raise UserError(
            f'{error.name} is not installed. Install it with\n'
            f'  pip install {requirement}'
        ) from error


def _foundation(module: str, config: str | Path | None) -> str:
    """Explain what to install if a module is missing that every toolbox installs."""
    extra = config and extra_of(config)
    known = [box for box in TOOLBOXES.values() if extra in (None, box.extra)]
    commands = '\n'.join(_commands(toolbox, alone=len(known) == 1) for toolbox in known)
    choice = '' if extra else ' of the task'
    return (
        f'{module} is not installed. It comes with the extra{choice}:\n{commands}\n'
        f'or, which also mends what does not fit,\n'
        f'  hrnet doctor {extra or "EXTRA"} --fix'
    )


def _commands(toolbox: Toolbox, alone: bool) -> str:
    """Return the commands that install a toolbox; among others, one line with its name.

    Args:
        toolbox: Toolbox to install.
        alone: True if it is the only one listed; then each command has its own line.
    """
    if alone:
        return '\n'.join(f'  {command}' for command in toolbox.commands)
    return f'  {" && ".join(toolbox.commands)}    # {toolbox.name}'


def extra_of(config: str | Path) -> str | None:
    """Return the extra that installs a config's toolbox; None if it is not known."""
    toolbox = TOOLBOXES.get(scope_of(Path(config)) or '')
    return toolbox.extra if toolbox else None


def scope_of(config: Path, seen: frozenset[Path] = frozenset()) -> str | None:
    """Read `default_scope` from the text of a config or of its `_base_`.

    mmengine, which would execute the file, is not installed.
    """
    if config in seen or not config.is_file():
        return None
    text = config.read_text(errors='replace')
    found = SCOPE.search(text)
    if found:
        return found[1]
    bases = BASES.search(text)
    names = FILE.findall(bases[1]) if bases else []
    inner = (scope_of(config.parent / name, seen | {config}) for name in names)
    return next(filter(None, inner), None)
