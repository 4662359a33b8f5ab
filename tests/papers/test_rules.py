"""The rules of the papers' tables, counted by hand."""

from counting_case import FASTER, MMCV, MODELSUMMARY, runner
from torch import nn

from hrnet_mm.complexity.counting import count, parameters
from papers.rules import RULES


def test_grouped_convolution():
    run = runner(nn.Conv2d(4, 4, 3, padding=1, groups=2, bias=False), 1, 4, 8, 8)
    for rule in (RULES['true'], MODELSUMMARY, MMCV):
        assert count(run, rule) == 8 * 8 * 2 * 4 * 9


def test_norm_relu_and_upsampling_count_for_mmcv_alone():
    for layer in (nn.BatchNorm2d(4), nn.SyncBatchNorm(4), nn.GroupNorm(2, 4)):
        assert count(runner(layer, 1, 4, 8, 8)) == 0
        assert count(runner(layer, 1, 4, 8, 8), MMCV) == 2 * 4 * 8 * 8
    assert count(runner(nn.ReLU(), 1, 4, 8, 8), MMCV) == 4 * 8 * 8
    for mode in ('nearest', 'bilinear'):
        run = runner(nn.Upsample(scale_factor=2, mode=mode), 1, 4, 8, 8)
        assert count(run) == count(run, MODELSUMMARY) == 0
        assert count(run, MMCV) == 4 * 16 * 16


def test_the_faster_rule_leaves_out_two_layers_and_norms():
    class Head(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = nn.Conv2d(3, 4, 1, bias=False)
            self.bn = nn.BatchNorm2d(4)
            self.fc_cls = nn.Linear(4, 7)

        def forward(self, x):
            return self.fc_cls(self.bn(self.conv(x)).mean((2, 3)))

    head = Head()
    run = runner(head, 1, 3, 8, 8)
    assert count(run) == 8 * 8 * 3 * 4 + 4 * 7
    assert count(run, FASTER) == 8 * 8 * 3 * 4
    assert parameters(head) - parameters(head, FASTER) == 2 * 4
    assert (FASTER.boxes, FASTER.giga, FASTER.mega) == (512, 2**30, 2**20)
