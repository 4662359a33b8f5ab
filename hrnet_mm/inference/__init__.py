"""Images go in, pictures and JSON come out, for the configs of all toolboxes."""

from .boxes import DetectorBoxes, FileBoxes, whole_images
from .inputs import Picture, Pictures, Video, open_input
from .outputs import Output
from .predictors import Predictor, UnusableError
from .running import infer, print_summary
from .top_down import PosePredictor, predictor_of

__all__ = [
    'DetectorBoxes',
    'FileBoxes',
    'Output',
    'Picture',
    'Pictures',
    'PosePredictor',
    'Predictor',
    'UnusableError',
    'Video',
    'infer',
    'open_input',
    'predictor_of',
    'print_summary',
    'whole_images',
]
