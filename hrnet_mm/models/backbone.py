"""Training policy of a backbone: initial weights, freezing, recomputation.

Nothing of an architecture is in this file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import Any

import torch
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm  # SyncBatchNorm too
from torch.utils.checkpoint import checkpoint

from .initialization import BaseModule, listed, loads_a_checkpoint


@contextmanager
def kept_running_statistics(module: nn.Module) -> Iterator[None]:
    """Inside, BatchNorm in training mode leaves its running statistics alone."""
    norms = [
        layer
        for layer in module.modules()
        if isinstance(layer, _BatchNorm)
        and layer.training
        and layer.track_running_stats
    ]
    momenta = [norm.momentum for norm in norms]
    counters = [norm.num_batches_tracked for norm in norms]
    counts = [None if counter is None else counter.clone() for counter in counters]
    for norm in norms:
        norm.momentum = 0.0
    try:
        yield
    finally:
        for norm, momentum in zip(norms, momenta):
            norm.momentum = momentum
        for counter, count in zip(counters, counts):
            if counter is not None and count is not None:
                counter.copy_(count)


def recompute(module: nn.Module, forward: Callable[..., Any], *inputs: Any) -> Any:
    """Call `forward(*inputs)`, storing the inputs alone; the rest is computed again.

    Args:
        module: Owner of `forward`. The second pass must not count the batch twice in
            the running statistics of its BatchNorm layers.
        forward: Function of `inputs`, a bound method of `module`.
        *inputs: Tensors, or lists of them.
    """
    if not torch.is_grad_enabled():
        return forward(*inputs)
    return checkpoint(
        forward,
        *inputs,
        use_reentrant=False,
        context_fn=lambda: (nullcontext(), kept_running_statistics(module)),
    )


class Backbone(BaseModule):
    """A network whose first parts can be frozen and whose norms can stay in eval mode.

    Args:
        frozen_stages: Parts 0 to `frozen_stages` of `stages` get no gradient and stay
            in eval mode; -1 freezes nothing.
        norm_eval: BatchNorm layers keep to their running statistics while training.
            Their weights and biases are still trained. Needs pre-trained weights: with
            random ones the activations grow without bound.
        zero_init_residual: Start each residual unit as its shortcut, by zero weights in
            its last norm. Left alone where `init_cfg` loads a checkpoint.
        init_cfg: mmengine's initialization dict or list of dicts.
    """

    def __init__(
        self,
        *,
        frozen_stages: int,
        norm_eval: bool,
        zero_init_residual: bool,
        init_cfg: dict | Sequence[dict] | None,
    ) -> None:
        super().__init__(init_cfg)
        self.frozen_stages = frozen_stages
        self.norm_eval = norm_eval
        self.zero_init_residual = zero_init_residual

    @property
    def stages(self) -> list[list[nn.Module]]:
        """The parts in order: the stem, then one entry per stage."""
        raise NotImplementedError

    def init_weights(self) -> None:
        """Initialize by `init_cfg`, then by `zero_init_residual`."""
        super().init_weights()
        if self.zero_init_residual and not self._loads_a_checkpoint():
            for module in self.modules():
                last_norm = getattr(module, 'last_norm', None)
                if last_norm is not None:
                    nn.init.zeros_(last_norm.weight)

    def _loads_a_checkpoint(self) -> bool:
        return any(map(loads_a_checkpoint, listed(self.init_cfg)))

    def freeze(self) -> None:
        """Apply `frozen_stages` to the parameters; `train` applies it to the modes."""
        if not -1 <= self.frozen_stages < len(self.stages):
            raise ValueError(
                f'frozen_stages is -1 (none) to {len(self.stages) - 1} (all), '
                f'got {self.frozen_stages}'
            )
        for module in self._frozen_modules():
            module.requires_grad_(False)

    def _frozen_modules(self) -> list[nn.Module]:
        frozen = self.stages[: self.frozen_stages + 1]
        return [module for stage in frozen for module in stage]

    def train(self, mode: bool = True) -> Backbone:
        """Set the mode, except where freezing or `norm_eval` asks for eval mode."""
        super().train(mode)
        for module in self._frozen_modules():
            module.eval()
        if self.norm_eval:
            for module in self.modules():
                if isinstance(module, _BatchNorm):
                    module.eval()
        return self
