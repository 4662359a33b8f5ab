"""A checkpoint of any known form in the form of another code base.

python tools/convert.py hrnet_cs_8090_torch11.pth w48_mmseg.pth --to mmseg
python tools/convert.py hrnet_w32_imagenet hrnet_w32.safetensors --to timm
python tools/convert.py work_dirs/pose/epoch_210.pth pose.pth --to official

The form is recognized by the names of the tensors, the network by their shapes. Where
the other code base has no such model, it gets the backbone alone, for its
init_cfg=dict(type='Pretrained', checkpoint='...'). docs/checkpoints.md has all forms.
"""

import sys

from hrnet_mm.cli.main import tool

if __name__ == '__main__':
    sys.exit(tool('convert', __doc__))
