"""Putting a state dict into a model, and saying what happened."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from mmengine.logging import print_log
from mmengine.model.weight_init import update_init_info
from torch import Tensor, nn

from ..errors import UserError
from ..registry import WEIGHT_INITIALIZERS
from .files import local_file, read_checkpoint

PREFIXES = ('module.', 'backbone.')
SHOWN = 5  # names in a message


class Match(NamedTuple):
    """How a state dict fits a model.

    Attributes:
        tensors: Those that fit by name and shape.
        total: Tensors that the model has.
        missing: Names of the model's tensors that are not in the state dict.
        misshapen: Those that are, in another shape, with both shapes.
        left: Names of the state dict's tensors that the model has no use for.
    """

    tensors: dict[str, Tensor]
    total: int
    missing: list[str]
    misshapen: list[str]
    left: list[str]

    def __str__(self) -> str:
        text = f'{len(self.tensors)}/{self.total} tensors loaded'
        return f'{text}, {len(self.left)} left aside' if self.left else text

    @property
    def problems(self) -> str:
        """The first names that do not fit, one line for each kind."""
        kinds = {
            'missing in the file': self.missing,
            'of another shape': self.misshapen,
            'unknown to the model': self.left,
        }
        return '\n'.join(
            f'  {kind} ({len(names)}): {", ".join(names[:SHOWN])}'
            + (', ...' if len(names) > SHOWN else '')
            for kind, names in kinds.items()
            if names
        )


def match(model: nn.Module, state_dict: Mapping[str, Tensor]) -> Match:
    """Compare names and shapes; counters of BatchNorm may be absent (old torch)."""
    own = model.state_dict()
    fitting = {
        name: tensor
        for name, tensor in state_dict.items()
        if name in own and own[name].shape == tensor.shape
    }
    missing = [name for name in own if name not in state_dict]
    counters = [name for name in missing if name.endswith('num_batches_tracked')]
    misshapen = [
        f'{name} {tuple(tensor.shape)} for {tuple(own[name].shape)}'
        for name, tensor in state_dict.items()
        if name in own and own[name].shape != tensor.shape
    ]
    return Match(
        fitting,
        len(own) - len(counters),
        [name for name in missing if name not in counters],
        misshapen,
        [name for name in state_dict if name not in own],
    )


def tensors_of(checkpoint: Mapping[str, Any], model: nn.Module) -> dict[str, Tensor]:
    """The tensors of a checkpoint by the names that the model uses.

    Removes the nesting in `state_dict` and the prefixes of wrappers and of whole
    detectors, where the model's own names do not start with them.
    """
    state_dict = checkpoint.get('state_dict', checkpoint)
    tensors = {k: v for k, v in state_dict.items() if isinstance(v, Tensor)}
    for prefix in PREFIXES:
        own = any(name.startswith(prefix) for name in model.state_dict())
        inner = {
            name[len(prefix) :]: tensor
            for name, tensor in tensors.items()
            if name.startswith(prefix)
        }
        tensors = inner if inner and not own else tensors
    return tensors


def load(
    model: nn.Module, state_dict: Mapping[str, Tensor], source: str, strict: bool = True
) -> Match:
    """Load what fits and log one line on it.

    Args:
        model: Changed in place.
        state_dict: Tensors by name; more than the model needs is no error.
        source: Where they come from, for the messages.
        strict: Whether every tensor of the model must be there.

    Raises:
        UserError: Nothing fits, or (with `strict`) not everything that the model has.
    """
    found = match(model, state_dict)
    if not found.tensors or (strict and len(found.tensors) < found.total):
        raise UserError(
            f'{source} does not fit {type(model).__name__}: {found}.\n'
            f'{found.problems}\n'
            'Another arch or number of classes? To load a part on purpose, say '
            'strict=False (with load_from: --cfg-options strict_load=False)'
        )
    model.load_state_dict(found.tensors, strict=False)
    print_log(f'{source}: {found} into {type(model).__name__}', 'current')
    if found.missing or found.misshapen:
        print_log(f'the rest keeps its initial values:\n{found.problems}', 'current')
    return found


@WEIGHT_INITIALIZERS.register_module()
class Pretrained:
    """Initialization from a checkpoint, for `init_cfg`; every tensor must be there.

    Args:
        checkpoint: Path, URL, or `open-mmlab://` or `torchvision://` and a name.
        strict: With False, what the checkpoint lacks keeps its initial values.
    """

    def __init__(self, checkpoint: str, strict: bool = True) -> None:
        self.checkpoint = checkpoint
        self.strict = strict

    def __call__(self, module: nn.Module) -> None:
        """Load into a module."""
        checkpoint = read_checkpoint(local_file(self.checkpoint))
        tensors = tensors_of(checkpoint, module)
        load(module, tensors, self.checkpoint, self.strict)
        if hasattr(module, '_params_init_info'):  # mmengine's log of who set what
            update_init_info(module, init_info=f'loaded from {self.checkpoint}')
