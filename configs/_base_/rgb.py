"""Images as the ImageNet weights know them: ImageNet's means and deviations, RGB, 0 to 255."""

model = dict(
    data_preprocessor=dict(mean=[123.675, 116.28, 103.53], std=[58.395, 57.12, 57.375])
)
