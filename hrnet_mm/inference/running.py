"""Images become results batch by batch."""

from __future__ import annotations

import time

from rich.console import Console
from rich.progress import track
from rich.table import Table

from ..data.look.headers import few_bits
from ..terminal import print_paths
from .inputs import Pictures, Video
from .outputs import IMAGES, RESULTS, Output
from .predictors import Predictor, UnreadableError


def infer(source: Pictures | Video, predictor: Predictor, output: Output) -> None:
    """Predict on all images and write the results.

    Images that cannot be read become problems of the source.

    Args:
        source: The images.
        predictor: The predictor, called on `batch_size` images at a time.
        output: The output, already entered as a context.
    """
    batch: list[tuple] = []
    for picture in track(source, 'inference', total=len(source) or None):
        try:
            loaded = dict(predictor.load(picture), file_name=picture.file_name)
        except UnreadableError as error:
            source.problems.append(str(error))
            continue
        shallow = '' if isinstance(source, Video) else few_bits(picture.path)
        if shallow and predictor.keeps_8_bits:
            source.problems.append(shallow)
        batch.append((picture, loaded))
        if len(batch) == predictor.batch_size:
            _predict(batch, predictor, output, source.problems)
            batch = []
    _predict(batch, predictor, output, source.problems)


def _predict(
    batch: list[tuple], predictor: Predictor, output: Output, problems: list[str]
) -> None:
    """Predict on a batch; where one image does not pass, on each alone."""
    images = [loaded for _, loaded in batch]
    try:
        samples = predictor(images)
    except UnreadableError as error:
        if len(batch) == 1:
            problems.append(str(error))
        for one in batch if len(batch) > 1 else ():
            _predict([one], predictor, output, problems)
        return
    for (picture, loaded), sample in zip(batch, samples, strict=True):
        output.add(picture, loaded['img'], sample)


def print_summary(
    source: Pictures | Video, output: Output, started: float, most: int = 10
) -> None:
    """Print how much was done, what could not be done, and where the results are.

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
    if source.skipped:
        kinds = ', '.join(f'{n} {suffix}' for suffix, n in source.skipped.items())
        table.add_row('not read', f'{kinds}: convert them to .png or .jpg')
    table.add_row('images/s', f'{pictures / max(seconds, 1e-9):.2f}')
    console = Console()
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
