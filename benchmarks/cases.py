"""A case is one network on one input, with the name that reports use."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

from hrnet_mm.errors import UserError


class Case(NamedTuple):
    """A `Case` describes a network and its input, which are timed.

    Attributes:
        name: Name in `--cases` and in the tables.
        task: `'detection'` (with the pyramid), `'pose'` (with the heat maps),
            `'segmentation'` (with the logits) or `'classification'`.
        arch: Name in `hrnet_mm.models.ARCHS`.
        shape: Number of images, height and width in pixels.
        training: True for a forward and a backward pass, False for a forward pass that
            keeps nothing.
        compiled: True if rows that compile belong to it; each takes a minute.
        curve: True for a point of the curve over the image area, which is not compared
            with float64.
    """

    name: str
    task: str
    arch: str
    shape: tuple[int, int, int]
    training: bool = False
    compiled: bool = False
    curve: bool = False

    @property
    def kind(self) -> str:
        """Return the title of the table that shows the case."""
        if self.curve:
            return 'area'
        return 'training' if self.training else self.task

    @property
    def norm_eval(self) -> bool:
        """Return True if it trains with running statistics, as detectors do."""
        return self.training and self.task == 'detection'

    @property
    def cost(self) -> float:
        """Return roughly the number of operations, without a unit.

        It serves to estimate the time that remains.
        """
        width = int(self.arch.split('_')[0][1:])
        images, height, w = self.shape
        return images * height * w * width**2 * (3 if self.training else 1)


def detection(arch: str, height: int, width: int) -> Case:
    """Make the case of backbone and pyramid on one image."""
    shape = (1, height, width)
    compiled = (arch, height) == ('w32', 512)
    return Case(
        f'det_{arch}_{height}x{width}', 'detection', arch, shape, compiled=compiled
    )


def area(arch: str, side: int, prefix: str = '') -> Case:
    """Make the case of backbone and pyramid on a square image.

    It is a point of the curve over the image area.
    """
    name = f'{prefix}area_{arch}_{side}'
    return Case(name, 'detection', arch, (1, side, side), curve=True)


SIZES = ((512, 640), (800, 1344))
SIDES = (256, 384, 512, 768, 1024, 1536, 2048)
CASES = (
    *(detection(arch, *size) for arch in ('w18', 'w32', 'w48') for size in SIZES),
    Case('pose_w32_b1', 'pose', 'w32', (1, 256, 192), compiled=True),
    Case('pose_w32_b32', 'pose', 'w32', (32, 256, 192)),
    Case('seg_w48', 'segmentation', 'w48', (1, 512, 1024)),
    Case('cls_w18_b1', 'classification', 'w18', (1, 224, 224)),
    Case('cls_w18_b32', 'classification', 'w18', (32, 224, 224)),
    Case('train_det_w32', 'detection', 'w32', (2, 384, 512), True, compiled=True),
    Case('train_pose_w32', 'pose', 'w32', (16, 256, 192), training=True),
    Case('train_seg_w48', 'segmentation', 'w48', (1, 512, 1024), training=True),
    *(area('w32', side) for side in SIDES),
)
SMALL = 'w18_small_v1'
# Every kind of table in two minutes; torch.compile alone would take one.
QUICK = (
    Case('quick_det', 'detection', SMALL, (1, 128, 160)),
    Case('quick_pose', 'pose', SMALL, (2, 128, 96)),
    Case('quick_seg', 'segmentation', SMALL, (1, 128, 256)),
    Case('quick_cls', 'classification', SMALL, (1, 96, 96)),
    Case('quick_train_det', 'detection', SMALL, (1, 96, 128), True),
    Case('quick_train_pose', 'pose', SMALL, (2, 128, 96), True),
    *(area(SMALL, side, 'quick_') for side in (64, 128, 192, 256)),
)


def in_order(by_name: dict[str, Any]) -> dict[str, Any]:
    """Put what belongs to cases in the order of `CASES`, then of `QUICK`."""
    names = [case.name for case in (*CASES, *QUICK)]
    return {name: by_name[name] for name in names if name in by_name}


def choose(cases: Sequence[Case], patterns: Sequence[str] | None) -> list[Case]:
    """Return the cases that any pattern matches, in their order.

    Args:
        cases: `CASES` or `QUICK`.
        patterns: Names, or patterns such as `det_*`; None for all cases.

    Raises:
        UserError: A pattern matches no case.
    """
    names = [case.name for case in cases]
    chosen = matching(names, patterns, '--cases')
    return [case for case in cases if case.name in chosen]


def matching(
    names: Sequence[str], patterns: Sequence[str] | None, option: str
) -> list[str]:
    """Return the names that any pattern matches, in their order; None matches all.

    Raises:
        UserError: A pattern matches no name.
    """
    if patterns is None:
        return list(names)
    for pattern in patterns:
        if not any(fnmatchcase(name, pattern) for name in names):
            raise UserError(
                f'{option} {pattern} is none of: {", ".join(names)}\n'
                "Patterns such as '*w32*' are welcome; --list describes all"
            )
    return [name for name in names if any(fnmatchcase(name, each) for each in patterns)]
