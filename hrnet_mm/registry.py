"""The project's registries are children of mmengine's, in the scope `hrnet_mm`.

The toolboxes use the bare name `HRNet`, so configs say `type='hrnet_mm.HRNet'`.
mmengine imports this file automatically when it meets that scope, and then imports the
modules in `locations`, which define the classes. This works from mmdet, mmseg, mmpose
and mmpretrain, with and without `custom_imports`. Classes that work without mmengine
come from `shelves.py`.
"""

from mmengine import registry as root
from mmengine.registry import Registry

from . import shelves
from .shelves import Shelf


def child_of(parent: Registry, *locations: str) -> Registry:
    """Return a child registry for the classes that the modules `locations` define."""
    return Registry(
        parent.name, parent=parent, scope='hrnet_mm', locations=list(locations)
    )


def filled_from(shelf: Shelf, parent: Registry) -> Registry:
    """Return a child registry that holds the classes of a shelf."""
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
