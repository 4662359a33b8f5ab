from .conversion import convert, summary
from .recognition import FAMILIES, Recognized, recognize

__all__ = ['FAMILIES', 'Recognized', 'convert', 'recognize', 'summary']
