"""mmseg tests like this on ADE20K: at a short side of 512, with --tta at six sizes of it.

A config gives `mmseg_scale` and `mmseg_sizes` to its pipelines.
"""

mmseg_scale = (2048, 512)
mmseg_sizes = [
    dict(
        type='Resize',
        scale=(int(2048 * factor), int(512 * factor)),
        keep_ratio=True,
    )
    for factor in (0.5, 0.75, 1.0, 1.25, 1.5, 1.75)
]
