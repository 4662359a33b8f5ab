"""FCOS on HRNetV2p-W40, COCO, multi-scale training, 2x, for the weights that mmdet publishes.

Not a row of the papers: mmdet trained these weights on BGR images.
Metafile of mmdet 3.3.0, val2017: AP 42.7.

Use fcos_hrnetv2p_w40_ms_2x.py to train: it gives the network RGB, as its ImageNet weights expect.

    python tools/test.py configs/fcos_hrnetv2p_w40_ms_2x_mmdet.py https://download.openmmlab.com/mmdetection/v2.0/hrnet/fcos_hrnetv2p_w40_gn-head_mstrain_640-800_4x4_2x_coco/fcos_hrnetv2p_w40_gn-head_mstrain_640-800_4x4_2x_coco_20201212_124752-f22d2ce5.pth
    python tools/train.py configs/fcos_hrnetv2p_w40_ms_2x_mmdet.py          # to train these weights further
    tools/dist_train.sh configs/fcos_hrnetv2p_w40_ms_2x_mmdet.py 8          # 8 GPUs x 2 images
"""

_base_ = ['fcos_hrnetv2p_w40_ms_2x.py', '_base_/fcos_mmdet.py']

model = _base_.fcos_mmdet
