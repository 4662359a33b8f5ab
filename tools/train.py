"""Train any config, of any toolbox: one process, or one of several.

python tools/train.py configs/faster_rcnn_hrnetv2p_w32_1x.py
tools/dist_train.sh configs/faster_rcnn_hrnetv2p_w32_1x.py 8
"""

import sys

from hrnet_mm.cli.main import tool

if __name__ == '__main__':
    sys.exit(tool('train', __doc__))
