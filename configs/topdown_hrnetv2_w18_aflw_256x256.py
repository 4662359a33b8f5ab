"""HRNetV2-W18, AFLW facial landmarks, 256x256.

Tables XX to XXIV of arXiv 1908.07919, full: NME 1.57.
README of HRNet-Facial-Landmark-Detection, full: NME 1.57.

Distances are in parts of the size of the face's box. The frontal faces (1.46 in the paper)
have an annotation file of their own: --cfg-options
test_dataloader.dataset.ann_file=annotations/face_landmarks_aflw_test_frontal.json
The learning rate is twice that of the other three, as in its official yaml file.

    python tools/train.py configs/topdown_hrnetv2_w18_aflw_256x256.py     # as in the paper: 1 GPU x 16 images
"""

_base_ = '_base_/topdown_hrnetv2_face.py'

dataset_type = 'AFLWDataset'
data_root = 'data/aflw/'

model = dict(head=dict(out_channels=19))
train_dataloader = dict(
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        ann_file='annotations/face_landmarks_aflw_train.json',
    )
)
val_dataloader = dict(
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        ann_file='annotations/face_landmarks_aflw_test.json',
    )
)
test_dataloader = val_dataloader

optim_wrapper = dict(optimizer=dict(lr=2e-4))
val_evaluator = dict(
    _delete_=True, type='NME', norm_mode='use_norm_item', norm_item='bbox_size'
)
test_evaluator = val_evaluator
