# ruff: noqa: E501 (tables)
"""The papers print parameters and GFLOPs, which are kept here row by row.

They are arXiv 1902.09212 (CVPR), 1904.04514 (V2), 1908.07919 (TPAMI), and the READMEs
of the official code. Figures are texts, since their digits matter.
"""

from __future__ import annotations

from typing import NamedTuple

# Why a row differs from its printed figures, or has none of ours.
REASONS = {
    'none': 'no kept library has its parts',
    'other': 'another method; printed beside HRNet for comparison',
    'rounded': 'README: 7.1',
    'deconv': 'the tool counts a transposed convolution by its output; not exact',
    'two-figures': 'the README prints 35.3, the papers 35.6',
    'cpn': 'taken from the paper of CPN, whose code is not kept: 2 % apart',
    'hourglass': 'mmpose has two 3x3 in a unit, the original a bottleneck',
    'w40': '45.2 M is less than the backbone alone (45.5 M): a misprint',
    'unit': 'the same network in 1e9: 747.5',
    'area': 'printed: the Cityscapes figure scaled by area',
    'gap': 'the counter of then found up to 0.6 % more in RPN and box heads',
    'conv_res': 'as above; and the first mask head had 65,792 unused parameters',
    'fcos': "FCOS' authors' code, not mmdet's",
    'backbone': 'printed: the backbone with its highest stream alone put out',
    'last': 'last digit',
    'comparison': 'a network of that name; the one counted is not described',
}


class Row(NamedTuple):
    """A `Row` is one line of a printed table.

    Attributes:
        system: Name in the table.
        shape: Height and width of the input.
        params: Printed parameters in M, empty where not given.
        giga: Printed GFLOPs, empty where not given.
        config: Name of the config without `.py`, `cpn` for the network of this
            package, empty where there is none.
        options: Changes `key=value` to the config that the printed figure had.
        reason: Why figures differ, or why there is no config.
    """

    system: str
    shape: tuple[int, int]
    params: str
    giga: str
    config: str
    options: tuple[str, ...]
    reason: str


class Printed(NamedTuple):
    """A `Printed` table has a title, the rule behind its figures, and rows."""

    title: str
    rule: str
    rows: tuple[Row, ...]


def rows(shape: tuple[int, int], lines: str) -> tuple[Row, ...]:
    """Read rows of one input size.

    Each line is `system | params | giga | config, options | reason`. The reason is a key
    of `REASONS`, or empty.
    """
    made = []
    for line in filter(None, map(str.strip, lines.splitlines())):
        system, params, giga, config, reason = (p.strip() for p in line.split('|'))
        name, *options = config.split() or ['']
        reason = REASONS[reason] if reason else ''
        made.append(Row(system, shape, params, giga, name, tuple(options), reason))
    return tuple(made)


SMALL, LARGE, SQUARE = (256, 192), (384, 288), (256, 256)
STREET, IMAGE, DETECTION = (1024, 2048), (224, 224), (800, 1216)

