from .conversion import convert, summary
from .recognition import FAMILIES, Recognized, as_it_is, facts, recognize

__all__ = [
    'FAMILIES',
    'Recognized',
    'as_it_is',
    'convert',
    'facts',
    'recognize',
    'summary',
]
