"""How operations are counted: in true units, and by the rules of the papers' tables.

Counting itself is torch's: FlopCounterMode sees each operation with its shapes, on the
meta device too. A rule is a formula per operation.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import prod
from typing import Any, NamedTuple, TypeAlias

import torch
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.modules.module import (
    register_module_forward_hook,
    register_module_forward_pre_hook,
)
from torch.utils import flop_counter

aten = torch.ops.aten
Shape: TypeAlias = 'tuple[int, ...]'
Formulas: TypeAlias = Mapping[Any, Callable[..., int]]


def nothing(*shapes: Any, **_: Any) -> int:
    """The count of an operation that a rule leaves out."""
    return 0


def elements(*_: Any, out_shape: Any, **__: Any) -> int:
    """One per element of the output, the first where there are several."""
    first = out_shape[0]
    return prod(first if isinstance(first, tuple | list) else out_shape)


def conv_of_outputs(
    x: Shape, weight: Shape, *_: Any, out_shape: Shape, **__: Any
) -> int:
    """Multiply-adds of a convolution, (N, C, H, W), as one per weight and output pixel.

    For a transposed convolution that is too much, by its stride squared: its weights
    meet each input pixel once.
    """
    return prod(weight) * x[0] * prod(out_shape[2:])


def linear(bias: Shape, x: Shape, weight: Shape, **_: Any) -> int:
    """Multiply-adds of a linear layer with bias, (N, in) x (in, out)."""
    return prod(x) * weight[-1]


def linear_without_bias(x: Shape, weight: Shape, **_: Any) -> int:
    """Multiply-adds of (N, in) x (in, out)."""
    return prod(x) * weight[-1]


def conv_and_bias(
    x: Shape, weight: Shape, bias: Shape | None, *_: Any, out_shape: Shape, **__: Any
) -> int:
    """`conv_of_outputs`, and one for each bias added."""
    added = prod(out_shape) if bias else 0
    return conv_of_outputs(x, weight, out_shape=out_shape) + added


def linear_and_bias(
    bias: Shape, x: Shape, weight: Shape, *, out_shape: Shape, **_: Any
) -> int:
    """`linear`, and one for each bias added."""
    return linear(bias, x, weight) + prod(out_shape)


def twice_elements(*_: Any, out_shape: Any, **__: Any) -> int:
    """Two per element: the scale and the shift of a norm layer."""
    return 2 * elements(out_shape=out_shape)


# All operations that torch counts; torch 2.1 has another name for the table.
COUNTED = getattr(flop_counter, 'flop_registry', None) or flop_counter.flop_mapping
LEFT_OUT: Formulas = dict.fromkeys(COUNTED, nothing)
ACTIVATIONS: Formulas = dict.fromkeys(COUNTED, elements)
CONV_AND_LINEAR: Formulas = {
    **LEFT_OUT,
    aten.convolution: conv_of_outputs,
    aten.addmm: linear,
    aten.mm: linear_without_bias,
}
MANY_LAYERS: Formulas = {
    **CONV_AND_LINEAR,
    aten.convolution: conv_and_bias,
    aten.addmm: linear_and_bias,
    aten.native_batch_norm: twice_elements,
    aten._native_batch_norm_legit_no_training: twice_elements,
    aten.native_group_norm: twice_elements,
    aten.relu: elements,
    aten.relu_: elements,
    aten.upsample_bilinear2d: elements,
    aten.upsample_nearest2d: elements,
    aten._unsafe_index: elements,  # what newer torch makes of nearest up-sampling
}


class Rule(NamedTuple):
    """A convention of counting.

    Attributes:
        formulas: Count of each ATen operation, by the shapes of its arguments.
        giga: What one G is.
        mega: What one M is.
        norms: Whether the parameters of BatchNorm count.
        boxes: Proposals that go through the box head of a detector, and
        masks: detections that go through its mask head.
        left_out: Names of layers that do not count.
    """

    formulas: Formulas
    giga: float = 1e9
    mega: float = 1e6
    norms: bool = True
    boxes: int = 1000
    masks: int = 100
    left_out: tuple[str, ...] = ()


TRUE = Rule({})  # torch's own formulas
RULES = {
    'true': TRUE,
    # `modelsummary.py` of the official pose, classification and segmentation code
    'modelsummary': Rule(CONV_AND_LINEAR, giga=2**30),
    # the Faster R-CNN row of Tables VII and XIX, inferred from its figures
    'faster': Rule(
        CONV_AND_LINEAR,
        giga=2**30,
        mega=2**20,
        norms=False,
        boxes=512,
        left_out=('fc_cls', 'fc_reg'),
    ),
    # mmcv's counter, as mmdet used it: the other rows of Table VII
    'mmcv': Rule(MANY_LAYERS),
}


def count(run: Callable[[], Any], rule: Rule = TRUE) -> int:
    """Multiply-adds of what `run` computes, each counted once.

    Args:
        run: Calls modules on tensors; those on the meta device cost no arithmetic.
        rule: By default true units: convolutions, linear layers, matrix products and
            attention, nothing else.
    """
    total = _total(run, rule.formulas, rule.left_out)
    return total if rule.formulas else total // 2  # torch: 2 for a multiply-add


def activations(run: Callable[[], Any]) -> int:
    """Elements that convolutions, linear layers and matrix products put out."""
    return _total(run, ACTIVATIONS)


def _total(
    run: Callable[[], Any], formulas: Formulas, left_out: tuple[str, ...] = ()
) -> int:
    counter = flop_counter.FlopCounterMode(display=False, custom_mapping=formulas)
    with torch.no_grad(), counter, LeftOut(counter, left_out) as layers:
        run()
    return counter.get_total_flops() - layers.total


class LeftOut:
    """Adds up what layers of some names count, while they run.

    torch's counter knows the names of layers too, but in torch 2.1 only those of a
    model that it is given.

    Args:
        counter: Counts everything.
        names: Of the layers in their parents.
    """

    def __init__(
        self, counter: flop_counter.FlopCounterMode, names: tuple[str, ...]
    ) -> None:
        self.counter = counter
        self.names = names
        self.total = self._before = 0
        self._layers: set[nn.Module] = set()

    def __enter__(self) -> LeftOut:
        self._hooks = (
            register_module_forward_pre_hook(self._enter_module),
            register_module_forward_hook(self._leave_module),
        )
        return self

    def __exit__(self, *_: Any) -> None:
        for hook in self._hooks:
            hook.remove()

    def _enter_module(self, module: nn.Module, _: Any) -> None:
        children = module.named_children()
        self._layers.update(child for name, child in children if name in self.names)
        if module in self._layers:
            self._before = self.counter.get_total_flops()

    def _leave_module(self, module: nn.Module, _: Any, __: Any) -> None:
        if module in self._layers:
            self.total += self.counter.get_total_flops() - self._before


def parameters(model: nn.Module, rule: Rule = TRUE) -> int:
    """Number of parameters, those of BatchNorm where the rule counts them."""
    norms = (
        [] if rule.norms else [m for m in model.modules() if isinstance(m, _BatchNorm)]
    )
    return sum(p.numel() for p in model.parameters()) - sum(
        p.numel() for norm in norms for p in norm.parameters()
    )
