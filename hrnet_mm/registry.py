"""The project's registries: children of mmengine's, in the scope `hrnet_mm`.

The toolboxes own the bare name `HRNet`, so configs say `type='hrnet_mm.HRNet'`. mmengine
imports this file by itself when it meets that scope, and `locations` then import the
classes: it works from mmdet, mmseg, mmpose and mmpretrain, with and without
`custom_imports`.
"""

from mmengine.registry import HOOKS as MMENGINE_HOOKS
from mmengine.registry import MODELS as MMENGINE_MODELS
from mmengine.registry import OPTIM_WRAPPERS as MMENGINE_OPTIM_WRAPPERS
from mmengine.registry import Registry

MODELS = Registry(
    'model', parent=MMENGINE_MODELS, scope='hrnet_mm', locations=['hrnet_mm.models']
)
HOOKS = Registry(
    'hook', parent=MMENGINE_HOOKS, scope='hrnet_mm', locations=['hrnet_mm.engine']
)
OPTIM_WRAPPERS = Registry(
    'optimizer_wrapper',
    parent=MMENGINE_OPTIM_WRAPPERS,
    scope='hrnet_mm',
    locations=['hrnet_mm.engine'],
)
