from typing import Any

from .archs import ARCHS, Stage, hrnet_arch
from .classification import HRFuseScales, HRPoolConcat, HRReduceConcat
from .hrnet import HRNet
from .losses import HardPixelCrossEntropy, PixelCrossEntropy
from .representation import HRFPN
from .resnet import ResNet
from .unetpp import UNetPlusPlus

__all__ = [
    'ARCHS',
    'HRFPN',
    'HRFuseScales',
    'HRNet',
    'HRPoolConcat',
    'HRReduceConcat',
    'HardPixelCrossEntropy',
    'PixelCrossEntropy',
    'ResNet',
    'Stage',
    'UNetPlusPlus',
    'hrnet_arch',
]


def __getattr__(name: str) -> Any:
    """What needs mmengine is imported when it is asked for."""
    if name == 'SegmentationTTA':
        from ..recipes import SegmentationTTA

        return SegmentationTTA
    raise AttributeError(f'module {__name__!r} has no attribute {name!r}')
