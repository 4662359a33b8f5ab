from .layouts import LAYOUTS, make_shapes
from .scenes import SHAPE_CLASSES
from .streets import STREET_CLASSES

__all__ = ['LAYOUTS', 'SHAPE_CLASSES', 'STREET_CLASSES', 'make_shapes']
