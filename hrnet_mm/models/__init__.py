from .archs import ARCHS, Stage, hrnet_arch
from .heads import HRFPN, HRFuseScales, HRPoolConcat, HRReduceConcat
from .hrnet import HRNet

__all__ = [
    'ARCHS',
    'HRFPN',
    'HRFuseScales',
    'HRNet',
    'HRPoolConcat',
    'HRReduceConcat',
    'Stage',
    'hrnet_arch',
]
