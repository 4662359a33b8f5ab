"""The losses of the official segmentation code, for mmseg's heads.

mmseg's own differ where a recipe has class weights or hard examples: its mean is over
all pixels, also over the ignored ones and those that are not hard.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..shelves import MODELS


@MODELS.register_module()
class PixelCrossEntropy(nn.Module):
    """torch's CrossEntropyLoss over the pixels that have a label; 0 where none has.

    Args:
        class_weight: One weight per class; the mean is the weighted one. None for ones.
        loss_weight: Factor of the result.
    """

    loss_name = 'loss_ce'

    def __init__(
        self, class_weight: Sequence[float] | None = None, loss_weight: float = 1.0
    ) -> None:
        super().__init__()
        self.class_weight = None if class_weight is None else tuple(class_weight)
        self.loss_weight = loss_weight

    def forward(
        self,
        logits: Tensor,
        labels: Tensor,
        weight: Tensor | None = None,
        ignore_index: int = 255,
    ) -> Tensor:
        """The loss, a scalar.

        Args:
            logits: (N, classes, H, W), of any real values.
            labels: (N, H, W), 0 to classes - 1, or `ignore_index`.
            weight: mmseg's sampler of pixels; None, as no config has one.
            ignore_index: The label of pixels that do not count.
        """
        logits = logits.float()
        losses, weights = self.per_pixel(logits, labels, ignore_index)
        return self.loss_weight * losses.sum() / weights.sum().clamp(min=1e-12)

    def per_pixel(
        self, logits: Tensor, labels: Tensor, ignore_index: int
    ) -> tuple[Tensor, Tensor]:
        """Losses and their weights in the mean, both (N, H, W), 0 where ignored."""
        counted = labels != ignore_index
        classes = None
        weights = counted.to(logits)
        if self.class_weight is not None:
            classes = logits.new_tensor(self.class_weight)
            weights = weights * classes[labels.where(counted, 0)]
        losses = F.cross_entropy(
            logits, labels, classes, ignore_index=ignore_index, reduction='none'
        )
        return losses, weights


@MODELS.register_module()
class HardPixelCrossEntropy(PixelCrossEntropy):
    """Online hard example mining (OHEM): the mean loss of the hard pixels.

    Hard are those whose own class has a probability below `threshold`, or below that of
    pixel number `min_kept` of a whole batch, in the order of probability, where that is
    larger. With class weights the losses are weighted and the mean is a plain one:
    official HRNet-Semantic-Segmentation, lib/core/criterion.py.

    Args:
        threshold: Probability, 0 to 1.
        min_kept: Pixels that are kept at least, of all images that one process has in a
            batch, at least 1.
        class_weight: As for `PixelCrossEntropy`.
        loss_weight: As for `PixelCrossEntropy`.
    """

    def __init__(
        self,
        threshold: float = 0.9,
        min_kept: int = 131_072,
        class_weight: Sequence[float] | None = None,
        loss_weight: float = 1.0,
    ) -> None:
        super().__init__(class_weight, loss_weight)
        self.threshold = threshold
        self.min_kept = min_kept

    def per_pixel(
        self, logits: Tensor, labels: Tensor, ignore_index: int
    ) -> tuple[Tensor, Tensor]:
        """Losses of the hard pixels and ones, both (hard pixels,)."""
        losses, _ = super().per_pixel(logits, labels, ignore_index)
        counted = labels != ignore_index
        hard = self.is_hard(logits.detach(), labels.where(counted, 0), counted)
        losses = losses[counted][hard]
        return losses, torch.ones_like(losses)

    def is_hard(self, logits: Tensor, labels: Tensor, counted: Tensor) -> Tensor:
        """Which of the counted pixels, (counted,), are hard."""
        own = logits.softmax(dim=1).gather(1, labels[:, None])[:, 0][counted]
        if own.numel() == 0:
            return own.bool()
        last = min(self.min_kept, own.numel() - 1)
        return own < own.kthvalue(last + 1).values.clamp(min=self.threshold)
