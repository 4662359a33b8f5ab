"""FCOS on HRNetV2p-W32, COCO, 1x, for the weights that mmdet publishes.

Not a row of the papers: mmdet trained these weights on BGR images.
Metafile of mmdet 3.3.0, val2017: AP 39.5.

Use fcos_hrnetv2p_w32_1x.py to train: it gives the network RGB, as its ImageNet weights expect.

    python tools/test.py configs/fcos_hrnetv2p_w32_1x_mmdet.py https://download.openmmlab.com/mmdetection/v2.0/hrnet/fcos_hrnetv2p_w32_gn-head_4x4_1x_coco/fcos_hrnetv2p_w32_gn-head_4x4_1x_coco_20201211_134730-cb8055c0.pth
    python tools/train.py configs/fcos_hrnetv2p_w32_1x_mmdet.py          # to train these weights further
    tools/dist_train.sh configs/fcos_hrnetv2p_w32_1x_mmdet.py 8          # 8 GPUs x 2 images
"""

_base_ = ['fcos_hrnetv2p_w32_1x.py', '_base_/fcos_mmdet.py']

model = _base_.fcos_mmdet
