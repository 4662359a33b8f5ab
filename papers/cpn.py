"""CPN, the Cascaded Pyramid Network on ResNet-50, is built as its complexity needs it.

Paper: https://arxiv.org/abs/1711.07319. No kept library has it, so its rows of the pose
tables get their complexity alone: this has the layers and their sizes, and is never
trained. Details that the paper leaves open are those of its authors' code: 1x1
convolutions after up-sampling, refinement by bottlenecks of 128 channels, 3, 2, 1 and 0
of them from low to high resolution.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from mmcv.cnn import ConvModule
from torch import Tensor, nn
from torchvision.models import resnet50

WIDTH = 256
NORM = dict(norm_cfg=dict(type='BN'))


class Bottleneck(nn.Module):
    """A bottleneck adds a shortcut to 1x1, 3x3 and 1x1 convolutions.

    Its output has 256 channels.
    """

    def __init__(self, in_channels: int, middle: int = WIDTH // 2) -> None:
        super().__init__()
        self.body = nn.Sequential(
            ConvModule(in_channels, middle, 1, **NORM),
            ConvModule(middle, middle, 3, padding=1, **NORM),
            ConvModule(middle, WIDTH, 1, act_cfg=None, **NORM),
        )
        self.shortcut = (
            nn.Identity()
            if in_channels == WIDTH
            else ConvModule(in_channels, WIDTH, 1, act_cfg=None, **NORM)
        )

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.body(x) + self.shortcut(x))


class CPN(nn.Module):
    """CPN predicts key point maps by GlobalNet and RefineNet on ResNet-50.

    Maps images (N, 3, H, W) to RefineNet's key point maps (N, keypoints, H / 4, W / 4).
    GlobalNet's own maps, `predict`, are losses of the training and not computed here.
    """

    def __init__(self, keypoints: int = 17) -> None:
        super().__init__()
        resnet = resnet50()
        self.stem = nn.Sequential(resnet.conv1, resnet.bn1, resnet.relu, resnet.maxpool)
        self.stages = nn.ModuleList(getattr(resnet, f'layer{n}') for n in (1, 2, 3, 4))
        channels = (2048, 1024, 512, 256)
        self.lateral = nn.ModuleList(ConvModule(c, WIDTH, 1, **NORM) for c in channels)
        self.after_upsampling = nn.ModuleList(
            ConvModule(WIDTH, WIDTH, 1, act_cfg=None, **NORM) for _ in range(3)
        )
        self.predict = nn.ModuleList(
            nn.Sequential(
                ConvModule(WIDTH, WIDTH, 1, **NORM), maps_of_keypoints(keypoints)
            )
            for _ in channels
        )
        self.refine = nn.ModuleList(
            nn.Sequential(*(Bottleneck(WIDTH) for _ in range(units)))
            for units in (3, 2, 1, 0)
        )
        self.final = nn.Sequential(Bottleneck(4 * WIDTH), maps_of_keypoints(keypoints))

    def forward(self, image: Tensor) -> Tensor:
        # (N, 3, H, W) -> (N, 64, H/4, W/4)
        x = self.stem(image)
        # -> (N, 2048, H/32, W/32), (N, 1024, H/16, W/16), ..., (N, 256, H/4, W/4)
        levels = [x := stage(x) for stage in self.stages][::-1]
        size = levels[-1].shape[-2:]
        # -> 256 channels each
        pyramid = self.top_down(levels)
        # -> (N, 256, H/4, W/4) each
        refined = [
            enlarged(f(y), size) for f, y in zip(self.refine, pyramid, strict=True)
        ]
        # (N, 4 * 256, H/4, W/4) -> (N, keypoints, H/4, W/4)
        return self.final(torch.cat(refined, dim=1))

    def top_down(self, levels: Sequence[Tensor]) -> list[Tensor]:
        """Return GlobalNet's features, from low to high resolution, of 256 channels."""
        made: list[Tensor] = []
        for i, level in enumerate(levels):
            y = self.lateral[i](level)
            if made:
                upper = enlarged(made[-1], y.shape[-2:])
                y = y + self.after_upsampling[i - 1](upper)
            made.append(y)
        return made


def maps_of_keypoints(keypoints: int) -> nn.Module:
    """Return the last convolution, from 256 channels to one map per key point."""
    return ConvModule(WIDTH, keypoints, 3, padding=1, act_cfg=None, **NORM)


def enlarged(x: Tensor, size: Sequence[int]) -> Tensor:
    """Enlarge maps (N, C, h, w) to another size by bilinear up-sampling."""
    return F.interpolate(x, size, mode='bilinear', align_corners=True)
