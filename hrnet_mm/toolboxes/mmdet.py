"""mmdet detects objects as boxes and masks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..data.look.json_files import annotations_of
from ..data.look.objects import check_evaluator, look_at_objects
from ..nested_dicts import first_value
from ..shelves import short_name
from .toolbox import (
    ARCH,
    BODY,
    PIXELS,
    SIZES,
    DataSet,
    Package,
    Shape,
    Toolbox,
    coco_ids,
    pair,
    rounded,
    with_sides,
)

if TYPE_CHECKING:
    import numpy as np

    from ..data.look import Look
    from ..drawing.canvas import Kept


def nms(threshold: float) -> dict[str, Any]:
    """Return the config of NMS, which drops boxes whose IoU exceeds a threshold."""
    return dict(type='nms', iou_threshold=threshold)


CODER = dict(type='DeltaXYWHBBoxCoder')
DETECTOR = dict(
    type='FasterRCNN',
    data_preprocessor=dict(type='DetDataPreprocessor', pad_size_divisor=32, **PIXELS),
    backbone=BODY,
    neck=dict(type='hrnet_mm.HRFPN', arch=ARCH, out_channels=16),
    rpn_head=dict(
        type='RPNHead',
        in_channels=16,
        feat_channels=16,
        anchor_generator=dict(
            type='AnchorGenerator',
            scales=[8],
            ratios=[0.5, 1.0, 2.0],  # a single anchor would lose its dimension
            strides=[4, 8, 16, 32, 64],
        ),
        bbox_coder=CODER,
    ),
    roi_head=dict(
        type='StandardRoIHead',
        bbox_roi_extractor=dict(
            type='SingleRoIExtractor',
            roi_layer=dict(type='RoIAlign', output_size=7, sampling_ratio=0),
            out_channels=16,
            featmap_strides=[4, 8, 16, 32],
        ),
        bbox_head=dict(
            type='Shared2FCBBoxHead',
            in_channels=16,
            fc_out_channels=16,
            roi_feat_size=7,
            num_classes=2,
            bbox_coder=CODER,
        ),
    ),
    train_cfg=None,
    test_cfg=dict(
        rpn=dict(nms_pre=50, max_per_img=20, nms=nms(0.7), min_bbox_size=0),
        rcnn=dict(score_thr=0.0, nms=nms(0.5), max_per_img=5),
    ),
)


class MMDet(Toolbox):
    """MMDet describes mmdet: in one image, many boxes, each optionally with a mask."""

    task = 'detection'
    package = Package('mmdet', 'mmdet==3.3.0', 'onedl-mmdetection>=3.5')
    extra = 'det'
    layouts = {'CocoDataset': 'coco'}  # noqa: RUF012 (a ClassVar of the base class)
    sign = ('annotations/instances_*.json', 'COCO boxes and masks (mmdet)')
    results = 'detections'
    visualizer = 'DetLocalVisualizer'
    trial_model = DETECTOR

    def trial_sample(self) -> Any:
        from mmdet.structures import DetDataSample

        return DetDataSample(metainfo=dict(SIZES, scale_factor=(1.0, 1.0)))

    def input_shape(self, cfg: Mapping[str, Any]) -> Shape:
        """Return the size of a 2:3 image, scaled as by the config and padded to 32.

        For the scale (1333, 800) it is 800 x 1216, as in the papers.
        """
        short, long = sorted(
            pair(first_value(cfg.get('test_dataloader'), 'scale', (1333, 800)))
        )
        sides = short, min(long, short * 3 // 2)
        height, width = (-(-side // 32) * 32 for side in sides)
        return height, width

    def look(self, look: Look, data: DataSet) -> None:
        """Compare a COCO file with the classes and the pictures."""
        from mmdet.datasets import CocoDataset

        as_coco = data.reads_like(CocoDataset, 'parse_data_info', 'load_data_list')
        if not as_coco or data.file.suffix != '.json':
            return
        filters = data.config.get('filter_cfg') or {} if look.trains else {}
        file = annotations_of(data.file, annotated=look.trains)
        look_at_objects(
            look,
            file,
            with_masks=bool(data.step('LoadAnnotations').get('with_mask')),
            least=filters.get('min_size', 0),
            keeps_empty=not filters.get('filter_empty_gt'),
        )
        data.look_at_pictures(look, file)

    def look_at_evaluator(
        self, look: Look, data: DataSet, metric: dict, key: str
    ) -> None:
        """Compare the file of a COCO metric with that of the data set."""
        is_coco = short_name(metric.get('type')) == 'CocoMetric'
        if not is_coco or data.file.suffix != '.json':
            return
        files = data.beside(metric)
        if files:
            check_evaluator(look, key, *files)

    def categories(self, meta: dict, known: list[dict] | None = None) -> list[dict]:
        """List the classes with ids from `known` or COCO, else counted from 1."""
        names = list(meta.get('classes') or ())
        ids = coco_ids(names, known)
        return [
            dict(id=number, name=name) for number, name in zip(ids, names, strict=True)
        ]

    def canvas(self) -> type[Kept]:
        from ..drawing.boxes_and_masks import InstanceCanvas

        return InstanceCanvas

    def ask_to_draw(
        self,
        visualizer: Any,
        image: np.ndarray,
        sample: Any,
        score_thr: float,
        draw_gt: bool,
    ) -> None:
        visualizer.add_datasample(
            'prediction', image, sample, pred_score_thr=score_thr, draw_gt=draw_gt
        )

    def records(self, sample: Any, categories: list[dict]) -> list[dict]:
        """Return boxes [x, y, width, height] in pixels, and masks as run lengths."""
        found = sample.pred_instances
        rows = zip(
            found.labels.tolist(),
            with_sides(found.bboxes),
            rounded(found.scores, 6),
            strict=True,
        )
        records = [
            dict(category_id=categories[label]['id'], bbox=rounded(box), score=score)
            for label, box, score in rows
        ]
        if 'masks' in found:
            for record, mask in zip(records, found.masks, strict=True):
                record['segmentation'] = run_lengths(mask)
        return records


def run_lengths(mask: Any) -> dict:
    """Encode a boolean mask (H, W) as COCO's compressed run lengths."""
    import numpy as np
    from pycocotools import mask as coco_mask

    code = coco_mask.encode(np.asfortranarray(mask, dtype=np.uint8))
    size = [int(side) for side in code['size']]
    return dict(size=size, counts=code['counts'].decode())
