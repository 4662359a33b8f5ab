"""A backbone's training policy is how its weights start, freeze and save memory.

This file knows initialization, freezing and activation recomputation; it contains
nothing about any architecture.
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
    """Keep BatchNorm in training mode from updating its running statistics.

    Args:
        module: Module whose BatchNorm layers, at any depth, are affected.
    """
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
        norm.momentum = 0.0  # a running average with momentum 0 does not move
    try:
        yield
    finally:
        for norm, momentum in zip(norms, momenta, strict=True):
            norm.momentum = momentum
        for counter, count in zip(counters, counts, strict=True):
            if counter is not None and count is not None:
                counter.copy_(count)


def recompute(module: nn.Module, forward: Callable[..., Any], *inputs: Any) -> Any:
    """Call `forward(*inputs)` with activation recomputation.

    Only the inputs are stored; all other activations are recomputed in the backward
    pass. Without gradients this is a plain call.

    Args:
        module: Owner of `forward`. The running statistics of its BatchNorm layers are
            updated in the forward pass only, so that each batch counts once.
        forward: Function of `inputs`, a bound method of `module`.
        *inputs: Tensors, or lists of them.
    """
    if not torch.is_grad_enabled():
        return forward(*inputs)
    return checkpoint(
        forward,
        *inputs,
        use_reentrant=False,
        # One context for the forward pass, one for the recomputation.
        context_fn=lambda: (nullcontext(), kept_running_statistics(module)),
    )


class Backbone(BaseModule):
    """A `Backbone` can freeze its first parts and keep its norms in eval mode.

    Args:
        frozen_stages: Parts 0 to `frozen_stages` of `stages` get no gradient and stay
            in eval mode; -1 freezes nothing.
        norm_eval: True to normalize with the running statistics while training. The
            weights and biases of the BatchNorm layers are still trained. This needs
            pre-trained weights: with random ones the activations grow without bound.
        zero_init_residual: True to start each residual unit as its shortcut, by zero
            weights in its last norm. Has no effect if `init_cfg` loads a checkpoint.
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
        """Return the parts in order: the stem, then one entry per stage."""
        raise NotImplementedError

    def init_weights(self) -> None:
        """Initialize the weights by `init_cfg`, then by `zero_init_residual`."""
        super().init_weights()
        loaded = any(map(loads_a_checkpoint, listed(self.init_cfg)))
        if self.zero_init_residual and not loaded:
            for module in self.modules():
                last_norm = getattr(module, 'last_norm', None)
                if last_norm is not None:
                    nn.init.zeros_(last_norm.weight)

    def freeze(self) -> None:
        """Turn off the gradients of the parts that `frozen_stages` names.

        `train` keeps the same parts in eval mode.

        Raises:
            ValueError: There is no such part.
        """
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
        """Set the mode, but keep frozen parts and `norm_eval` norms in eval mode."""
        super().train(mode)
        for module in self._frozen_modules():
            module.eval()
        if self.norm_eval:
            for module in self.modules():
                if isinstance(module, _BatchNorm):
                    module.eval()
        return self
