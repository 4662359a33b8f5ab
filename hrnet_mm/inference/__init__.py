"""Images in, pictures and JSON out, for the configs of all toolboxes."""

from .boxes import DetectorBoxes, FileBoxes, whole_images
from .inputs import Picture, Pictures, Video, open_input
from .outputs import Output
from .people import PosePredictor, predictor_of
from .predictors import Predictor, UnreadableError
from .running import infer, print_summary

__all__ = [
    'DetectorBoxes',
    'FileBoxes',
    'Output',
    'Picture',
    'Pictures',
    'PosePredictor',
    'Predictor',
    'UnreadableError',
    'Video',
    'infer',
    'open_input',
    'predictor_of',
    'print_summary',
    'whole_images',
]
