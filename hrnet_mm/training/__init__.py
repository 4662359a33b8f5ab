from .amp import Bf16OptimWrapper
from .checkpoints import CheckpointHook, EarlyStoppingHook
from .hooks import ChannelsLastHook, FastHook, FiniteHook
from .processes import process_group
from .report import ReportHook
from .resuming import remove_run
from .runner import Runner

__all__ = [
    'Bf16OptimWrapper',
    'ChannelsLastHook',
    'CheckpointHook',
    'EarlyStoppingHook',
    'FastHook',
    'FiniteHook',
    'ReportHook',
    'Runner',
    'process_group',
    'remove_run',
]
