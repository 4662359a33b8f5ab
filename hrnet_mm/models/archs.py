"""Each published network is one line of a table, `ARCHS`.

OpenMMLab's form of the same architectures, the dict `extra`, is read here too.
HRNet: https://arxiv.org/abs/1908.07919, Table XIV and Section 3.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

from .layers import BLOCKS


class Stage(NamedTuple):
    """A `Stage` describes modules in sequence, each with the same parallel streams.

    Attributes:
        modules: Multi-resolution modules in sequence, at least 1.
        block: Residual unit, `'basic'` or `'bottleneck'`.
        depths: Residual units of each stream, from high to low resolution.
        widths: Channels of each stream before the block's expansion, same order.
    """

    modules: int
    block: str
    depths: tuple[int, ...]
    widths: tuple[int, ...]

    @property
    def out_channels(self) -> tuple[int, ...]:
        """Return the output channels of each stream, from high to low resolution."""
        return tuple(width * BLOCKS[self.block].expansion for width in self.widths)


Arch: TypeAlias = 'tuple[Stage, Stage, Stage, Stage]'


def hrnet_arch(
    width: int,
    modules: tuple[int, int, int, int] = (1, 1, 4, 3),
    depth: tuple[int, int, int, int] = (4, 4, 4, 4),
    stage1_width: int = 64,
    block: str = 'basic',
) -> Arch:
    """Return the four stages of an HRNet whose high-resolution stream has one width.

    Stage n has n streams; those of stage 4 have C, 2C, 4C and 8C channels. So one
    integer describes a whole network.

    Args:
        width: C, channels of the high-resolution stream before expansion.
        modules: Multi-resolution modules of stages 1 to 4.
        depth: Residual units per stream of stages 1 to 4.
        stage1_width: Channels of stage 1 before the expansion by 4.
        block: Residual unit of stages 2 to 4; stage 1 always has bottlenecks.

    Example:
        >>> hrnet_arch(32) == ARCHS['w32']
        True
        >>> for stage in hrnet_arch(32):
        ...     print(stage.modules, stage.block, stage.out_channels)
        1 bottleneck (256,)
        1 basic (32, 64)
        4 basic (32, 64, 128)
        3 basic (32, 64, 128, 256)
    """
    stage1 = Stage(modules[0], 'bottleneck', (depth[0],), (stage1_width,))

    def later(n: int) -> Stage:
        return Stage(
            modules[n - 1],
            block,
            depths=(depth[n - 1],) * n,
            widths=tuple(width * 2**r for r in range(n)),
        )

    return stage1, later(2), later(3), later(4)


ARCHS: dict[str, Arch] = {
    # Its high-resolution stream has 16 channels, whatever the name says.
    'w18_small_v1': hrnet_arch(16, (1, 1, 1, 1), (1, 2, 2, 2), stage1_width=32),
    'w18_small_v2': hrnet_arch(18, (1, 1, 3, 2), (2, 2, 2, 2)),
    'w18': hrnet_arch(18),
    'w30': hrnet_arch(30),
    'w32': hrnet_arch(32),
    'w40': hrnet_arch(40),
    'w44': hrnet_arch(44),
    'w48': hrnet_arch(48),
    'w64': hrnet_arch(64),
    # Table XV, lower half: bottlenecks widen by 4, so they are built for W/4 channels
    # and the streams have W, 2W, 4W and 8W.
    'w44_bottleneck': hrnet_arch(44 // 4, block='bottleneck'),
    'w76_bottleneck': hrnet_arch(76 // 4, block='bottleneck'),
    'w96_bottleneck': hrnet_arch(96 // 4, block='bottleneck'),
}

EXTRA_KEYS = {
    'num_modules': 'modules',
    'block': 'block',
    'num_blocks': 'depths',
    'num_channels': 'widths',
    'num_branches': None,  # follows from the lengths of the two lists above
}


def resolve_arch(
    arch: str | Sequence[Stage] | None = None,
    extra: Mapping[str, Any] | None = None,
) -> Arch:
    """Return the four stages that `arch` or `extra` describes.

    Exactly one of the two must be given.

    Args:
        arch: A name in `ARCHS`, or four `Stage` tuples (or plain tuples of their
            fields).
        extra: OpenMMLab's dict with the keys `stage1` to `stage4`.

    Raises:
        ValueError: Both or neither are given, the name is unknown, or the stages do not
            describe a network.

    Example:
        >>> resolve_arch('w18')[-1].widths
        (18, 36, 72, 144)
        >>> resolve_arch(ARCHS['w18']) == resolve_arch('w18')
        True
        >>> resolve_arch('w31')  # doctest: +ELLIPSIS
        Traceback (most recent call last):
        ValueError: unknown arch 'w31'; known are w18_small_v1, ...
    """
    if extra is not None and arch is None:
        return from_extra(extra)
    if arch is None or extra is not None:
        raise ValueError(
            f'give exactly one of arch and extra, got arch={arch!r}, extra={extra!r}. '
            "arch='w32' is the short form; extra is OpenMMLab's dict of four stages"
        )
    if isinstance(arch, str):
        if arch not in ARCHS:
            raise ValueError(f'unknown arch {arch!r}; known are {", ".join(ARCHS)}')
        return ARCHS[arch]
    return _checked(arch)


def from_extra(extra: Mapping[str, Any]) -> Arch:
    """Return the four stages that OpenMMLab's `extra` dict describes.

    Two keys of mmpose do not belong to the architecture and are left to `HRNet`:
    `upsample`, and `multiscale_output` in `stage4`.

    Raises:
        ValueError: A key is unknown or missing, or the lengths of two lists disagree.
            The message names the key.
    """
    names = ['stage1', 'stage2', 'stage3', 'stage4']
    _check_keys('extra', extra, required=names, optional=['upsample'])
    return _checked([_stage_from_extra(f'extra.{name}', extra[name]) for name in names])


def _stage_from_extra(where: str, stage: Mapping[str, Any]) -> Stage:
    optional = ['multiscale_output'] if where.endswith('stage4') else []
    _check_keys(where, stage, required=list(EXTRA_KEYS), optional=optional)
    for key in ('num_blocks', 'num_channels'):
        if len(stage[key]) != stage['num_branches']:
            raise ValueError(
                f'{where}.{key} has {len(stage[key])} entries, {tuple(stage[key])}, '
                f'but num_branches is {stage["num_branches"]}: give one per branch'
            )
    block = str(stage['block']).lower()
    values = {field: stage[key] for key, field in EXTRA_KEYS.items() if field}
    return Stage(**{**values, 'block': block})


def _check_keys(
    where: str, found: Mapping[str, Any], required: list[str], optional: list[str]
) -> None:
    unknown = [key for key in found if key not in required + optional]
    missing = [key for key in required if key not in found]
    if unknown:
        raise ValueError(
            f'{where} has the unknown key {unknown[0]!r} (= {found[unknown[0]]!r}); '
            f'allowed are {", ".join(required + optional)}'
        )
    if missing:
        raise ValueError(
            f'{where} lacks the key {missing[0]!r}; needed are {", ".join(required)}'
        )


def _checked(stages: Sequence[Stage]) -> Arch:
    if len(stages) != 4:
        raise ValueError(f'an HRNet has 4 stages, got {len(stages)}: {stages!r}')
    for n, fields in enumerate(stages, start=1):
        if len(fields) != len(Stage._fields):
            raise ValueError(
                f'stage {n} must be ({", ".join(Stage._fields)}), got {fields!r}'
            )
    arch = tuple(
        Stage(modules, block, tuple(depths), tuple(widths))
        for modules, block, depths, widths in stages
    )
    for n, stage in enumerate(arch, start=1):
        _check_stage(f'stage {n}', stage)
    counts = [len(stage.widths) for stage in arch]
    if counts[0] != 1 or arch[0].modules != 1 or counts != sorted(counts):
        raise ValueError(
            'stage 1 is one module of one stream, and no stage has fewer streams than '
            f'the one before; got {counts} streams and {arch[0].modules} modules'
        )
    return arch[0], arch[1], arch[2], arch[3]


def _check_stage(where: str, stage: Stage) -> None:
    if stage.block not in BLOCKS:
        raise ValueError(
            f'{where}: unknown block {stage.block!r}; known are {", ".join(BLOCKS)}'
        )
    if len(stage.depths) != len(stage.widths):
        raise ValueError(
            f'{where}: {len(stage.depths)} depths {stage.depths} but '
            f'{len(stage.widths)} widths {stage.widths}: give one of each per stream'
        )
    numbers = (stage.modules, *stage.depths, *stage.widths)
    if not stage.widths or not all(isinstance(n, int) and n > 0 for n in numbers):
        raise ValueError(
            f'{where}: modules, depths and widths are integers >= 1: {stage}'
        )


def name_of(arch: Sequence[Stage]) -> str | None:
    """Return the name of four stages in `ARCHS`, or None if they have no name."""
    return next((name for name, known in ARCHS.items() if known == tuple(arch)), None)
