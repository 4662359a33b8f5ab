from .amp import Bf16OptimWrapper
from .channels_last import ChannelsLastHook
from .fast import FastHook
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
