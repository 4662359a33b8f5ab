from .conversion import check_values, convert, summary
from .recognition import FAMILIES, Recognized, as_it_is, facts, recognize

__all__ = [
    'FAMILIES',
    'Recognized',
    'as_it_is',
    'check_values',
    'convert',
    'facts',
    'recognize',
    'summary',
]
