"""A recognized checkpoint is converted to the form of another code base."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from ...errors import UserError, first
from ..tensor_names import part_of
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
from .contents import not_finite, without_values
from .form import BACKBONE, Format, Tensors, renamed
from .recognition import FAMILIES, Recognized

OURS = Format(name='ours', task=None, marks=(), upsample=(), renames=())
# Forms other than ours by task; the first with a name for every tensor is written.
WRITTEN: dict[str, dict[str | None, tuple[Format, ...]]] = {
    'timm': dict(classification=(classification.TIMM,)),
    'official': dict(
        classification=(classification.OFFICIAL,),
        detection=(detection.OFFICIAL, detection.OFFICIAL_ONE_STAGE),
        segmentation=(segmentation.OCR, segmentation.OFFICIAL),
        pose=(pose.FACE, pose.OFFICIAL),
    ),
}
# Written only if they were read, as no other code base has their heads.
BENCHMARK = {form.name: form for form in (maskrcnn.MASKRCNN_BENCHMARK, maskrcnn.FCOS)}
BENCHMARK_HEADS = ('rpn.', 'roi_heads.')
FCOS_HEAD = 'bbox_head.conv_cls.'  # which the official detectors do not have


def convert(recognized: Recognized, to: str) -> Tensors:
    """Convert the tensors of a checkpoint to the form of another code base.

    If that code base has the task, the whole model is converted; otherwise the backbone
    alone, without the prefix `backbone.`, as the `init_cfg` of a backbone needs it.
    Biases of the other form that are folded into norms here become zeros.

    Args:
        recognized: Checkpoint of an HRNet, alone or in a model.
        to: `'official'`, `'timm'`, `'mmdet'`, `'mmseg'`, `'mmpose'` or `'mmpretrain'`,
            each in its latest version; `'hrnet_mm'` for our own names.

    Raises:
        UserError: The checkpoint is not an HRNet, or the code base is unknown.
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


def check_values(recognized: Recognized) -> None:
    """Raise a UserError if tensors have no values that could be written."""
    empty = without_values(recognized.tensors)
    if empty:
        raise UserError(
            f'there is nothing to convert in {first(empty)}: sparse, quantized, or '
            'stored without values. Save the weights as dense tensors of floats'
        )


def target(recognized: Recognized, to: str) -> Format:
    """Return the form to write, which may be `OURS` or `BACKBONE`."""
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
    """Tell whether a form has a name for each of our names."""
    names = set(names)
    back = [(ours, theirs) for theirs, ours in form.renames]
    theirs = {renamed(name, back) or name for name in names}
    again = {renamed(name, form.renames) or name for name in theirs}
    fcos = any(name.startswith(FCOS_HEAD) for name in names)
    return form.fits(theirs) and again == names and not fcos


def _kept(recognized: Recognized, form: Format) -> Tensors:
    """Return the tensors that a form can hold."""
    tensors = recognized.tensors
    if form is BACKBONE:
        return {k: v for k, v in tensors.items() if k.startswith('backbone.')}
    if form is OURS:
        return {k: v for k, v in tensors.items() if not k.startswith(BENCHMARK_HEADS)}
    return tensors


def summary(recognized: Recognized, to: str, converted: Tensors) -> str:
    """Summarize a conversion: one line of counts, then lines that need attention."""
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
    odd = not_finite(converted)
    if odd:
        lines.append(f'NaN OR INFINITE: {first(odd)}; its training had diverged')
    return '\n'.join([*lines, *_warnings(recognized, to)])


def _warnings(recognized: Recognized, to: str) -> list[str]:
    """Return warnings if the other code base would up-sample in another way.

    There are none for ImageNet weights, which were trained with nearest and which all
    official recipes start from.
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
