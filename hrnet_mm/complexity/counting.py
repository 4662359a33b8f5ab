"""Torch counts the parameters, multiply-adds and activations of modules.

FlopCounterMode sees each operation with its shapes, on the meta device too. A rule is a
formula per operation.
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

Shape: TypeAlias = 'tuple[int, ...]'
Formulas: TypeAlias = Mapping[Any, Callable[..., int]]


def elements(*_: Any, out_shape: Any, **__: Any) -> int:
    """Count one per element of the output, or of the first of several outputs."""
    first = out_shape[0]
    return prod(first if isinstance(first, tuple | list) else out_shape)


# All operations that torch counts; torch 2.1 has another name for the table.
COUNTED = (
    getattr(flop_counter, 'flop_registry', None) or vars(flop_counter)['flop_mapping']
)
ACTIVATIONS: Formulas = dict.fromkeys(COUNTED, elements)


class Rule(NamedTuple):
    """A `Rule` is a convention of counting.

    Attributes:
        formulas: Count of each ATen operation, from the shapes of its arguments.
        giga: Value of one G.
        mega: Value of one M.
        norms: True if the parameters of BatchNorm count.
        boxes: Number of proposals that go through the box head of a detector.
        masks: Number of detections that go through the mask head of a detector.
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


def count(run: Callable[[], Any], rule: Rule = TRUE) -> int:
    """Count the multiply-adds of what `run` computes, each of them once.

    Args:
        run: Function that calls modules on tensors; on the meta device nothing is
            computed.
        rule: Rule of counting, by default true units: convolutions, linear layers,
            matrix products and attention, nothing else.
    """
    total = _total(run, rule.formulas, rule.left_out)
    return total if rule.formulas else total // 2  # torch counts 2 for each


def activations(run: Callable[[], Any]) -> int:
    """Count the output elements of convolutions, linear layers and matrix products."""
    return _total(run, ACTIVATIONS)


def _total(
    run: Callable[[], Any], formulas: Formulas, left_out: tuple[str, ...] = ()
) -> int:
    counter = flop_counter.FlopCounterMode(display=False, custom_mapping=dict(formulas))
    with torch.no_grad(), counter, LeftOut(counter, left_out) as layers:
        run()
    return counter.get_total_flops() - layers.total


class LeftOut:
    """This context sums the counts of layers with certain names, while they run.

    torch's counter knows the names of layers too, but in torch 2.1 only those of a
    model that it is given.

    Args:
        counter: Counter of everything.
        names: Names of the layers in their parents.
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
    """Count parameters, those of BatchNorm only if the rule counts them."""
    norms = (
        [] if rule.norms else [m for m in model.modules() if isinstance(m, _BatchNorm)]
    )
    return sum(p.numel() for p in model.parameters()) - sum(
        p.numel() for norm in norms for p in norm.parameters()
    )
