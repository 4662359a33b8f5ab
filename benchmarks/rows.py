"""Each row of a table is one network in one form, which runs a case."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import reduce
from operator import add
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from .cases import Case, matching
from .networks import flat

BASELINE = 'toolbox'


class Row(NamedTuple):
    """A `Row` is a form of the network.

    Attributes:
        network: Key of `networks.NETWORKS`.
        fast: Options of `hrnet_mm.fast.optimize`; None if it is not called.
        graph: True if a CUDA graph is recorded and replayed.
        about: One line for `--list` and for readers.
    """

    network: str = 'ours'
    fast: dict[str, Any] | None = None
    graph: bool = False
    about: str = ''

    @property
    def dtype(self) -> torch.dtype:
        """Return the data type of the matrix products."""
        return (self.fast or {}).get('dtype', torch.float32)

    @property
    def compiled(self) -> bool:
        """Return True if torch.compile is used."""
        return (self.fast or {}).get('compile', False)


MAX = dict(level='max')
BF16 = dict(dtype=torch.bfloat16)
ROWS = {
    BASELINE: Row('toolbox', about="the toolbox's own classes"),
    'ours': Row(about='hrnet_mm.models, as they are read'),
    'fast': Row(fast={}, about='hrnet_mm.fast.optimize'),
    'fast max': Row(fast=MAX, about="its level 'max'"),
    'fast + compile': Row(fast=dict(compile=True), about='with torch.compile'),
    'fast + graph': Row(fast={}, graph=True, about='in a CUDA graph (CUDA)'),
    'fast max + graph': Row(fast=MAX, graph=True, about='both of these two (CUDA)'),
    'fast bf16': Row(fast=BF16, about='in bfloat16; training: autocast'),
    'fast bf16 + compile': Row(
        fast=dict(BF16, compile=True), about='both of these two'
    ),
    'timm': Row('timm', about="timm's backbone; its classifier"),
}
CURVE = (BASELINE, 'fast', 'fast max')


def choose(
    patterns: Sequence[str] | None, device: str, sparing: bool = True
) -> dict[str, Row]:
    """Return the rows that any pattern matches and that the device can run.

    Args:
        patterns: Names or patterns; None for all.
        device: `'cpu'` or `'cuda'`.
        sparing: True to leave out bfloat16 where it is emulated, if no patterns are
            given.

    Raises:
        UserError: A pattern matches no row.
    """
    rows = {name: row for name, row in ROWS.items() if device != 'cpu' or not row.graph}
    if patterns is None and sparing and device == 'cpu' and not has_bfloat16():
        rows = {n: row for n, row in rows.items() if row.dtype != torch.bfloat16}
    return {name: rows[name] for name in matching(list(rows), patterns, '--rows')}


def has_bfloat16() -> bool:
    """Tell whether the processor multiplies bfloat16, as far as Linux says."""
    info = Path('/proc/cpuinfo')
    return info.is_file() and any(
        flag in info.read_text() for flag in ('avx512_bf16', 'amx_bf16')
    )


def of_case(rows: dict[str, Row], case: Case) -> dict[str, Row]:
    """Return the rows that belong to a case."""
    return {
        name: row
        for name, row in rows.items()
        if (case.compiled or not row.compiled) and (not case.curve or name in CURVE)
    }


class Step:
    """A `Step` is what is timed: a forward pass, or a forward and a backward pass.

    The loss is the mean square of each output, summed. There is no optimizer.

    Args:
        model: Network in the mode that the case asks for.
        image: Images (N, 3, H, W), float32 or, for the reference, float64.
        training: True to include a backward pass.
        dtype: Data type of autocast while training; float32 for no autocast.
    """

    def __init__(
        self,
        model: nn.Module,
        image: Tensor,
        training: bool,
        dtype: torch.dtype = torch.float32,
    ) -> None:
        self.model, self.image, self.training = model, image, training
        self.dtype = dtype

    def forward(self) -> list[Tensor]:
        """Return the outputs, with what a backward pass needs, if there is one."""
        amp: AbstractContextManager[Any] = nullcontext()
        if self.dtype == torch.bfloat16:
            amp = torch.autocast(self.image.device.type, self.dtype)
        with torch.set_grad_enabled(self.training), amp:
            return flat(self.model(self.image))

    def __call__(self) -> list[Tensor]:
        """Run the step and return its outputs; gradients are the parameters' `grad`."""
        if not self.training:
            return self.forward()
        self.model.zero_grad(set_to_none=True)
        outputs = self.forward()
        reduce(add, (x.float().square().mean() for x in outputs)).backward()
        return [x.detach() for x in outputs]


class RecordedStep:
    """A `RecordedStep` is a CUDA graph, whose memory holds outputs and gradients."""

    def __init__(self, step: Step) -> None:
        from hrnet_mm.fast.operators.gpu import RecordedCall

        self.model = step.model
        self.call = RecordedCall(step)

    def __call__(self) -> list[Tensor]:
        """Replay the graph and return its outputs, which the next call overwrites."""
        return self.call()


def prepare(
    row: Row, case: Case, model: nn.Module, image: Tensor
) -> Step | RecordedStep:
    """Bring a row's network to its form.

    Args:
        row: Form of the network.
        case: Case, which says if the network is trained.
        model: Network on the device, in its mode; it is changed.
        image: Images (N, 3, H, W), on the device.
    """
    dtype = torch.float32
    if row.fast is not None:
        options = dict(row.fast)
        if case.training:
            dtype = options.pop('dtype', dtype)  # for autocast
        model = optimize(model, inference=not case.training, **options)
    step = Step(model, image, case.training, dtype)
    return RecordedStep(step) if row.graph else step


def optimize(model: nn.Module, **options: Any) -> nn.Module:
    """Call `hrnet_mm.fast.optimize`, imported only now."""
    from hrnet_mm.fast import optimize as fast

    return fast(model, **options)
