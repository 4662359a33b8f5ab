"""FCOS on HRNetV2p-W32, COCO, 2x.

Table XXV of arXiv 1908.07919, val2017: AP 40.3, AP50 58.7, AP75 43.3, APS 23.6, APM 43.4, APL 52.9.
Table XI of arXiv 1908.07919, test-dev: AP 40.5, AP50 59.3, AP75 43.3, APS 23.4, APM 42.6, APL 51.0.

Table IX prints 41.9 for W32 2x: that was trained on several scales, see fcos_hrnetv2p_w32_ms_2x.py.

    python tools/train.py configs/fcos_hrnetv2p_w32_2x.py          # one GPU, or a CPU
    tools/dist_train.sh configs/fcos_hrnetv2p_w32_2x.py 8          # as in the paper: 8 GPUs x 2 images
"""

_base_ = ['_base_/fcos_hrnetv2p.py', '_base_/schedule_fcos_2x.py']

model = dict(
    backbone=dict(
        arch='w32', init_cfg=dict(checkpoint='open-mmlab://msra/hrnetv2_w32')
    ),
    neck=dict(arch='w32'),
)
