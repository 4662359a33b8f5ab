"""20 epochs, learning rate / 10 after epochs 16 and 19 (Cascade R-CNN, HTC).

280,000 iterations of 8 images in the paper of Cascade R-CNN are 20 epochs of COCO.
"""

_base_ = 'schedule_1x.py'

train_cfg = dict(max_epochs=20)
param_scheduler = _base_.param_scheduler
param_scheduler[1].update(end=20, milestones=[16, 19])
