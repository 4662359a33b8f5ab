"""20 epochs, learning rate / 10 after epochs 16 and 19 (Cascade R-CNN, HTC).

280,000 iterations of 8 images in the paper of Cascade R-CNN are 20 epochs of COCO.
"""

_base_ = 'schedule_1x.py'

train_cfg = dict(max_epochs=20)
param_scheduler = [
    dict(type='LinearLR', start_factor=1 / 3, by_epoch=False, begin=0, end=500),
    dict(
        type='MultiStepLR',
        by_epoch=True,
        begin=0,
        end=20,
        milestones=[16, 19],
        gamma=0.1,
    ),
]
