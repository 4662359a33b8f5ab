"""HRNetV2-W18, COFW facial landmarks, 256x256.

Tables XX to XXIV of arXiv 1908.07919, test: NME 3.45.
README of HRNet-Facial-Landmark-Detection, test: NME 3.45.

Its failure rate at 0.1 (0.19 in the paper) is not among mmpose's metrics.

    python tools/train.py configs/topdown_hrnetv2_w18_cofw_256x256.py     # as in the paper: 1 GPU x 16 images
"""

_base_ = '_base_/topdown_hrnetv2_face.py'

dataset_type = 'COFWDataset'
data_root = 'data/cofw/'

model = dict(head=dict(out_channels=29))
train_dataloader = dict(
    dataset=dict(
        type=dataset_type, data_root=data_root, ann_file='annotations/cofw_train.json'
    )
)
val_dataloader = dict(
    dataset=dict(
        type=dataset_type, data_root=data_root, ann_file='annotations/cofw_test.json'
    )
)
test_dataloader = val_dataloader
