"""COCO 2017 boxes, masks and, to train on, the label maps of COCO-Stuff.

The maps are `stuffthingmaps_trainval2017.zip` of COCO-Stuff, unpacked to
`data/coco/stuffthingmaps/`: one PNG per image with labels 0 to 182, 255 for none.
"""

_base_ = 'coco_instance.py'

train_pipeline = _base_.train_pipeline
train_pipeline[1].with_seg = True

train_dataloader = dict(
    dataset=dict(
        data_prefix=dict(seg='stuffthingmaps/train2017/'),
        pipeline=train_pipeline,
    )
)
