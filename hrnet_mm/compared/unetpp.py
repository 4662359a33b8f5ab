"""The papers compare HRNet with UNet++, which segmentation_models_pytorch provides."""

from __future__ import annotations

from collections.abc import Sequence

import torch.nn.functional as F
from torch import Tensor

from ..errors import UserError
from ..models.initialization import BaseModule, initialize
from ..shelves import MODELS


@MODELS.register_module()
class UNetPlusPlus(BaseModule):
    """UNet++ is an encoder with a nested decoder, here without a head.

    Paper: https://arxiv.org/abs/1807.10165. Maps images (N, 3, H, W) to one map
    (N, decoder_channels[-1], H, W) in a tuple, for a head that classifies pixels. Any
    size works: images are padded with zeros, since the library's decoder needs sides
    that are multiples of 32.

    Args:
        encoder_name: Name of an encoder in the library, such as resnet101.
        decoder_channels: Channels of the decoder's five steps, from low to high
            resolution.
        init_cfg: mmengine's initialization of the encoder.

    Raises:
        UserError: The library is not installed.
    """

    def __init__(
        self,
        encoder_name: str = 'resnet101',
        decoder_channels: Sequence[int] = (256, 128, 64, 32, 16),
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(init_cfg)
        try:
            from segmentation_models_pytorch import UnetPlusPlus
        except ImportError as error:
            raise UserError(
                'UNet++ is that of segmentation_models_pytorch, which is not '
                'installed: pip install segmentation-models-pytorch'
            ) from error
        net = UnetPlusPlus(
            encoder_name, encoder_weights=None, decoder_channels=decoder_channels
        )
        self.encoder = net.encoder
        self.decoder = net.decoder
        self.out_channels = (decoder_channels[-1],)

    def init_weights(self) -> None:
        """Initialize the encoder by `init_cfg`; the library initializes the decoder."""
        if self.init_cfg is not None:
            initialize(self.encoder, self.init_cfg)
        self._is_init = True

    def forward(self, image: Tensor) -> tuple[Tensor]:
        """Return one map of the image's size in a tuple, see the class."""
        height, width = image.shape[-2:]
        # (N, 3, H, W) -> (N, 3, H', W'), the next multiples of 32
        x = F.pad(image, (0, -width % 32, 0, -height % 32))
        # (N, decoder_channels[-1], H', W') -> (N, decoder_channels[-1], H, W)
        return (self.decoder(self.encoder(x))[..., :height, :width],)
