from .archs import ARCHS, Stage, hrnet_arch
from .hrnet import HRNet
from .representation import HRFPN

__all__ = ['ARCHS', 'HRFPN', 'HRNet', 'Stage', 'hrnet_arch']
