from .amp import Bf16OptimWrapper
from .hooks import ChannelsLastHook, FastHook
from .processes import process_group
from .report import ReportHook
from .runner import Runner

__all__ = [
    'Bf16OptimWrapper',
    'ChannelsLastHook',
    'FastHook',
    'ReportHook',
    'Runner',
    'process_group',
]
