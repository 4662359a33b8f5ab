"""Cases and rows become raw figures, case by case, in rounds."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from . import measure
from .accuracy import Reference, gradients
from .cases import Case
from .limits import Limits
from .networks import NETWORKS, ours, set_mode
from .rows import Row, Step, of_case, prepare

REPEATS, FEWEST = 9, 3
LONG = 120.0  # seconds of a case after which no further round begins

Figures = dict[str, Any]


class Settings(NamedTuple):
    """These settings say how a run measures.

    Attributes:
        device: `'cpu'` or `'cuda'`.
        repeats: Number of rounds; None for nine, or as many as two minutes hold, three
            at least.
    """

    device: str = 'cpu'
    repeats: int | None = None

    @property
    def rounds(self) -> int:
        """Return the largest number of rounds of a case."""
        return self.repeats or REPEATS


class Entry:
    """An `Entry` is a row of a case that is ready to be timed."""

    def __init__(self, call: Callable[[], list[Tensor]], calls: int) -> None:
        self.call, self.calls = call, calls


class Prepared(NamedTuple):
    """A `Prepared` is a case whose rows are ready to be timed.

    Attributes:
        case: The case.
        entries: Rows that can be timed.
        figures: Raw figures so far; under `rows` the figures of each row.
    """

    case: Case
    entries: dict[str, Entry]
    figures: Figures


def prepare_case(
    case: Case, rows: dict[str, Row], device: str, tick: Callable[[Case], None]
) -> Prepared:
    """Measure everything of a case but its time.

    A row that fails gets a note in place of figures.

    Args:
        case: The case.
        rows: Rows that were chosen; some may not belong to the case.
        device: `'cpu'` or `'cuda'`.
        tick: Called when a row has been prepared.
    """
    source = ours(case)
    shape = (case.shape[0], 3, *case.shape[1:])
    image = torch.randn(shape, generator=torch.Generator().manual_seed(1))
    image = image.to(device)
    source = set_mode(source, case).to(device)
    reference = None if case.curve else Reference(case, source, image)
    found: Figures = {name: {} for name in of_case(rows, case)}
    entries: dict[str, Entry] = {}
    for name in found:
        with noted(found[name]):
            entries[name] = ready(
                rows[name], case, source, image, reference, found[name]
            )
        measure.give_back_memory(device)
        tick(case)
    figures = dict(
        task=case.task,
        arch=case.arch,
        shape=list(case.shape),
        training=case.training,
        operations=measure.operations(source.to('meta'), shape, case.training),
        compared_images=reference.images if reference else 0,
        rows=found,
    )
    return Prepared(case, entries, figures)


def ready(
    row: Row,
    case: Case,
    source: nn.Sequential,
    image: Tensor,
    reference: Reference | None,
    found: Figures,
) -> Entry:
    """Prepare a row, and measure everything of it but its time.

    Args:
        row: Form of the network.
        case: Case that is run.
        source: The readable network.
        image: Images (N, 3, H, W).
        reference: Exact results, if the row is to be compared with them.
        found: Figures of the row, which are added to.
    """
    device = image.device.type
    model = set_mode(NETWORKS[row.network](case, source), case).to(device)
    with fresh_compiler() if row.compiled else nullcontext():
        start = time.perf_counter()
        call = prepare(row, case, model, image)
        outputs = call()
        if device != 'cpu':
            torch.cuda.synchronize()
        found['first_seconds'] = time.perf_counter() - start
    if reference:
        found['output_difference'] = reference.of_outputs(outputs)
        found['gradient_differences'] = reference.of_gradients(gradients(call.model))
    del outputs
    call()
    call.model.zero_grad(set_to_none=True)  # the step must not free older gradients
    found['peak_bytes'] = measure.peak_bytes(call, device)
    if case.training and isinstance(call, Step):
        found['saved_bytes'] = measure.saved_bytes(call.forward, call.model)
    calls = measure.calls_of(measure.seconds(call, device))
    found.update(calls=calls, seconds=[])
    return Entry(call, calls)


def rounds(
    group: Sequence[Prepared],
    limits: Limits,
    settings: Settings,
    tick: Callable[[Case], None],
) -> None:
    """Time all rows in turn, again and again, so that their ratios share the clock.

    Args:
        group: Cases whose figures get the seconds, and samples of the machine's limits,
            one a round.
        limits: Limits of the machine.
        settings: Settings that give the number of rounds.
        tick: Called for each case in each round.
    """
    samples: dict[str, list[float]] = {}
    limits.sample()  # warm up
    start = time.perf_counter()
    for repeat in range(settings.rounds):
        late = time.perf_counter() - start > LONG * len(group)
        if late and settings.repeats is None and repeat >= FEWEST:
            break
        for name, rate in limits.sample().items():
            samples.setdefault(name, []).append(rate)
        for prepared in group:
            one_round(prepared, settings.device)
            tick(prepared.case)
    for prepared in group:
        prepared.figures['limits'] = samples


def one_round(prepared: Prepared, device: str) -> None:
    """Time each row once; a row that fails is not timed any more."""
    found = prepared.figures['rows']
    for name, entry in list(prepared.entries.items()):
        with noted(found[name]) as failed:
            taken = measure.seconds(entry.call, device, entry.calls)
            found[name]['seconds'].append(taken)
        if failed:
            del prepared.entries[name]


@contextmanager
def noted(found: Figures) -> Iterator[list[str]]:
    """Turn an error inside into a note of the row, so that the run goes on.

    Yields:
        A list that then holds the note.
    """
    failed: list[str] = []
    try:
        yield failed
    except Exception as error:  # of any library, and of compilers
        lines = str(error).strip().splitlines() or ['no message']
        failed.append(f'{type(error).__name__}: {lines[0]}')
        found.clear()
        found['note'] = failed[0]


@contextmanager
def fresh_compiler() -> Iterator[None]:
    """Hide from torch.compile, inside, what an earlier run has left on the disk."""
    from torch._inductor.utils import fresh_cache

    with fresh_cache():
        yield


def groups(cases: Sequence[Case]) -> list[list[Case]]:
    """Group cases that take turns: each alone, and the points of the curve together.

    A curve compares seconds of several cases, which must then share the clock.
    """
    curve = [case for case in cases if case.curve]
    alone = [[case] for case in cases if not case.curve]
    return [*alone, curve] if curve else alone


def measure_all(
    cases: Sequence[Case],
    rows: dict[str, Row],
    settings: Settings,
    tick: Callable[[Case], None] = lambda case: None,
) -> Iterator[tuple[str, Figures]]:
    """Measure group by group; what one needed is freed before the next one.

    Args:
        cases: Cases to measure.
        rows: Rows that were chosen; some may not belong to a case.
        settings: Settings of the run.
        tick: Called when a row of a case has been prepared, and in each of its rounds.

    Yields:
        Name and figures of each case. One that cannot be built has a `note` alone.
    """
    limits = Limits(settings.device)
    for group in groups(cases):
        yield from measure_group(group, rows, limits, settings, tick).items()
        torch._dynamo.reset()
        measure.give_back_memory(settings.device)


def measure_group(
    group: Sequence[Case],
    rows: dict[str, Row],
    limits: Limits,
    settings: Settings,
    tick: Callable[[Case], None],
) -> dict[str, Figures]:
    """Measure one group, and return its figures by case; see `measure_all`."""
    results: dict[str, Figures] = {}
    prepared = []
    for case in group:
        results[case.name] = {}
        with noted(results[case.name]):
            prepared.append(prepare_case(case, rows, settings.device, tick))
            results[case.name] = prepared[-1].figures
        results[case.name]['kind'] = case.kind
    if prepared:
        rounds(prepared, limits, settings, tick)
    return results
