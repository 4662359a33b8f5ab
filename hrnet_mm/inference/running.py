"""Images become results batch by batch."""

from __future__ import annotations

import time

from rich.console import Console
from rich.progress import track
from rich.table import Table

from ..errors import UserError
from ..terminal import print_paths
from .inputs import Pictures, Video, dimmed
from .outputs import IMAGES, RESULTS, Output
from .predictors import Predictor, UnusableError

ALIKE = (
    'All frames of a video are of one size and have 3 channels, or 1 where the loading '
    "step has color_type='grayscale': give this model a folder of pictures that fit"
)


def infer(source: Pictures | Video, predictor: Predictor, output: Output) -> None:
    """Predict on all images and write the results.

    Images that cannot be read or prepared become problems of the source. So do those
    of which the model sees next to nothing, though they are predicted on.

    Args:
        source: The images.
        predictor: The predictor, called on `batch_size` images at a time.
        output: The output, already entered as a context.

    Raises:
        UserError: Not even the first frame of a video can be prepared.
    """
    batch: list[dict] = []
    for picture in track(source, 'inference', total=len(source) or None):
        try:
            loaded = predictor.load(picture)
        except UnusableError as error:
            source.problems.append(str(error))
            continue
        if picture.pixels is None:
            source.problems += dimmed(picture.path, loaded['img'])
        batch.append(loaded)
        if len(batch) == predictor.batch_size:
            _predict(batch, source, predictor, output)
            batch = []
    _predict(batch, source, predictor, output)


def _predict(
    batch: list[dict],
    source: Pictures | Video,
    predictor: Predictor,
    output: Output,
) -> None:
    """Predict on a batch; if an image of it cannot be prepared, on the others."""
    try:
        samples = predictor(batch)
    except UnusableError as error:
        if isinstance(source, Video) and not output.images:
            raise UserError(f'{error}.\n{ALIKE}') from error
        source.problems.append(str(error))
        others = [image for image in batch if image['picture'] is not error.picture]
        return _predict(others, source, predictor, output)
    for image, sample in zip(batch, samples, strict=True):
        output.add(image['picture'], image['img'], sample)


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
        console.print(note, markup=False, soft_wrap=True)
    for problem in source.problems[:most]:
        console.print(f'problem: {problem}', markup=False, soft_wrap=True)
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
