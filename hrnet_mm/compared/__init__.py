"""The other systems of the papers' tables that no toolbox has."""

from .resnet import ResNet
from .unetpp import UNetPlusPlus

__all__ = ['ResNet', 'UNetPlusPlus']
