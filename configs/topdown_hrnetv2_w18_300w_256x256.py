"""HRNetV2-W18, 300W facial landmarks, 256x256.

Tables XX to XXIV of arXiv 1908.07919, full: NME 3.32.
README of HRNet-Facial-Landmark-Detection, full: NME 3.34.

The subsets (common 2.87, challenging 5.15, test 3.85 in the paper) have annotation files of
their own: --cfg-options
test_dataloader.dataset.ann_file=annotations/face_landmarks_300w_valid_common.json

    python tools/train.py configs/topdown_hrnetv2_w18_300w_256x256.py     # as in the paper: 1 GPU x 16 images
"""

_base_ = '_base_/topdown_hrnetv2_face.py'

dataset_type = 'Face300WDataset'
data_root = 'data/300w/'

# Narrower targets than the other three.
codec = dict(
    type='MSRAHeatmap', input_size=(256, 256), heatmap_size=(64, 64), sigma=1.0
)
model = dict(head=dict(out_channels=68, decoder=codec))
train_pipeline = _base_.train_pipeline
train_pipeline[5].encoder = codec

train_dataloader = dict(
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        ann_file='annotations/face_landmarks_300w_train.json',
        pipeline=train_pipeline,
    )
)
val_dataloader = dict(
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        ann_file='annotations/face_landmarks_300w_valid.json',
    )
)
test_dataloader = val_dataloader
