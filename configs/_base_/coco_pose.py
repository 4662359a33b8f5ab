"""COCO 2017 key points at 256x192 with the augmentation of the HRNet papers.

As the official JointsDataset does it, COCO's yaml files: boxes 1.25 times as large as the
person, half bodies, flips, sizes between 0.65 and 1.35, rotations up to 90 degrees, no
shifts. Boxes of the evaluation are a detector's (person AP 56.4 on val2017).

Elsewhere on your disk: `--cfg-options data_root=/path/to/coco/` moves every path below.
`python tools/make_shapes.py data/coco --layout coco-pose` makes a small data set of this
form.
"""

_base_ = 'pose.py'

dataset_type = 'CocoDataset'
data_root = 'data/coco/'
# (width, height); 192 x 256 / 4 = 48 x 64
codec = dict(type='MSRAHeatmap', input_size=(192, 256), heatmap_size=(48, 64), sigma=2)

train_pipeline = _base_.train_pipeline
test_pipeline = _base_.test_pipeline
train_pipeline[3].update(scale=0.35, rotation=45)
train_pipeline[-3].input_size = test_pipeline[-2].input_size = codec['input_size']
train_pipeline[-2].encoder = codec
# The official rule: more than 8 labelled joints; the upper body if it has more than
# 2 and randn() < 0.5, whose probability is 0.6915; else the lower one.
train_pipeline.insert(
    3,
    dict(
        type='RandomHalfBody',
        prob=0.3,
        min_total_keypoints=9,
        min_upper_keypoints=3,
        min_lower_keypoints=3,
        upper_prioritized_prob=0.6915,
        padding=1.5,
    ),
)

train_dataloader = dict(
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        ann_file='annotations/person_keypoints_train2017.json',
        data_prefix=dict(img='train2017/'),
        pipeline=train_pipeline,
    ),
)
val_dataloader = dict(
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        ann_file='annotations/person_keypoints_val2017.json',
        # Ground-truth boxes instead:  --cfg-options test_dataloader.dataset.bbox_file=None
        bbox_file=data_root
        + 'person_detection_results/COCO_val2017_detections_AP_H_56_person.json',
        data_prefix=dict(img='val2017/'),
        pipeline=test_pipeline,
    ),
)
test_dataloader = val_dataloader

# A person's score is the box's times the mean of the joints above 0.2.
val_evaluator = dict(
    type='CocoMetric',
    ann_file=data_root + 'annotations/person_keypoints_val2017.json',
    score_mode='bbox_keypoint',
    keypoint_score_thr=0.2,
    nms_mode='oks_nms',
    nms_thr=0.9,
)
test_evaluator = val_evaluator
