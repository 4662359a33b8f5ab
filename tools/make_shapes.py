"""Write the embedded data set: drawn scenes, no download, equal on every machine.

python tools/make_shapes.py data/coco --layout coco
python tools/make_shapes.py data/cityscapes --layout cityscapes --size 256x512
"""

import sys

from hrnet_mm.cli.main import tool

if __name__ == '__main__':
    sys.exit(tool('shapes', __doc__))
