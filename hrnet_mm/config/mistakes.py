"""An error in a config file is reported with its file, line and reason."""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import Any

import mmengine
from mmengine.config import Config
from mmengine.utils import import_modules_from_strings

from ..environment.packages import FOUNDATION
from ..errors import UserError


def open_config(path: Path) -> Config:
    """Read a config without importing its `custom_imports`.

    Raises:
        UserError: The file, or one of its `_base_`, cannot be read or executed.
    """
    try:
        return Config.fromfile(path, import_custom_modules=False)
    except UserError as error:
        # A file in JSON or YAML is read safely, and why that failed is inside.
        if error.__cause__ is None or isinstance(error.__cause__, UserError):
            raise
        raise UserError(_described(error, path)) from error
    except Exception as error:
        if _lacks_foundation(error):
            raise
        raise UserError(_described(error, path)) from error


def import_custom(cfg: Config) -> None:
    """Import the modules in a config's `custom_imports`.

    Raises:
        UserError: A module, or one that it imports, is missing, or `custom_imports` has
            another form.
    """
    try:
        import_modules_from_strings(**cfg.get('custom_imports') or {'imports': None})
    except TypeError as error:
        raise UserError(
            f'{cfg.filename}: custom_imports is {cfg.custom_imports!r}; expected '
            "custom_imports = dict(imports=['my_package.my_module'])"
        ) from error
    except ImportError as error:
        first: BaseException = error
        while first.__context__ is not None:
            first = first.__context__
        if _lacks_foundation(first):
            raise first from None
        raise UserError(
            f'{cfg.filename}: custom_imports cannot be imported: {first}\n'
            'Modules of your own are found in the folders of PYTHONPATH'
        ) from error


def _lacks_foundation(error: BaseException) -> bool:
    """Tell whether a package is missing that every toolbox installs."""
    names = [package.module for package in FOUNDATION]
    return isinstance(error, ModuleNotFoundError) and error.name in names


def _described(error: Exception, path: Path) -> str:
    """Describe an error in reading a config by its file, line and reason."""
    files = [path, *_files(error)]
    file = next(each for each in reversed(files) if each.is_file())
    if not files[-1].is_file():
        return f'{file}: _base_ names {files[-1]}, but there is no file'
    told: Any = error.__cause__ if isinstance(error, UserError) else error
    line, reason = _line(told, file), _reason(told, file)
    return f'{file}{f", line {line}" if line else ""}: {reason}'


def _files(error: Exception) -> list[Path]:
    """Return the files that mmengine was reading, each named by the one before it."""
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    reading = [frame for frame in frames if frame.f_code.co_name == '_file2dict']
    return [Path(frame.f_locals['filename']) for frame in reading]


def _line(error: Exception, file: Path) -> int | None:
    """Return the number of the line with the error; None if it is unknown."""
    if isinstance(error, UnicodeDecodeError):
        lines = file.read_bytes().splitlines()
        return next((n for n, line in enumerate(lines, 1) if not _is_utf8(line)), None)
    mark = getattr(error, 'problem_mark', None)  # set by PyYAML
    if mark is not None:
        return mark.line + 1
    walked = traceback.walk_tb(error.__traceback__)
    numbers = [n for frame, n in walked if frame.f_code.co_filename == str(file)]
    return getattr(error, 'lineno', numbers[-1] if numbers else None)


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


def _reason(error: Exception, file: Path) -> str:
    """Explain why a config file cannot be used."""
    if isinstance(error, UnicodeDecodeError):
        return f'it is not UTF-8 ({error.reason})'
    if isinstance(error, SyntaxError):
        return error.msg
    if isinstance(error, AttributeError | TypeError) and file.suffix != '.py':
        content = mmengine.load(file)
        if not isinstance(content, dict):
            found = 'nothing' if content is None else f'a {type(content).__name__}'
            return f'{found}; expected are keys with values, model among them'
    text = ' '.join(str(error).split())
    if str(error).startswith('Only py/'):
        return f'{text[0].lower()}{text[1:]}'
    return text if hasattr(error, 'problem_mark') else f'{type(error).__name__}: {text}'
