"""Evaluate a checkpoint of any config, of any toolbox.

python tools/test.py configs/faster_rcnn_hrnetv2p_w32_1x.py work_dirs/.../epoch_12.pth
"""

import sys

from hrnet_mm.cli.main import tool

if __name__ == '__main__':
    sys.exit(tool('test', __doc__))
