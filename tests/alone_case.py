"""A process in which torch is installed alone."""

from __future__ import annotations

TOOLBOXES = ('mmengine', 'mmcv', 'mmdet', 'mmseg', 'mmpose', 'mmpretrain')
# As if these were not installed.
ALONE = f"""
import sys
import torch

class NotInstalled:
    def find_spec(self, name, path=None, target=None):
        if name.split('.')[0] in {(*TOOLBOXES, 'torchvision', 'cv2')}:
            raise ModuleNotFoundError(f'No module named {{name!r}}', name=name)

sys.meta_path.insert(0, NotInstalled())
"""
