"""Checkpoints as what `init_cfg` starts from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from torch import nn

from ..models.initialization import BaseModule
from ..shelves import WEIGHT_INITIALIZERS
from .loading import load


@WEIGHT_INITIALIZERS.register_module()
class Pretrained:
    """Initialization from a checkpoint, for `init_cfg`; see `load`.

    Args:
        checkpoint: Name, path or URL.
        strict: With False, what the checkpoint lacks keeps its initial values.
        prefix: Of mmengine's class of this name. Not needed: the part of the checkpoint
            that fits is found.
        map_location: Of mmengine's class; the weights go to where the module is.
    """

    def __init__(
        self,
        checkpoint: str,
        strict: bool = True,
        prefix: str | None = None,
        map_location: Any = None,
    ) -> None:
        self.checkpoint = checkpoint
        self.strict = strict

    def __call__(self, module: nn.Module) -> None:
        """Load into a module."""
        initializing = hasattr(module, '_params_init_info')  # mmengine's log of it
        parts = cast(Iterator[BaseModule], module.children())  # mmengine's, too
        for part in parts if initializing else ():
            # Otherwise mmengine does it afterwards, over what is loaded here.
            if hasattr(part, 'init_weights') and not getattr(part, 'is_init', False):
                part.init_weights()
                part.is_init = True  # some classes do not say so themselves
        load(self.checkpoint, module, self.strict)
        if initializing:
            from mmengine.model.weight_init import update_init_info

            update_init_info(module, init_info=f'loaded from {self.checkpoint}')
