from .amp import Bf16OptimWrapper
from .report import ReportHook
from .runner import Runner

__all__ = ['Bf16OptimWrapper', 'ReportHook', 'Runner']
