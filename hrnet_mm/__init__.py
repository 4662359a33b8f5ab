"""hrnet_mm provides HRNet for PyTorch and OpenMMLab, and imports names lazily."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .ops import answer_imports
from .version import __version__

if TYPE_CHECKING:
    from .fast import optimize
    from .models import ARCHS, HRFPN, HRFuseScales, HRNet
    from .weights import load

__all__ = [
    'ARCHS',
    'HRFPN',
    'HRFuseScales',
    'HRNet',
    '__version__',
    'load',
    'optimize',
]

HOMES = {
    'ARCHS': 'models',
    'HRFPN': 'models',
    'HRFuseScales': 'models',
    'HRNet': 'models',
    'load': 'weights',
    'optimize': 'fast',
}


def __getattr__(name: str) -> Any:
    """Import a public name from the module that defines it."""
    if name not in HOMES:
        raise AttributeError(f'module {__name__!r} has no attribute {name!r}')
    return getattr(import_module(f'.{HOMES[name]}', __name__), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


answer_imports()