POSE = Printed(
    'Pose, COCO: Tables 1 and 2 (CVPR), I and II (TPAMI)',
    'modelsummary',
    rows(
        SMALL,
        """
        8-stage Hourglass      | 25.1 | 14.3 | topdown_hourglass_8stage_coco_256x192    | hourglass
        CPN R50, with OHKM     | 27.0 | 6.20 | cpn                                      | cpn
        SimpleBaseline R50     | 34.0 | 8.90 | topdown_simple_baseline_r50_coco_256x192 | deconv
        SimpleBaseline R101    | 53.0 | 12.4 | topdown_simple_baseline_r101_coco_256x192|
        SimpleBaseline R152    | 68.6 | 15.7 | topdown_simple_baseline_r152_coco_256x192| deconv
        HRNet-W32              | 28.5 | 7.10 | topdown_hrnet_w32_coco_256x192           | rounded
        HRNet-W48              | 63.6 | 14.6 | topdown_hrnet_w48_coco_256x192           |
        """,
    )
    + rows(
        LARGE,
        """
        SimpleBaseline R50 (README)  | 34.0 | 20.0 | topdown_simple_baseline_r50_coco_384x288  | deconv
        SimpleBaseline R101 (README) | 53.0 | 27.9 | topdown_simple_baseline_r101_coco_384x288 |
        SimpleBaseline R152          | 68.6 | 35.6 | topdown_simple_baseline_r152_coco_384x288 | two-figures
        HRNet-W32                    | 28.5 | 16.0 | topdown_hrnet_w32_coco_384x288            |
        HRNet-W48                    | 63.6 | 32.9 | topdown_hrnet_w48_coco_384x288            |
        """,
    )
    + rows((353, 257), 'G-RMI R101 | 42.6 | 57.0 | | other')
    + rows(SQUARE, 'Integral Pose R101 | 45.0 | 11.0 | | other')
    + rows((320, 256), 'RMPE PyraNet | 28.1 | 26.7 | | other'),
)
MPII = Printed(
    'Pose, MPII: Table 4 (CVPR)',
    'modelsummary',
    rows(
        SQUARE,
        """
        Hourglass (Newell)  | 25.1 | 19.1 |                                 | hourglass
        PyraNet (Yang)      | 28.1 | 21.3 |                                 | other
        DLCM (Tang)         | 15.5 | 15.6 |                                 | other
        SimpleBaseline R152 | 68.6 | 20.9 | topdown_simple_baseline_r152_coco_256x192 | deconv
        HRNet-W32           | 28.5 | 9.5  | topdown_hrnet_w32_mpii_256x256  |
        """,
    ),
)
FACE = Printed(
    'Face, COFW: Tables XX to XXIV (TPAMI)',
    'modelsummary',
    rows(
        SQUARE, 'HRNetV2-W18 | 9.3 | 4.3 | topdown_hrnetv2_w18_cofw_256x256 | backbone'
    ),
)
CITYSCAPES = Printed(
    'Segmentation, Cityscapes: Table 1 (V2), III (TPAMI), README',
    'modelsummary',
    rows(
        STREET,
        """
        UNet++ R101             | 59.5 | 748.5  | unetpp_r101_cityscapes           | comparison
        Dilated ResNet-101      | 52.1 | 1661.6 | dilated_resnet_r101_cityscapes          | comparison
        DeepLabv3 D-R101        | 58.0 | 1778.7 | deeplabv3_r101_cityscapes        | comparison
        DeepLabv3+ D-Xception71 | 43.5 | 1444.6 | deeplabv3plus_xception71_cityscapes | comparison
        PSPNet D-R101           | 65.9 | 2017.6 | pspnet_r101_cityscapes           | comparison
        HRNetV2-W40             | 45.2 | 493.2  | fcn_hrnetv2_w40_cityscapes       | w40
        HRNetV2-W48             | 65.9 | 696.2  | fcn_hrnetv2_w48_cityscapes       |
        HRNetV2-W48 (V2)        | 65.9 | 747.3  | fcn_hrnetv2_w48_cityscapes       | unit
        HRNetV2-W48 + OCR       | 70.3 | 1206.3 | ocr_hrnetv2_w48_cityscapes       |
        HRNetV2-W18-small-v1    | 1.5  | 31.1   | fcn_hrnetv2_w18_small_v1_cityscapes |
        HRNetV2-W18-small-v2    | 3.9  | 71.6   | fcn_hrnetv2_w18_small_v2_cityscapes |
        """,
    ),
)
CROPS = Printed(
    'Segmentation, other sets: README',
    'modelsummary',
    rows(
        (480, 480),
        'PASCAL-Context, W48 | | 76.5 | fcn_hrnetv2_w48_pascal_context_59 | area',
    )
    + rows((473, 473), 'LIP, W48 | | 74.3 | fcn_hrnetv2_w48_lip | area'),
)
FASTER = Printed(
    'Detection, Faster R-CNN: Tables VII and XIX (TPAMI)',
    'faster',
    rows(
        DETECTION,
        """
        R50-FPN       | 39.77 | 172.34 | faster_rcnn_r50_fpn_1x model.backbone.style=caffe  |
        HRNetV2p-W18  | 26.18 | 159.06 | faster_rcnn_hrnetv2p_w18_1x |
        R101-FPN      | 57.83 | 239.37 | faster_rcnn_r101_fpn_1x model.backbone.style=caffe |
        HRNetV2p-W32  | 45.04 | 245.33 | faster_rcnn_hrnetv2p_w32_1x |
        HRNetV2p-W40  | 60.5  | 314.9  | faster_rcnn_hrnetv2p_w40_1x |
        X101-64x4d    | 94.85 | 381.83 | faster_rcnn_x101_64x4d_fpn_1x | last
        HRNetV2p-W48  | 79.42 | 399.12 | faster_rcnn_hrnetv2p_w48_1x |
        """,
    ),
)
DETECTORS = Printed(
    'Detection, other frameworks: Table VII (TPAMI)',
    'mmcv',
    rows(
        DETECTION,
        """
        Cascade R50       | 69.4  | 226.2 | cascade_rcnn_r50_fpn_20e             | gap
        Cascade W18       | 55.1  | 207.8 | cascade_rcnn_hrnetv2p_w18_20e        | gap
        Cascade R101      | 88.4  | 298.7 | cascade_rcnn_r101_fpn_20e            | gap
        Cascade W32       | 74.9  | 300.8 | cascade_rcnn_hrnetv2p_w32_20e        | gap
        Cascade X101      | 127.3 | 448.3 | cascade_rcnn_x101_64x4d_fpn_20e      | gap
        Cascade W48       | 111.0 | 466.5 | cascade_rcnn_hrnetv2p_w48_20e        | gap
        FCOS R50          | 32.0  | 190.0 | fcos_r50_caffe_fpn_2x                | fcos
        FCOS W18          | 17.5  | 180.3 | fcos_hrnetv2p_w18_2x                 |
        FCOS R101         | 51.0  | 261.2 | fcos_r101_caffe_fpn_2x               | fcos
        FCOS W32          | 37.3  | 273.3 | fcos_hrnetv2p_w32_2x                 |
        Mask R50          | 44.4  | 266.5 | mask_rcnn_r50_fpn_1x                 | gap
        Mask W18          | 30.1  | 247.9 | mask_rcnn_hrnetv2p_w18_1x            | gap
        Mask R101         | 63.4  | 338.8 | mask_rcnn_r101_fpn_1x                | gap
        Mask W32          | 49.9  | 341.0 | mask_rcnn_hrnetv2p_w32_1x            | gap
        Cascade Mask R50  | 77.3  | 431.7 | cascade_mask_rcnn_r50_fpn_20e        | gap
        Cascade Mask W18  | 63.1  | 413.1 | cascade_mask_rcnn_hrnetv2p_w18_20e   | gap
        Cascade Mask R101 | 96.3  | 504.1 | cascade_mask_rcnn_r101_fpn_20e       | gap
        Cascade Mask W32  | 82.9  | 506.2 | cascade_mask_rcnn_hrnetv2p_w32_20e   | gap
        Cascade Mask X101 | 135.2 | 653.7 | cascade_mask_rcnn_x101_64x4d_fpn_20e | gap
        Cascade Mask W48  | 118.9 | 671.9 | cascade_mask_rcnn_hrnetv2p_w48_20e   | gap
        HTC R50           | 80.3  | 476.9 | htc_r50_fpn_20e                      | conv_res
        HTC W18           | 66.1  | 458.3 | htc_hrnetv2p_w18_20e                 | conv_res
        HTC R101          | 99.3  | 549.2 | htc_r101_fpn_20e                     | conv_res
        HTC W32           | 85.9  | 551.4 | htc_hrnetv2p_w32_20e                 | conv_res
        HTC X101          | 138.2 | 698.9 | htc_x101_64x4d_fpn_20e               | conv_res
        HTC W48           | 121.9 | 717.0 | htc_hrnetv2p_w48_20e                 | conv_res
        """,
    )
    + rows(
        (511, 511),
        """
        CenterNet Hourglass-52  | 104.8 | 227.0 | | none
        CenterNet W48           | 73.6  | 217.1 | | none
        CenterNet Hourglass-104 | 210.1 | 388.4 | | none
        CenterNet W64           | 127.7 | 318.5 | | none
        """,
    ),
)
IMAGENET = Printed(
    'Classification, ImageNet: Tables XV and XVI (TPAMI), README',
    'modelsummary',
    rows(
        IMAGE,
        """
        ResNet-38             | 28.3  | 3.80 | resnet38_imagenet                  |
        HRNet-W18-C           | 21.3  | 3.99 | hrnet_w18_c_imagenet               |
        ResNet-72             | 48.4  | 7.46 | resnet72_imagenet                  |
        HRNet-W30-C           | 37.7  | 7.55 | hrnet_w30_c_imagenet               |
        ResNet-106            | 64.9  | 11.1 | resnet106_imagenet                 |
        HRNet-W40-C           | 57.6  | 11.8 | hrnet_w40_c_imagenet               |
        ResNet-50             | 25.6  | 3.82 | resnet50_imagenet                  |
        HRNet-W44-C (bottleneck) | 21.9 | 3.90 | hrnet_w44_bottleneck_c_imagenet  |
        ResNet-101            | 44.6  | 7.30 | resnet101_imagenet                 | last
        HRNet-W76-C           | 40.8  | 7.30 | hrnet_w76_bottleneck_c_imagenet    |
        ResNet-152            | 60.2  | 10.7 | resnet152_imagenet                 |
        HRNet-W96-C           | 57.5  | 10.2 | hrnet_w96_bottleneck_c_imagenet    |
        HRNet-W18-C-small-v1  | 13.2  | 1.49 | hrnet_w18_small_v1_c_imagenet      |
        HRNet-W18-C-small-v2  | 15.6  | 2.42 | hrnet_w18_small_v2_c_imagenet      |
        HRNet-W32-C           | 41.2  | 8.31 | hrnet_w32_c_imagenet               |
        HRNet-W44-C (3x3)     | 67.1  | 13.9 | hrnet_w44_c_imagenet               |
        HRNet-W48-C           | 77.5  | 16.1 | hrnet_w48_c_imagenet               |
        HRNet-W64-C           | 128.1 | 26.9 | hrnet_w64_c_imagenet               |
        HRNet-W27-Ci          | 21.4  | 5.55 | hrnet_w27_ci_imagenet |
        HRNet-W25-Cii         | 21.7  | 5.04 | hrnet_w25_cii_imagenet |
        HRNet-W36-Ci          | 37.5  | 9.00 | hrnet_w36_ci_imagenet |
        HRNet-W34-Cii         | 36.7  | 8.29 | hrnet_w34_cii_imagenet |
        HRNet-W45-Ci          | 58.2  | 13.4 | hrnet_w45_ci_imagenet |
        HRNet-W43-Cii         | 56.3  | 12.5 | hrnet_w43_cii_imagenet |
        """,
    ),
)
TABLES = (
    *(POSE, MPII, FACE, CITYSCAPES, CROPS),
    *(FASTER, DETECTORS, IMAGENET),
)
