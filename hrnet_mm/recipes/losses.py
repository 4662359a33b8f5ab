"""The losses of the official segmentation code serve mmseg's heads.

mmseg's own losses differ if a recipe has class weights or hard examples: they average
over all pixels, including the ignored ones and those that are not hard.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..errors import UserError
from ..shelves import MODELS


def check_softmax(loss: str, channels: int) -> None:
    """Check that a softmax can be computed over the channels of a head.

    Args:
        loss: Name of the loss, for the message.
        channels: Number of channels.

    Raises:
        UserError: It is one channel.
    """
    if channels == 1:
        raise UserError(
            f'{loss} compares the channels of a head with each other, and there is '
            'one: the loss would always be 0. Set num_classes=2, for a class and what '
            'is not of it. (A segmentor may have out_channels=1 then, with '
            "loss_decode=dict(type='CrossEntropyLoss', use_sigmoid=True))"
        )


def check_class_weight(
    loss: str, channels: int, class_weight: Sequence[float] | None
) -> None:
    """Check that a loss has one class weight for each channel of a head, or none.

    Args:
        loss: Name of the loss, for the message.
        channels: Number of channels.
        class_weight: Weights of the classes, if it has any.

    Raises:
        UserError: It is another number of class weights.
    """
    if class_weight is not None and len(class_weight) != channels:
        raise UserError(
            f'class_weight of {loss} has {len(class_weight)} numbers, the head puts '
            f'out {channels} channels. Give one number for each class, or '
            'class_weight=None'
        )


@MODELS.register_module()
class PixelCrossEntropy(nn.Module):
    """This loss is the mean cross-entropy over the labeled pixels; 0 if there are none.

    The value is that of torch's CrossEntropyLoss.

    Args:
        class_weight: One weight per class, for a weighted mean; None for equal weights.
        loss_weight: Factor of the result.

    Example:
        >>> logits = torch.tensor([[2.0, 0.0, 1.0], [0.0, 2.0, 1.0]]).view(1, 2, 1, 3)
        >>> labels = torch.tensor([0, 1, 255]).view(1, 1, 3)  # the last is ignored
        >>> round(PixelCrossEntropy()(logits, labels).item(), 4)
        0.1269
        >>> PixelCrossEntropy()(logits, torch.full_like(labels, 255)).item()
        0.0
    """

    loss_name = 'loss_ce'
    use_sigmoid = False  # mmseg's name for it

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
        """Return the loss, a scalar.

        Args:
            logits: Unnormalized scores, (N, classes, H, W).
            labels: Classes, (N, H, W), 0 to classes - 1 or `ignore_index`.
            weight: Pixel weights of mmseg's samplers. They are not used; no config has
                a sampler.
            ignore_index: Label of the pixels that do not count.

        Raises:
            UserError: There is one class, another number of class weights, or a label
                that is no class.
        """
        check_softmax(type(self).__name__, logits.shape[1])
        check_class_weight(type(self).__name__, logits.shape[1], self.class_weight)
        # in float32, also under automatic mixed precision
        logits = logits.float()
        try:
            losses, weights = self.per_pixel(logits, labels, ignore_index)
        except IndexError as error:
            classes = (labels >= 0) & (labels < logits.shape[1])
            wrong = labels[~classes & (labels != ignore_index)]
            raise UserError(
                f'labels have the class {int(wrong[0])}, but the head puts out '
                f'{logits.shape[1]} channels, for classes 0 to {logits.shape[1] - 1}. '
                'Set num_classes of the heads to the number of classes'
            ) from error
        return self.loss_weight * losses.sum() / weights.sum().clamp(min=1e-12)

    def per_pixel(
        self, logits: Tensor, labels: Tensor, ignore_index: int
    ) -> tuple[Tensor, Tensor]:
        """Return losses and their weights in the mean, both (N, H, W), 0 if ignored."""
        counted = labels != ignore_index
        classes = None
        weights = counted.to(logits)
        if self.class_weight is not None:
            classes = logits.new_tensor(self.class_weight)
            # `ignore_index` is no index of `classes`: read class 0 there, times 0.
            weights = weights * classes[labels.where(counted, 0)]
        losses = F.cross_entropy(
            logits, labels, classes, ignore_index=ignore_index, reduction='none'
        )
        return losses, weights


@MODELS.register_module()
class HardPixelCrossEntropy(PixelCrossEntropy):
    """This loss averages over the hard pixels: online hard example mining (OHEM).

    A pixel is hard if the probability of its own class is below a limit. The limit is
    `threshold`, or the probability of pixel number `min_kept` of the batch in ascending
    order if that is larger. With class weights the losses are weighted, but the mean is
    not. Source: official HRNet-Semantic-Segmentation, lib/core/criterion.py.

    Args:
        threshold: Probability, 0 to 1.
        min_kept: Smallest number of hard pixels, at least 1, among all images that one
            process has in a batch.
        class_weight: One weight per class; None for equal weights.
        loss_weight: Factor of the result.

    Example:
        >>> logits = torch.tensor([[5.0, 1.0, 0.0], [0.0, 0.0, 0.0]]).view(1, 2, 1, 3)
        >>> labels = torch.zeros(1, 1, 3, dtype=torch.long)
        >>> loss = HardPixelCrossEntropy(threshold=0.9, min_kept=1)
        >>> losses, weights = loss.per_pixel(logits, labels, ignore_index=255)
        >>> [round(x, 4) for x in losses.tolist()]  # the first pixel is easy
        [0.3133, 0.6931]
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
        """Return losses of the hard pixels and weights of 1, both (hard pixels,)."""
        losses, _ = super().per_pixel(logits, labels, ignore_index)
        counted = labels != ignore_index
        hard = self.is_hard(logits.detach(), labels.where(counted, 0), counted)
        # (N, H, W) -> (counted,) -> (hard pixels,)
        losses = losses[counted][hard]
        return losses, torch.ones_like(losses)

    def is_hard(self, logits: Tensor, labels: Tensor, counted: Tensor) -> Tensor:
        """Tell for each counted pixel whether it is hard, (counted,).

        Args:
            logits: Unnormalized scores, (N, classes, H, W).
            labels: Classes, (N, H, W), 0 to classes - 1 everywhere.
            counted: True for the pixels that have a label, (N, H, W).
        """
        # (N, classes, H, W) -> (N, 1, H, W) -> (counted,): each pixel's own class
        own = logits.softmax(dim=1).gather(1, labels[:, None])[:, 0][counted]
        if own.numel() == 0:
            return own.bool()
        # kthvalue counts from 1; a batch may have fewer pixels than are to be kept.
        last = min(self.min_kept, own.numel() - 1)
        return own < own.kthvalue(last + 1).values.clamp(min=self.threshold)
