"""How far a row is from the same network in double precision."""

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
    """Outputs and gradients of the readable network in float64, at the case's size.

    Without batch statistics images do not know of each other: then the first one of the
    batch is enough.

    Args:
        case: What is run.
        source: The readable network.
        image: (N, 3, H, W), float32.

    Attributes:
        images: So many of the batch are compared.
        outputs: Of these.
        gradients: By parameter; empty without training.
    """

    def __init__(self, case: Case, source: nn.Module, image: Tensor) -> None:
        self.images = len(image) if case.training else 1
        model = set_mode(copy.deepcopy(source), case).to(image.device).double()
        step = Step(model, image[: self.images].double(), case.training)
        self.outputs = step()
        self.gradients = gradients(model) if case.training else {}

    def of_outputs(self, outputs: Sequence[Tensor]) -> float:
        """Largest relative difference over the outputs."""
        return max(
            difference(ours[: self.images], exact)
            for ours, exact in zip(outputs, self.outputs, strict=True)
        )

    def of_gradients(self, found: Mapping[str, Tensor]) -> tuple[float, float] | None:
        """Largest relative difference over the parameters, and that of all together.

        The first is large wherever rounding moves one value across a ReLU's zero, and
        with it the whole gradient that comes through there; the second, of Euclidean
        norms, is not.

        Returns:
            None where the parameters are others than the readable network's.
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
    """Largest difference between two tensors over the largest value of the second."""
    return ((found.double() - exact).abs().max() / exact.abs().max()).item()


def gradients(model: nn.Module) -> dict[str, Tensor]:
    """Gradients by parameter, in the names that it has without torch.compile."""
    return {
        name.replace('_orig_mod.', ''): parameter.grad
        for name, parameter in model.named_parameters()
        if parameter.grad is not None
    }
