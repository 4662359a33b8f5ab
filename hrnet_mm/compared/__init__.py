"""The papers compare HRNet with these networks, which no toolbox has."""

from .resnet import ResNet
from .unetpp import UNetPlusPlus

__all__ = ['ResNet', 'UNetPlusPlus']
