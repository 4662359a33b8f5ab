"""A step of a pipeline that fails is named, with the picture that it fails on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from mmengine.dataset import Compose

from ..data.look.headers import why_unreadable
from ..errors import UserError, one_line, place_of


class UnpreparedError(UserError):
    """This error names a picture of a data set that a step of its pipeline refuses."""


class NamingPipeline(Compose):
    """A `NamingPipeline` names the picture if a step fails, also in a worker."""

    def __call__(self, data: Any) -> Any:
        """Pass a picture through all steps.

        Args:
            data: Record of the picture, or what another pipeline has made of it.

        Returns:
            The prepared picture; None if a step leaves nothing of it.

        Raises:
            UnpreparedError: A step fails.
        """
        record = data if isinstance(data, dict) else {}
        files = [record[key] for key in ('img_path', 'seg_map_path') if record.get(key)]
        try:
            for step in self.transforms:
                data = None if data is None else step(data)
        except UserError as error:
            if not files or any(path in str(error) for path in files):
                raise
            raise UnpreparedError(f'{" with ".join(files)}: {error}') from error
        except Exception as error:
            raise UnpreparedError(_message(step, files, error)) from error
        return data


def name_failures(dataset: Any) -> None:
    """Let a data set and those inside of it name the pictures that steps fail on."""
    pipeline: Any = getattr(dataset, 'pipeline', None)
    if type(pipeline) is Compose:
        dataset.pipeline = NamingPipeline(pipeline.transforms)
    inner = getattr(dataset, 'dataset', None)
    for each in [inner, *(getattr(dataset, 'datasets', None) or ())]:
        if each is not None:
            name_failures(each)


def ending_of(step: Callable, error: Exception) -> str:
    """Say with what error a step of a pipeline ends."""
    return f'{type(step).__name__} ends with {one_line(error)}'


def _message(step: Callable, files: Sequence[str], error: Exception) -> str:
    loads = type(step).__name__.startswith('Load')
    for path in files if loads else ():
        fault = '' if '://' in path else why_unreadable(path)
        if fault:
            remedy = 'Replace it, or take it out of the data set'
            return f'{path} cannot be read ({fault})\n  {remedy}'
    return (
        f'{" with ".join(files) or "a picture"} cannot be prepared: '
        f'{ending_of(step, error)} ({place_of(error)})\n'
        '  Mend its annotations or the pipeline, or take it out of the data set'
    )
