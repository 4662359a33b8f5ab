"""A layer on the meta device, and the rules by which it is counted."""

import torch
from torch import nn

from papers.rules import RULES

MODELSUMMARY, FASTER, MMCV = (
    RULES[name] for name in ('modelsummary', 'faster', 'mmcv')
)


def runner(model: nn.Module, *shape: int):
    model = model.to('meta').eval()
    return lambda: model(torch.empty(shape, device='meta'))
