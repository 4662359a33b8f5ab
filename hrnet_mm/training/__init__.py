from .amp import Bf16OptimWrapper
from .checkpoints import CheckpointHook, EarlyStoppingHook
from .hooks import ChannelsLastHook, FastHook, FiniteHook
from .lockstep import is_first, is_first_of_machine, together
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
    'is_first',
    'is_first_of_machine',
    'process_group',
    'remove_run',
    'together',
]
