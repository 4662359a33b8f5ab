"""The demonstrations train like this: from scratch, in minutes, on images of a generator.

A config takes from `demo` what its task needs, and adds the number of epochs.
"""

demo = dict(
    data_preprocessor=dict(mean=[127.5] * 3, std=[64.0] * 3),
    # The images are small: loading them here leaves both cores to the network.
    loader=dict(num_workers=0, persistent_workers=False),
    optim_wrapper=dict(
        type='OptimWrapper',
        optimizer=dict(type='AdamW', lr=2e-3, weight_decay=0.05, fused=True),
    ),
    param_scheduler=[
        dict(type='LinearLR', start_factor=0.1, by_epoch=False, begin=0, end=20),
        # To 0, by iteration; with T_max, in epochs
        dict(type='CosineAnnealingLR', by_epoch=True, convert_to_iter_based=True),
    ],
    custom_hooks=[dict(type='hrnet_mm.ChannelsLastHook')],
)
