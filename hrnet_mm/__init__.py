from .ops import answer_imports
from .version import __version__

__all__ = ['__version__']

answer_imports()
