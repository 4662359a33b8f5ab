"""Draw what a model finds: boxes, masks, key points, label maps or class names.

python tools/infer.py images/ --out infer/ --config configs/demo_faster_rcnn_hrnetv2p.py
    --weights work_dirs/demo_faster_rcnn_hrnetv2p/epoch_4.pth
"""

import sys

from hrnet_mm.cli.main import tool

if __name__ == '__main__':
    sys.exit(tool('predict', __doc__))
