"""A config's model runs on the meta device, without memory and computation."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import torch
from mmengine.config import Config
from mmengine.registry import MODELS, init_default_scope
from torch import Tensor, nn

from ..errors import UserError, one_line
from ..toolboxes import TOOLBOXES, toolbox_of
from .counting import TRUE, Rule

if TYPE_CHECKING:
    from mmengine.model import BaseModel, BaseModule


def build(cfg: Config) -> nn.Module:
    """Build a config's model on the meta device, in eval mode.

    It takes no memory and has no weights.
    """
    init_default_scope(cfg.get('default_scope') or 'mmengine')
    with torch.device('meta'):
        return MODELS.build(cfg.model).eval()


def run(model: nn.Module, shape: tuple[int, int], rule: Rule = TRUE) -> None:
    """Run one image through everything that has parameters.

    Detectors cannot choose proposals where there are no numbers, so their RoI heads
    get as many RoIs as the rule says.

    Args:
        model: A model of any toolbox, on the meta device.
        shape: Height and width of the image in pixels.
        rule: Rule that gives the numbers of RoIs.

    Raises:
        UserError: The model does not run, or not on the meta device.
    """
    image = torch.empty(1, 3, *shape, device='meta')
    try:
        if hasattr(model, 'roi_head'):
            run_two_stages(model, image, rule)
        else:
            model(image, None, mode='tensor')
    except Exception as error:
        raise UserError(
            f'{type(model).__name__} cannot be counted at {shape[0]} x {shape[1]}: '
            f'{one_line(error)}\n'
            'Operators of mmcv (deformable convolutions, for one) have no form without '
            'numbers; for another size, give --shape HEIGHT WIDTH'
        ) from error


def run_two_stages(detector: BaseModel, image: Tensor, rule: Rule) -> None:
    """Run backbone, neck and RPN, then the RoI heads on placeholders for RoIs."""
    levels = detector.extract_feat(image)
    detector.rpn_head(levels)
    head = detector.roi_head
    if getattr(head, 'with_semantic', False):
        head.semantic_head(levels)
    for extractor, box_head in zip(
        each(head.bbox_roi_extractor), each(head.bbox_head), strict=True
    ):
        box_head(rois(extractor, rule.boxes))
    if not head.with_mask:
        return
    last = None
    for extractor, mask_head in zip(
        each(head.mask_roi_extractor), each(head.mask_head), strict=True
    ):
        features = rois(extractor, rule.masks)
        if getattr(head, 'mask_info_flow', False):
            _, last = mask_head(features, last)
        else:
            mask_head(features)


def each(module: nn.Module) -> Iterator[nn.Module]:
    """Yield the stages of a cascade, or the only stage."""
    yield from module if isinstance(module, nn.ModuleList) else [module]


def rois(extractor: BaseModule, number: int) -> Tensor:
    """Return an empty tensor of the shape that RoIAlign returns, (number, C, h, w)."""
    size = extractor.roi_layers[0].output_size
    return torch.empty(number, extractor.out_channels, *size, device='meta')


def input_shape(cfg: Config) -> tuple[int, int]:
    """Return height and width of the input that the config's test gives the model.

    Raises:
        UserError: The config is for no toolbox, or does not name the size.
    """
    toolbox = toolbox_of(cfg)
    if toolbox is None:
        raise UserError(
            f"the config's default_scope is {cfg.get('default_scope')!r}, none of "
            f'{", ".join(TOOLBOXES)}: give --shape HEIGHT WIDTH'
        )
    return toolbox.input_shape(cfg)
