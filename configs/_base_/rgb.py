"""Images as the ImageNet weights know them: RGB of 0 to 255, by ImageNet's mean and std."""

model = dict(
    data_preprocessor=dict(mean=[123.675, 116.28, 103.53], std=[58.395, 57.12, 57.375])
)
