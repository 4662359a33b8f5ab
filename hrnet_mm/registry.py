"""The project's registries: children of mmengine's, in the scope `hrnet_mm`.

The toolboxes own the bare name `HRNet`, so configs say `type='hrnet_mm.HRNet'`.
mmengine imports this file by itself when it meets that scope, and `locations` then
import the classes: it works from mmdet, mmseg, mmpose and mmpretrain, with and without
`custom_imports`. Classes that need no mmengine come from `shelves.py`.
"""

from mmengine import registry as root
from mmengine.registry import Registry

from . import shelves
from .shelves import Shelf


def child_of(parent: Registry, *locations: str) -> Registry:
    """A registry for the classes that importing `locations` defines."""
    return Registry(
        parent.name, parent=parent, scope='hrnet_mm', locations=list(locations)
    )


def filled_from(shelf: Shelf, parent: Registry) -> Registry:
    """A registry for the classes of a shelf."""
    registry = child_of(parent, *shelf.locations)
    shelf.move_to(registry)
    return registry


MODELS = filled_from(shelves.MODELS, root.MODELS)
WEIGHT_INITIALIZERS = filled_from(shelves.WEIGHT_INITIALIZERS, root.WEIGHT_INITIALIZERS)
HOOKS = child_of(root.HOOKS, 'hrnet_mm.training')
OPTIM_WRAPPERS = child_of(root.OPTIM_WRAPPERS, 'hrnet_mm.training')
TRANSFORMS = child_of(
    root.TRANSFORMS, 'hrnet_mm.recipes.augmentation', 'hrnet_mm.recipes.label_maps'
)
