"""The project's registries: children of mmengine's, in the scope `hrnet_mm`.

The toolboxes own the bare name `HRNet`, so configs say `type='hrnet_mm.HRNet'`.
mmengine imports this file by itself when it meets that scope, and `locations` then
import the classes: it works from mmdet, mmseg, mmpose and mmpretrain, with and without
`custom_imports`.
"""

from mmengine import registry as root
from mmengine.registry import Registry


def child_of(parent: Registry, location: str) -> Registry:
    """A registry for the classes that importing `location` defines."""
    return Registry(parent.name, parent=parent, scope='hrnet_mm', locations=[location])


MODELS = child_of(root.MODELS, 'hrnet_mm.models')
WEIGHT_INITIALIZERS = child_of(root.WEIGHT_INITIALIZERS, 'hrnet_mm.checkpoints')
HOOKS = child_of(root.HOOKS, 'hrnet_mm.engine')
OPTIM_WRAPPERS = child_of(root.OPTIM_WRAPPERS, 'hrnet_mm.engine')
TRANSFORMS = child_of(root.TRANSFORMS, 'hrnet_mm.transforms')
