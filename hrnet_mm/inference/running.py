"""Images become results batch by batch."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import track
from rich.table import Table

from ..checks.arguments import IMAGES, RESULTS
from ..checks.predictions import not_finite
from ..errors import UserError, first, one_line, place_of, printable
from ..terminal import print_paths
from .inputs import Picture, Pictures, Video, dimmed
from .outputs import Output
from .predictors import Predictor, UnusableError

ALIKE = (
    'All frames of a video are of one size and have 3 channels, or 1 where the loading '
    "step has color_type='grayscale': give this model a folder of pictures that fit"
)


def infer(source: Pictures | Video, predictor: Predictor, output: Output) -> None:
    """Predict on all images and write the results.

    An image that fails anywhere becomes a problem of the source, and the others go on.
    So does one of which the model sees next to nothing, though it is predicted on.

    Args:
        source: The images.
        predictor: The predictor, called on `batch_size` images at a time.
        output: The output, already entered as a context.

    Raises:
        UserError: Not even the first frame of a video can be prepared, or nothing more
            can be written.
    """
    batch: list[dict] = []
    for picture in track(source, 'inference', total=len(source) or None):
        with _problem_of(source, picture, 'read'):
            loaded = predictor.load(picture)
            if picture.pixels is None:
                source.problems += dimmed(picture.path, loaded['img'])
            batch.append(loaded)
        if len(batch) == predictor.batch_size:
            _predict(batch, source, predictor, output)
            batch = []
    _predict(batch, source, predictor, output)


@contextmanager
def _problem_of(
    source: Pictures | Video, picture: Picture, what: str
) -> Iterator[None]:
    """Make an error inside the context a problem of one image."""
    try:
        yield
    except UserError:  # of the whole run, as a full disk
        raise
    except UnusableError as error:
        source.problems.append(str(error))
    except Exception as error:
        source.problems.append(
            f'{picture.name} cannot be {what}: {one_line(error)} ({place_of(error)})'
        )


def _predict(
    batch: list[dict],
    source: Pictures | Video,
    predictor: Predictor,
    output: Output,
) -> None:
    """Predict on a batch; if that fails, on each image alone."""
    if len(batch) == 1:
        _predict_alone(batch[0], source, predictor, output)
        return
    try:
        samples = predictor(batch)
    except UserError:
        raise
    except Exception:
        samples = None  # the memory that the error holds is free below
    if samples is None:
        for image in batch:
            _predict_alone(image, source, predictor, output)
        return
    for image, sample in zip(batch, samples, strict=True):
        _write(image, sample, source, output)


def _predict_alone(
    image: dict, source: Pictures | Video, predictor: Predictor, output: Output
) -> None:
    with _problem_of(source, image['picture'], 'predicted on'):
        try:
            (sample,) = predictor([image])
        except UnusableError as error:
            if isinstance(source, Video) and not output.images:
                raise UserError(f'{error}.\n{ALIKE}') from error
            raise
        _write(image, sample, source, output)


def _write(image: dict, sample: Any, source: Pictures | Video, output: Output) -> None:
    """Write the predictions on an image, if they are numbers."""
    picture = image['picture']
    odd = not_finite(sample)
    if odd:
        source.problems.append(
            f'{picture.name}: the model finds NaN or infinite numbers there '
            f'({first(odd)})'
        )
        return
    with _problem_of(source, picture, 'drawn or written'):
        output.add(picture, image['img'], sample)


def print_summary(
    source: Pictures | Video, output: Output, started: float, most: int = 10
) -> None:
    """Print how much was done, what was not done, and where the results are.

    Args:
        source: The images.
        output: The output, after the last image.
        started: `time.time()` before the first image.
        most: Largest number of problems that are printed.
    """
    seconds = time.time() - started
    pictures = len(output.images)
    table = Table(show_header=False)
    table.add_row('frames' if isinstance(source, Video) else 'images', str(pictures))
    if output.toolbox.results:
        table.add_row(output.toolbox.results, str(len(output.results)))
    table.add_row('problems', str(len(source.problems)))
    table.add_row('images/s', f'{pictures / max(seconds, 1e-9):.2f}')
    console = Console()
    for note in source.notes:
        console.print(printable(note), markup=False, soft_wrap=True)
    for problem in source.problems[:most]:
        console.print(f'problem: {printable(problem)}', markup=False, soft_wrap=True)
    if len(source.problems) > most:
        console.print(f'... and {len(source.problems) - most} more')
    console.print(table)
    print_paths(
        {
            'pictures': output.folder,
            'results': output.folder / RESULTS,
            'ids and files': output.folder / IMAGES,
        }
    )
