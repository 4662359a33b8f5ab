"""What only a GPU gains by: work at the same time, and one launch for all of it."""

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
    """Outputs of modules that do not depend on each other, computed at the same time.

    The first one's work goes to the current CUDA stream of the inputs' device, each
    other one's to a stream of its own; the current stream then waits for all. In a CUDA
    graph these are branches.

    Args:
        modules: What maps one tensor to one.
        inputs: For each, a tensor; all on one device.
    """
    device = inputs[0].device
    kind = torch.get_device_module(device)
    current, queues = kind.current_stream(device), _queues(device, len(inputs) - 1)
    outputs = []
    for queue, module, x in zip([current, *queues], modules, inputs):
        # What the stream's memory was used for before is then done, too.
        queue.wait_stream(current)
        with kind.stream(queue):
            outputs.append(module(x))
    for queue in queues:
        current.wait_stream(queue)
    return outputs


class RecordedCall(Generic[T]):
    """A call recorded once in a CUDA graph: replaying it is one launch, not thousands.

    Args:
        call: Reads and writes the same memory each time, and does not depend on values.
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
        """The outputs, which the next call overwrites."""
        self.graph.replay()
        return self.outputs


class Recorded:
    """A network in a CUDA graph, for inference on images of one size.

    The weights are those of the recording: train or load first, then record.

    Args:
        model: On a CUDA device, in eval mode.
        image: An example, (N, 3, H, W), on the same device.

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
        """The outputs for an image like the example; the next call overwrites them.

        Raises:
            ValueError: Another size or type.
        """
        found, expected = ((tuple(x.shape), x.dtype) for x in (image, self.image))
        if found != expected:
            raise ValueError(
                f'recorded for images of {expected}, got {found}: record each size'
            )
        self.image.copy_(image)
        return self.call()
