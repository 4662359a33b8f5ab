"""A row's error is its distance from the same network in double precision."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from functools import reduce
from operator import add

from torch import Tensor, nn

from .cases import Case
from .networks import set_mode
from .rows import Step


class Reference:
    """A `Reference` has the readable network's outputs and gradients in float64.

    They are computed at the case's size. Without batch statistics images do not depend
    on each other: then the first one of the batch is enough.

    Args:
        case: Case that is run.
        source: The readable network.
        image: Images (N, 3, H, W), float32.

    Attributes:
        images: Number of images of the batch that are compared.
        outputs: Outputs for these images.
        gradients: Gradients by parameter; empty without training.
    """

    def __init__(self, case: Case, source: nn.Module, image: Tensor) -> None:
        self.images = len(image) if case.training else 1
        model = set_mode(copy.deepcopy(source), case).to(image.device).double()
        step = Step(model, image[: self.images].double(), case.training)
        self.outputs = step()
        self.gradients = gradients(model) if case.training else {}

    def of_outputs(self, outputs: Sequence[Tensor]) -> float:
        """Return the largest relative difference over the outputs."""
        return max(
            difference(ours[: self.images], exact)
            for ours, exact in zip(outputs, self.outputs, strict=True)
        )

    def of_gradients(self, found: Mapping[str, Tensor]) -> tuple[float, float] | None:
        """Return relative differences of the gradients: the largest, and that of all.

        The first is the largest over the parameters. It is large wherever rounding
        moves one value across a ReLU's zero, and with it the whole gradient that comes
        through there. The second, of Euclidean norms over all parameters, is not.

        Returns:
            None if the parameters are others than the readable network's.
        """
        if not self.gradients or set(found) != set(self.gradients):
            return None
        pairs = [
            (found[name].double(), exact) for name, exact in self.gradients.items()
        ]
        apart = reduce(add, ((ours - exact).square().sum() for ours, exact in pairs))
        length = reduce(add, (exact.square().sum() for _, exact in pairs))
        return max(difference(*pair) for pair in pairs), (apart / length).sqrt().item()


def difference(found: Tensor, exact: Tensor) -> float:
    """Return the largest difference, relative to the largest value of `exact`."""
    return ((found.double() - exact).abs().max() / exact.abs().max()).item()


def gradients(model: nn.Module) -> dict[str, Tensor]:
    """Return the gradients by parameter, in its name without torch.compile."""
    return {
        name.replace('_orig_mod.', ''): parameter.grad
        for name, parameter in model.named_parameters()
        if parameter.grad is not None
    }
