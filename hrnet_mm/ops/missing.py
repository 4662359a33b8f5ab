"""An operator that nobody computes here raises an error that names the config's key."""

from __future__ import annotations

from ..errors import UserError

# Beginning of a missing operator's name -> where a config asks for the operator.
CONFIG_KEYS = {
    'active_rotated_filter': "type='ORConv2d'",
    'bbox_overlaps': 'mmcv.ops.bbox_overlaps',
    'border_align': "type='BorderAlign'",
    'box_iou': "iou_calculator=dict(type='RBboxOverlaps2D')",
    'ca_': "decode_head=dict(type='CCHead')",
    'carafe': "upsample_cfg=dict(type='carafe')",
    'deform_roi_pool': "roi_layer=dict(type='DeformRoIPoolPack')",
    'masked_': "type='MaskedConv2d' (guided anchoring)",
    'ms_deform_attn': "type='MultiScaleDeformableAttention' on a GPU",
    'nms_quadri': "nms=dict(type='nms_quadri')",
    'nms_rotated': "nms=dict(type='nms_rotated')",
    'prroi_pool': "roi_layer=dict(type='PrRoIPool')",
    'psamask': "decode_head=dict(type='PSAHead')",
    'roi_align': "roi_layer=dict(type='RoIAlign', pool_mode='max')",
    'roi_align_rotated': "roi_layer=dict(type='RoIAlignRotated')",
    'roi_pool': "roi_layer=dict(type='RoIPool')",
}
REMEDY = (
    'Use another type there, or install an mmcv with compiled operators in place of '
    'the pure one, as its installation page says for your torch and CUDA'
)


def unanswered(name: str) -> UserError:
    """Make the error for an operator that is not computed here."""
    starts = [start for start in CONFIG_KEYS if name.startswith(start)]
    key = CONFIG_KEYS[max(starts, key=len)] if starts else f'mmcv.ops, {name}'
    return UserError(
        f"mmcv's operator {name} is not compiled on this machine, and torchvision has "
        f'no such operator. The config asks for it by {key}.\n{REMEDY}'
    )
