"""mmseg predicts a class for every pixel."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..data.look.pixel_classes import Values, look_at_label_maps
from ..nested_dicts import first_value
from .toolbox import (
    BODY,
    PIXELS,
    SIDE,
    SIZES,
    WIDTHS,
    DataSet,
    Package,
    Shape,
    Toolbox,
    pair,
    rounded,
)

if TYPE_CHECKING:
    import numpy as np

    from ..data.look import Look
    from ..drawing.canvas import Kept

SEGMENTOR = dict(
    type='EncoderDecoder',
    data_preprocessor=dict(type='SegDataPreProcessor', size=(SIDE, SIDE), **PIXELS),
    backbone=BODY,
    decode_head=dict(
        type='FCNHead',
        in_channels=list(WIDTHS),
        in_index=(0, 1, 2, 3),
        input_transform='resize_concat',
        channels=16,
        kernel_size=1,
        num_convs=1,
        concat_input=False,
        num_classes=2,
    ),
    test_cfg=dict(mode='whole'),
)


class MMSeg(Toolbox):
    """MMSeg describes mmseg: for one image, one label map."""

    task = 'segmentation'
    package = Package('mmseg', 'mmsegmentation==1.2.2', 'onedl-mmsegmentation>=1.4')
    extra = 'seg'
    needs = ('ftfy', 'regex')
    upsample = 'bilinear'
    exchange = (
        'Write  swap_seg_labels={}  in RandomFlip, and  '
        'tta_model.mirrored_classes=...  alike'
    )
    layouts = {'CityscapesDataset': 'cityscapes'}  # noqa: RUF012
    sign = ('leftImg8bit', 'Cityscapes (mmseg)')
    visualizer = 'SegLocalVisualizer'
    trial_model = SEGMENTOR

    def trial_sample(self) -> Any:
        from mmseg.structures import SegDataSample

        return SegDataSample(metainfo=SIZES)

    def input_shape(self, cfg: Mapping[str, Any]) -> Shape:
        """Return the size of Cityscapes' whole images, or the crop of other data sets.

        Cityscapes' images have 1024 x 2048 pixels. If the config crops nothing, its
        variable `size` is used.
        """
        whole = 'Cityscapes' in str(cfg.get('dataset_type'))
        scale = first_value(cfg.get('test_dataloader'), 'scale', ()) if whole else ()
        if scale:
            width, height = pair(scale)
            return height, width
        return pair(
            first_value(cfg.get('train_dataloader'), 'crop_size', cfg.get('size'))
        )

    def look(self, look: Look, data: DataSet) -> None:
        """Compare label maps with their pictures and with the classes."""
        from mmengine.registry import DATASETS
        from mmseg.datasets import BaseSegDataset

        if not data.reads_like(BaseSegDataset, 'load_data_list'):
            return
        config = dict(copy.deepcopy(data.config), lazy_init=True, pipeline=[])
        built = DATASETS.build(config)
        if not built.data_prefix.get('seg_map_path'):
            return
        pairs = [
            (Path(each['img_path']), Path(each['seg_map_path']))
            for each in built.load_data_list()
        ]
        if not pairs:
            look.error(
                f'{built.data_prefix["img_path"]} has no picture whose name ends in '
                f'{built.img_suffix!r}. Set {look.key}.img_suffix to the end of their '
                'names'
            )
            return
        loader = data.step('LoadLabelMaps') or data.step('LoadAnnotations')
        rule = Values(
            number=len(built.label_map or look.classes),
            ignored=built.ignore_index,
            first=int(bool(built.reduce_zero_label)),
            bits=16 if data.step('LoadLabelMaps') else 8,
            decoder=loader.get('imdecode_backend', 'pillow'),
            renumbered=built.label_map,
        )
        look_at_label_maps(look, pairs, data.root, rule)

    def canvas(self) -> type[Kept]:
        from ..drawing.class_maps import LabelMapCanvas

        return LabelMapCanvas

    def ask_to_draw(
        self,
        visualizer: Any,
        image: np.ndarray,
        sample: Any,
        score_thr: float,
        draw_gt: bool,
    ) -> None:
        # Names would cover an image that is not much larger than they are.
        named = min(image.shape[:2]) >= 400
        visualizer.add_datasample(
            'prediction', image, sample, with_labels=named, draw_gt=draw_gt
        )

    def records(self, sample: Any, categories: list[dict]) -> list[dict]:
        """Return the share of pixels, 0 to 1, of each class that occurs."""
        import numpy as np

        labels = self.label_map(sample)
        counts = np.bincount(labels.ravel(), minlength=len(categories))
        parts = rounded(counts / labels.size, 6)
        named = zip(categories, parts[: len(categories)], strict=True)
        return [dict(shares={each['name']: part for each, part in named if part})]

    def label_map(self, sample: Any) -> np.ndarray:
        """Return the model's class index of each pixel, in 16 bits if 8 are too few."""
        import numpy as np

        labels = sample.pred_sem_seg.data[0].numpy()
        return labels.astype(np.uint8 if labels.max(initial=0) < 256 else np.uint16)
