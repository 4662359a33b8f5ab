"""A GPU gains by concurrent streams and by one launch for a whole network."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Sequence
from typing import Generic, TypeVar

import torch
from torch import Tensor, nn

T = TypeVar('T')
WARM_UP = 3  # calls before a graph is recorded, as torch asks for


@functools.cache
def _queues(device: torch.device, count: int) -> list[torch.cuda.Stream]:
    kind = torch.get_device_module(device)
    return [kind.Stream(device) for _ in range(count)]


def side_by_side(
    modules: Iterable[nn.Module], inputs: Sequence[Tensor]
) -> list[Tensor]:
    """Run independent modules concurrently and return their outputs.

    The first module runs on the current CUDA stream of the inputs' device, each other
    one on a stream of its own; the current stream then waits for all. In a CUDA graph
    these are branches.

    Args:
        modules: Modules that map one tensor to one tensor.
        inputs: One tensor for each module, all on one device.
    """
    device = inputs[0].device
    kind = torch.get_device_module(device)
    current, queues = kind.current_stream(device), _queues(device, len(inputs) - 1)
    outputs = []
    for queue, module, x in zip([current, *queues], modules, inputs, strict=True):
        # Waiting also ensures that earlier uses of the memory are finished.
        queue.wait_stream(current)
        with kind.stream(queue):
            outputs.append(module(x))
    for queue in queues:
        current.wait_stream(queue)
    return outputs


class RecordedCall(Generic[T]):
    """A `RecordedCall` replays a call by one launch of a CUDA graph, not thousands.

    Args:
        call: Function that reads and writes the same memory each time and whose control
            flow does not depend on values.
    """

    def __init__(self, call: Callable[[], T]) -> None:
        side = torch.cuda.Stream()
        side.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(side):
            for _ in range(WARM_UP):
                call()
        torch.cuda.current_stream().wait_stream(side)
        self.graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(self.graph):
            self.outputs = call()

    def __call__(self) -> T:
        """Replay the call and return its outputs, which the next call overwrites."""
        self.graph.replay()
        return self.outputs


class Recorded:
    """A `Recorded` is a network in a CUDA graph, for inference on images of one size.

    It keeps the weights it had when it was recorded: train or load first, then record.

    Args:
        model: Network on a CUDA device, in eval mode.
        image: Example of the images, (N, 3, H, W), on the same device.

    Raises:
        ValueError: The image is not on a CUDA device, or the model is in training mode.
    """

    def __init__(self, model: nn.Module, image: Tensor) -> None:
        if image.device.type != 'cuda':
            raise ValueError(
                f'a CUDA graph needs a CUDA device, the image is on {image.device}: '
                'move model and image there, or call the model itself'
            )
        if model.training:
            raise ValueError('the model is in training mode: call model.eval() first')
        self.image = image.clone()
        with torch.no_grad():
            self.call = RecordedCall(lambda: model(self.image))

    def __call__(self, image: Tensor) -> Tensor | Sequence[Tensor]:
        """Return the outputs for an image like the example.

        The next call overwrites them.

        Raises:
            ValueError: The image has another shape or type than the example.
        """
        found, expected = ((tuple(x.shape), x.dtype) for x in (image, self.image))
        if found != expected:
            raise ValueError(
                f'recorded for images of {expected}, got {found}: record each size'
            )
        self.image.copy_(image)
        return self.call()
