"""The config `init_cfg` can start a module from a checkpoint of any known form."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from torch import nn

from ..models.initialization import BaseModule
from ..shelves import WEIGHT_INITIALIZERS
from .loading import load


@WEIGHT_INITIALIZERS.register_module()
class Pretrained:
    """Pretrained initializes a module from a checkpoint, see `load`.

    It is used in an `init_cfg` and replaces mmengine's class of the same name.

    Args:
        checkpoint: Name, path or URL of the checkpoint.
        strict: If False, tensors that the checkpoint lacks keep their initial values.
        prefix: As for `load`: only needed for a file with several networks that fit.
        map_location: Ignored; mmengine's class has it. The weights are copied to the
            device of the module.
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
        self.prefix = prefix or ''

    def __call__(self, module: nn.Module) -> None:
        """Load the checkpoint into a module."""
        initializing = hasattr(module, '_params_init_info')  # mmengine's log
        parts = cast(Iterator[BaseModule], module.children())  # or mmengine's class
        for part in parts if initializing else ():
            # Otherwise mmengine initializes it later and overwrites the loaded weights.
            if hasattr(part, 'init_weights') and not getattr(part, 'is_init', False):
                part.init_weights()
                part.is_init = True  # some classes do not set it themselves
        load(self.checkpoint, module, self.strict, self.prefix)
        if initializing:
            from mmengine.model.weight_init import update_init_info

            update_init_info(module, init_info=f'loaded from {self.checkpoint}')
