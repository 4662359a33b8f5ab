"""Checkpoints as what `init_cfg` starts from."""

from __future__ import annotations

from typing import Any

from torch import nn

from ..models.initialization import OURS
from ..shelves import WEIGHT_INITIALIZERS
from .loading import load

# mmengine's own: its names in a registry, and the class.
THEIRS = (
    'Pretrained',
    'mmengine.Pretrained',
    'mmengine.model.weight_init.PretrainedInit',
)


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
        for part in module.children() if initializing else ():
            # Otherwise mmengine does it afterwards, over what is loaded here.
            if hasattr(part, 'init_weights') and not getattr(part, 'is_init', False):
                part.init_weights()
                part.is_init = True  # some classes do not say so themselves
        load(self.checkpoint, module, self.strict)
        if initializing:
            from mmengine.model.weight_init import update_init_info

            update_init_info(module, init_info=f'loaded from {self.checkpoint}')


def loaded_by_us(init_cfg: Any, **options: Any) -> Any:
    """`init_cfg` with our `Pretrained` for mmengine's, which would unpickle.

    Args:
        init_cfg: Of any part of a model: a dict, several of them, or None.
        **options: For ours.
    """
    if isinstance(init_cfg, list | tuple):
        return [loaded_by_us(init, **options) for init in init_cfg]
    theirs = isinstance(init_cfg, dict) and _name(init_cfg.get('type')) in THEIRS
    return dict(init_cfg, type=OURS, **options) if theirs else init_cfg


def _name(kind: Any) -> Any:
    if isinstance(kind, type):
        return f'{kind.__module__}.{kind.__qualname__}'
    return kind
