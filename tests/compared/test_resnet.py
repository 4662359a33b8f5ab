"""The ResNets that HRNet-Wx-C is compared with on ImageNet."""

import pytest
import torch

from hrnet_mm.compared import ResNet


@pytest.mark.parametrize(
    ('depth', 'size'), [(38, (64, 96)), (50, (33, 45)), (72, (1, 1))]
)
def test_resnet_any_size(depth, size):
    (output,) = ResNet(depth).eval()(torch.randn(1, 3, *size))
    assert output.shape == (1, 2048, *(-(-extent // 32) for extent in size))


@pytest.mark.parametrize('depth', [38, 72, 106, 50, 101, 152])
def test_resnet_has_its_depth(depth):
    def main(name):
        return 'downsample' not in name

    with torch.device('meta'):
        model = ResNet(depth)
    assert model.out_channels == (2048,)
    found = sum(
        isinstance(module, torch.nn.Conv2d) and main(name)
        for name, module in model.named_modules()
    )
    extra = 3 if depth in (38, 72, 106) else 1  # last bottleneck; the second stem's
    assert found - extra == depth - 1  # and the classifier


def test_resnet_of_another_depth():
    with pytest.raises(ValueError, match='depth is one of 38, 72, 106, 50, 101, 152'):
        ResNet(34)
