"""Initial weights come from mmengine if it is installed, the default ones without it.

A new module has torch's initial values until mmengine's runner, or the user, calls
`init_weights()`.
"""

from __future__ import annotations

import copy
import logging
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from ..errors import UserError
from ..log import print_log
from ..shelves import WEIGHT_INITIALIZERS, full_name

OURS = 'hrnet_mm.Pretrained'
# mmengine's class that loads a checkpoint, under its registry names and its full name.
THEIRS = (
    'Pretrained',
    'mmengine.Pretrained',
    'mmengine.model.weight_init.PretrainedInit',
)
KAIMING: dict[str, Any] = dict(type='Kaiming', layer='Conv2d')
UNIT_NORMS: dict[str, Any] = dict(
    type='Constant', val=1, layer=['_BatchNorm', 'GroupNorm']
)
CAFFE2_XAVIER = dict(type='Caffe2Xavier', layer='Conv2d')
DEFAULT_INIT = (KAIMING, UNIT_NORMS)


def _fill_bias(layer: nn.Module) -> None:
    bias = getattr(layer, 'bias', None)
    if bias is not None:
        nn.init.zeros_(bias)


def kaiming(layer: nn.Module) -> None:
    """Draw weights from Kaiming's normal distribution, as mmengine's `Kaiming` does.

    Its deviation follows from the number of outputs and from a ReLU (He et al.,
    fan out); biases become zero.

    Args:
        layer: Layer with a weight and possibly a bias.
    """
    weight = getattr(layer, 'weight', None)
    if weight is not None:
        nn.init.kaiming_normal_(weight, mode='fan_out', nonlinearity='relu')
    _fill_bias(layer)


def caffe2_xavier(layer: nn.Module) -> None:
    """Draw uniform weights by the number of inputs, as mmengine's `Caffe2Xavier`.

    Biases become zero.

    Args:
        layer: Layer with a weight and possibly a bias.
    """
    weight = getattr(layer, 'weight', None)
    if weight is not None:
        nn.init.kaiming_uniform_(weight, a=1, nonlinearity='leaky_relu')
    _fill_bias(layer)


def unit_norm(layer: nn.Module) -> None:
    """Set the weights of a norm to one and its biases to zero."""
    weight = getattr(layer, 'weight', None)
    if weight is not None:
        nn.init.ones_(weight)
    _fill_bias(layer)


# The default initializations work without mmengine: its dict, the layers that it
# applies to, and the function that initializes one of them.
PLAIN = (
    (KAIMING, nn.Conv2d, kaiming),
    (UNIT_NORMS, (_BatchNorm, nn.GroupNorm), unit_norm),
    (CAFFE2_XAVIER, nn.Conv2d, caffe2_xavier),
)


def listed(init_cfg: Any) -> list[dict]:
    """Return an `init_cfg`, which may be one dict, several or None, as a list."""
    if isinstance(init_cfg, dict):
        return [init_cfg]
    return list(init_cfg or ())


def loads_a_checkpoint(config: dict) -> bool:
    """Tell whether one dict of an `init_cfg` names a checkpoint."""
    return 'Pretrained' in str(config['type'])


def prepared(init_cfg: Any, **options: Any) -> Any:
    """Return an `init_cfg` whose checkpoints are loaded last, by our `Pretrained`.

    mmengine's class would unpickle the file, and an initialization that follows the
    checkpoint would overwrite it.

    Args:
        init_cfg: Initialization of any part of a model: a dict, several, or None.
        **options: Arguments of our `Pretrained`.
    """
    if isinstance(init_cfg, list | tuple):
        every = [prepared(config, **options) for config in init_cfg]
        # False sorts before True, and the sort is stable: checkpoints go to the end.
        return sorted(every, key=loads_a_checkpoint)
    if not isinstance(init_cfg, dict) or full_name(init_cfg['type']) not in THEIRS:
        return init_cfg
    return dict(init_cfg, type=OURS, **options)


def initialize(module: nn.Module, init_cfg: Any) -> None:
    """Initialize a module as `init_cfg` says.

    Raises:
        UserError: `init_cfg` needs mmengine, which is not installed.
    """
    try:
        from mmengine.model import initialize as by_mmengine
    except ImportError as error:
        for config in listed(init_cfg):
            _initialize_plainly(module, config, error)
    else:
        by_mmengine(module, init_cfg)


def _initialize_plainly(module: nn.Module, config: dict, why: ImportError) -> None:
    if config.get('type') == OURS:
        options = {key: value for key, value in config.items() if key != 'type'}
        WEIGHT_INITIALIZERS.get('Pretrained')(**options)(module)
        return
    row = next((row for row in PLAIN if row[0] == config), None)
    if row is None:
        raise UserError(
            f'init_cfg={config!r} is read by mmengine, which cannot be imported '
            f'({why}): pip install mmengine. Without it there are the default weights '
            f'(init_cfg=None) and checkpoints (type={OURS!r})'
        ) from why
    _, kinds, fill = row
    for layer in module.modules():
        if isinstance(layer, kinds):
            fill(layer)


class BaseModule(nn.Module):
    """A `BaseModule` initializes its weights by `init_cfg`, as mmengine's class does.

    Args:
        init_cfg: mmengine's initialization dict or list of dicts, or None.
    """

    def __init__(self, init_cfg: dict | Sequence[dict] | None = None) -> None:
        super().__init__()
        self._is_init = False
        self.init_cfg = prepared(copy.deepcopy(init_cfg))

    @property
    def is_init(self) -> bool:
        """Return True if `init_weights` has been called."""
        return self._is_init

    @is_init.setter
    def is_init(self, value: bool) -> None:
        self._is_init = value

    def init_weights(self) -> None:
        """Initialize by `init_cfg`, and the parts by theirs; checkpoints load last.

        Raises:
            UserError: `init_cfg` needs mmengine, which is not installed.
        """
        try:
            from mmengine.model import BaseModule as Theirs
        except ImportError:
            self._init_plainly()
        else:
            Theirs.init_weights(self)

    def _init_plainly(self) -> None:
        if self._is_init:
            text = f'init_weights of {type(self).__name__} has been called before'
            print_log(text, logging.WARNING)
            return
        configs = listed(self.init_cfg)
        initialize(self, [c for c in configs if not loads_a_checkpoint(c)])
        for init_part in self._inits_of_parts():
            init_part()
        initialize(self, [c for c in configs if loads_a_checkpoint(c)])
        self._is_init = True

    def _inits_of_parts(self) -> Iterator[Callable[[], Any]]:
        for part in self.children():
            init_part = getattr(part, 'init_weights', None)
            if init_part is not None and not getattr(part, 'is_init', False):
                yield init_part

    def _dump_init_info(self) -> None:
        """Log where each parameter comes from; mmengine calls this method."""
        from mmengine.model import BaseModule as Theirs

        Theirs._dump_init_info(self)

    def __repr__(self) -> str:
        text = super().__repr__()
        return f'{text}\ninit_cfg={self.init_cfg}' if self.init_cfg else text
