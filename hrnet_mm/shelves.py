"""Classes wait on shelves for mmengine's registries, so they work without mmengine.

A decorator puts a class on its shelf. `registry.py`, which mmengine imports
automatically when it meets the scope `hrnet_mm`, makes each shelf a registry, with the
classes that are on it by then and those that come later.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any, TypeVar

Kind = TypeVar('Kind', bound=type)


def full_name(kind: type | str) -> str:
    """Return the dotted name of a class; a name is returned unchanged."""
    if isinstance(kind, type):
        return f'{kind.__module__}.{kind.__qualname__}'
    return kind


def short_name(kind: Any) -> str:
    """Return the name of a class without its module or scope.

    Args:
        kind: A config's `type`: a class, or a name such as `mmdet.CocoMetric`.
    """
    return str(full_name(kind)).rpartition('.')[2]


class Shelf:
    """A `Shelf` holds classes of one kind by name, and forwards them to a registry.

    Args:
        *locations: Modules whose import registers all classes.
    """

    def __init__(self, *locations: str) -> None:
        self.locations = list(locations)
        self.classes: dict[str, type] = {}
        self.registry: Any = None

    def register_module(self) -> Callable[[Kind], Kind]:
        """Return a class decorator, like the method of mmengine's `Registry`."""

        def put(kind: Kind) -> Kind:
            self.classes[kind.__name__] = kind
            if self.registry is not None:
                self.registry.register_module(module=kind)
            return kind

        return put

    def move_to(self, registry: Any) -> None:
        """Register all classes, also later ones, in one of mmengine's registries.

        Args:
            registry: Registry that has none of the classes yet.
        """
        self.registry = registry
        for kind in self.classes.values():
            registry.register_module(module=kind)

    def get(self, name: str) -> type:
        """Return the class of a name, importing its module if necessary.

        Raises:
            KeyError: No class has that name.
        """
        for location in self.locations:
            import_module(location)
        return self.classes[name]


MODELS = Shelf('hrnet_mm.models', 'hrnet_mm.compared', 'hrnet_mm.recipes')
WEIGHT_INITIALIZERS = Shelf('hrnet_mm.weights')
