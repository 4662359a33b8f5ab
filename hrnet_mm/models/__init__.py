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
