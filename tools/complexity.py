"""Parameters, multiply-adds and activations of any config, at any input size.

python tools/complexity.py configs/fcn_hrnetv2_w48_cityscapes.py
python tools/complexity.py configs/fcn_hrnetv2_w48_cityscapes.py --shape 512 1024
python tools/complexity.py --paper

True units: M is 1e6, G is 1e9. Multiply-adds are those of convolutions, linear layers
and matrix products, one for each multiplication with its addition. Activations are the
elements that these put out. Nothing is computed: no weights, no data, no accelerator.
Detectors with RoI heads: 1000 proposals, 100 masks.

--paper prints the papers' tables with our counts by the rule of each table, and in
true units:
  modelsummary  convolutions and linear layers; G is 2^30; a transposed convolution
                counts its kernel at each output pixel
  faster        the same with 512 proposals, without the last two layers; M is 2^20,
                without BatchNorm's parameters
  mmcv          also 2 per normed element, ReLU, up-sampling and bias; 1e6, 1e9
The ratio is ours by the rule to the printed G.
"""

import sys

from hrnet_mm.cli.main import tool

if __name__ == '__main__':
    sys.exit(tool('complexity', __doc__))
