"""Online hard example mining, as the official code of HRNet and HRNet+OCR has it.

At least 131,072 pixels of a GPU's batch count: of ADE20K's and COCO-Stuff's
4 x 520 x 520 = 1,081,600 these are 12 %, of Cityscapes' 3 x 512 x 1024 = 1,572,864 1/12.
A config gives a head `loss_decode=_base_.hard_pixels`.
"""

hard_pixels = dict(
    type='hrnet_mm.HardPixelCrossEntropy', threshold=0.9, min_kept=131072
)
