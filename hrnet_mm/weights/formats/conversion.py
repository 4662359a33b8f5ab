"""A recognized checkpoint in another form, for other people's code."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from ...errors import UserError
from ..tensor_names import first, part_of
from . import (
    official_classification as classification,
)
from . import (
    official_detection as detection,
)
from . import (
    official_maskrcnn as maskrcnn,
)
from . import (
    official_pose as pose,
)
from . import (
    official_segmentation as segmentation,
)
from .form import BACKBONE, Format, Tensors, renamed
from .recognition import FAMILIES, Recognized

OURS = Format(name='ours', task=None, marks=(), upsample=(), renames=())
# Of those that are not ours, by task; the first that has a name for every tensor.
WRITTEN: dict[str, dict[str | None, tuple[Format, ...]]] = {
    'timm': dict(classification=(classification.TIMM,)),
    'official': dict(
        classification=(classification.OFFICIAL,),
        detection=(detection.OFFICIAL, detection.OFFICIAL_ONE_STAGE),
        segmentation=(segmentation.OCR, segmentation.OFFICIAL),
        pose=(pose.FACE, pose.OFFICIAL),
    ),
}
# Written if they were read; no other code base has their heads.
BENCHMARK = {form.name: form for form in (maskrcnn.MASKRCNN_BENCHMARK, maskrcnn.FCOS)}
BENCHMARK_HEADS = ('rpn.', 'roi_heads.')
FCOS_HEAD = 'bbox_head.conv_cls.'  # which the official detectors do not have


def convert(recognized: Recognized, to: str) -> Tensors:
    """The tensors in the form of another code base.

    Of a model for a task that it has, the whole model; otherwise the backbone alone,
    without `backbone.` in front, as `init_cfg` of a backbone wants it. Where their form
    has biases that are folded into norms here, these are zeros.

    Args:
        recognized: An HRNet, alone or in a model.
        to: `'official'`, `'timm'`, `'mmdet'`, `'mmseg'`, `'mmpose'` or `'mmpretrain'`,
            each in its latest version; `'hrnet_mm'` for our own names.

    Raises:
        UserError: It is no HRNet, or there is no such code base.
    """
    if to not in FAMILIES:
        raise UserError(f'cannot convert to {to!r}; expected {", ".join(FAMILIES)}')
    if recognized.format == 'plain':
        raise UserError(
            'there is nothing to convert: the checkpoint is no HRNet, as it has no '
            f'stage4. Its names are {first(recognized.tensors)}'
        )
    form = target(recognized, to)
    return form.write(_kept(recognized, form))


def target(recognized: Recognized, to: str) -> Format:
    """The form to write, `OURS` or `BACKBONE` among them."""
    whole = any(not name.startswith('backbone.') for name in recognized.tensors)
    if to == 'hrnet_mm':
        return OURS
    if not whole or recognized.task not in {form.task for form in FAMILIES[to]}:
        return BACKBONE
    if to not in WRITTEN:
        return OURS
    if to == 'official' and recognized.format in BENCHMARK:
        return BENCHMARK[recognized.format]
    forms = WRITTEN[to].get(recognized.task, ())
    return next((form for form in forms if _holds(form, recognized.tensors)), BACKBONE)


def _holds(form: Format, names: Iterable[str]) -> bool:
    """Whether a form has names of its own for all of ours."""
    names = set(names)
    back = [(ours, theirs) for theirs, ours in form.renames]
    theirs = {renamed(name, back) or name for name in names}
    again = {renamed(name, form.renames) or name for name in theirs}
    fcos = any(name.startswith(FCOS_HEAD) for name in names)
    return form.fits(theirs) and again == names and not fcos


def _kept(recognized: Recognized, form: Format) -> Tensors:
    """What a form has a place for."""
    tensors = recognized.tensors
    if form is BACKBONE:
        return {k: v for k, v in tensors.items() if k.startswith('backbone.')}
    if form is OURS:
        return {k: v for k, v in tensors.items() if not k.startswith(BENCHMARK_HEADS)}
    return tensors


def summary(recognized: Recognized, to: str, converted: Tensors) -> str:
    """What was read, and what became of it; more lines for what needs attention."""
    form = target(recognized, to)
    read = [*recognized.tensors, *recognized.folded.values()]
    body = sum(name.startswith('backbone.') for name in read)
    kept = _kept(recognized, form)
    left = Counter(
        part_of(name, recognized.task)
        for name in recognized.tensors
        if name not in kept
    )
    alone = 'the backbone alone, ' if form is BACKBONE else ''
    name = recognized.arch_name
    network = f'hrnet_{name}' if name else 'an HRNet of another arch'
    upsample = ' or '.join(recognized.upsample) or 'up-sampling unknown'
    lines = [
        f'{recognized.format}, {network} ({upsample}): '
        f'{body} + {len(read) - body} tensors -> {to}: {alone}{len(converted)} tensors',
        *[f'left aside: {count} of {part}' for part, count in left.items()],
    ]
    if recognized.folded:
        lines.append(f'folded into norms: {first(recognized.folded)}')
    if recognized.dropped:
        lines.append(f'dropped: {first(recognized.dropped)}')
    return '\n'.join([*lines, *_warnings(recognized, to)])


def _warnings(recognized: Recognized, to: str) -> list[str]:
    """Where the other code base would compute something else.

    ImageNet weights, trained with nearest, are where all official trainings start from.
    """
    modes = {mode for form in FAMILIES[to] for mode in form.upsample}
    if recognized.task == 'classification' or len(modes) > 1:  # it can do several
        return []
    (theirs,) = modes
    trained = recognized.upsample
    if trained == (theirs,):
        return []
    if not trained:
        return [f'{to} up-samples {theirs}; how these were trained is not known']
    others = ' or '.join(mode for mode in trained if mode != theirs)
    link = 'if' if theirs in trained else 'as'
    return [
        f'WRONG FEATURES in the HRNet of {to}, which up-samples {theirs}, '
        f"{link} these were trained with {others}. type='hrnet_mm.HRNet' has all ways"
    ]
