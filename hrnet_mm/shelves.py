"""Classes that wait for mmengine's registries, so that nobody has to import mmengine.

A decorator puts a class on its shelf. `registry.py`, which mmengine imports by itself
when it meets the scope `hrnet_mm`, makes a registry of each shelf: of the classes that
are on it by then, and of those that come later.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any, TypeVar

Kind = TypeVar('Kind', bound=type)


class Shelf:
    """Classes of one sort, by name, and the registry that has them too.

    Args:
        *locations: Modules whose import puts all classes here.
    """

    def __init__(self, *locations: str) -> None:
        self.locations = list(locations)
        self.classes: dict[str, type] = {}
        self.registry: Any = None

    def register_module(self) -> Callable[[Kind], Kind]:
        """Return a decorator of classes, as that of mmengine's `Registry`."""

        def put(kind: Kind) -> Kind:
            self.classes[kind.__name__] = kind
            if self.registry is not None:
                self.registry.register_module(module=kind)
            return kind

        return put

    def move_to(self, registry: Any) -> None:
        """Give all classes, those that come later too, to one of mmengine's registries.

        Args:
            registry: It has none of them yet.
        """
        self.registry = registry
        for kind in self.classes.values():
            registry.register_module(module=kind)

    def get(self, name: str) -> type:
        """Return the class of a name, imported if need be.

        Raises:
            KeyError: There is none.
        """
        for location in self.locations:
            import_module(location)
        return self.classes[name]


MODELS = Shelf('hrnet_mm.models', 'hrnet_mm.compared', 'hrnet_mm.recipes')
WEIGHT_INITIALIZERS = Shelf('hrnet_mm.weights')
