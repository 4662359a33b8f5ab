"""Torchvision and torch provide the functions of mmcv's compiled module `mmcv._ext`.

Names, arguments and the tensors written in place are those of mmcv
(mmcv/ops/csrc/pytorch/pybind.cpp). Results equal those of the compiled operators up to
rounding (tests/ops/test_extension.py). On the processor where the compiled ones were
recorded, NMS, RoIAlign with its gradient and a whole detector were equal bit by bit,
soft-NMS to 3e-8 and deformable convolutions to 3e-6. Maps in 16 bits are computed in
float32 and rounded at the end; channels-last maps are read correctly.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .deformable import (
    deform_conv_backward_input,
    deform_conv_backward_parameters,
    deform_conv_forward,
    modulated_deform_conv_backward,
    modulated_deform_conv_forward,
)
from .focal import (
    sigmoid_focal_loss_backward,
    sigmoid_focal_loss_forward,
    softmax_focal_loss_backward,
    softmax_focal_loss_forward,
)
from .missing import unanswered
from .precision import VERSION
from .roi import roi_align_backward, roi_align_forward
from .suppression import nms, nms_match, softnms

__all__ = [
    'deform_conv_backward_input',
    'deform_conv_backward_parameters',
    'deform_conv_forward',
    'get_compiler_version',
    'get_compiling_cuda_version',
    'modulated_deform_conv_backward',
    'modulated_deform_conv_forward',
    'nms',
    'nms_match',
    'roi_align_backward',
    'roi_align_forward',
    'sigmoid_focal_loss_backward',
    'sigmoid_focal_loss_forward',
    'softmax_focal_loss_backward',
    'softmax_focal_loss_forward',
    'softnms',
]


def __getattr__(name: str) -> Callable[..., Any]:
    """Return a function that raises an error, for any operator that is not here.

    At import, mmcv asks if the operators are there.
    """
    if name.startswith('__'):
        raise AttributeError(name)

    def missing(*args: Any, **kwargs: Any) -> None:
        raise unanswered(name)

    return missing


def get_compiler_version() -> str:
    """Return the compiler's entry in the environment that mmengine prints."""
    return f'none; operators by torchvision {VERSION}'


def get_compiling_cuda_version() -> str:
    """Return the CUDA compiler's entry in the environment that mmengine prints."""
    return 'none'
