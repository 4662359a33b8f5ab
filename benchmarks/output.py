"""A benchmark writes raw figures in JSON, tables in Markdown, and one plot."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hrnet_mm.errors import UserError

from .plot import draw
from .tables import markdown

FILES = JSON, TABLES, PLOT = 'benchmark.json', 'benchmark.md', 'benchmark.png'


class Output:
    """An `Output` is a folder with the results of one run.

    Args:
        folder: Path of the folder, which is created with the first result.
        overwrite: True if it may hold results of an earlier run, which are replaced.
        resume: True if it may hold results of an earlier run, which are kept.

    Raises:
        UserError: The folder holds results of an earlier run, but must not.
    """

    def __init__(
        self, folder: str, overwrite: bool = False, resume: bool = False
    ) -> None:
        self.folder = Path(folder)
        if self.folder.exists() and not self.folder.is_dir():
            raise UserError(f'--out {folder} is a file; name a folder')
        names = [n for n in FILES if (self.folder / n).exists()]
        if names and not (overwrite or resume):
            raise UserError(
                f'--out {folder} holds earlier results ({", ".join(names)}). Name '
                'another folder, go on with --resume, or replace them with --overwrite'
            )

    def earlier(self, machine: dict[str, Any], versions: dict[str, str]) -> dict:
        """Return the results of a run to be resumed; without cases if there are none.

        Raises:
            UserError: They are of another machine or of other versions.
        """
        if not (self.folder / JSON).exists():
            return dict(cases={})
        found = read(str(self.folder / JSON))
        if (found['machine'], found['versions']) != (machine, versions):
            raise UserError(
                f'--resume: {self.folder} has results of another machine or of other '
                'versions, which cannot stand in one table; name another --out'
            )
        return found

    def write(self, results: dict[str, Any]) -> None:
        """Write the raw figures; called after each case, so that none is lost."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            (self.folder / JSON).write_text(json.dumps(results, indent=1))
        except OSError as error:
            raise UserError(
                f'cannot write to --out {self.folder}: {error.strerror}'
            ) from error

    def render(self, results: dict[str, Any]) -> None:
        """Write the tables and the plot."""
        (self.folder / TABLES).write_text(markdown(results))
        draw(results, self.folder / PLOT)


def read(path: str) -> dict[str, Any]:
    """Read the raw figures of an earlier run.

    Raises:
        UserError: The file has none.
    """
    try:
        results = json.loads(Path(path).read_text())
        return results if results['cases'] is not None else {}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UserError(
            f'--render {path} is no {JSON} of this tool: {error!r}'
        ) from error
