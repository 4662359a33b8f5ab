"""HRNetV2-W18, WFLW facial landmarks, 256x256.

Tables XX to XXIV of arXiv 1908.07919, test: NME 4.60.
README of HRNet-Facial-Landmark-Detection, test: NME 4.60.

The subsets (pose 7.94, expression 4.85, illumination 4.55, make-up 4.29, occlusion 5.44, blur
5.42 in the paper) have annotation files of their own: --cfg-options
test_dataloader.dataset.ann_file=annotations/face_landmarks_wflw_test_blur.json

    python tools/train.py configs/topdown_hrnetv2_w18_wflw_256x256.py     # as in the paper: 1 GPU x 16 images
"""

_base_ = '_base_/topdown_hrnetv2_face.py'

dataset_type = 'WFLWDataset'
data_root = 'data/wflw/'

model = dict(head=dict(out_channels=98))
train_dataloader = dict(
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        ann_file='annotations/face_landmarks_wflw_train.json',
    )
)
val_dataloader = dict(
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        ann_file='annotations/face_landmarks_wflw_test.json',
    )
)
test_dataloader = val_dataloader
