"""A checkpoint's form, architecture, task and up-sampling are recognized."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ...errors import UserError, first
from ...models.archs import Arch, name_of
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
from . import (
    openmmlab as toolboxes,
)
from .arch_of_tensors import arch_of
from .contents import has_hrnet, tensors_in, unwrapped
from .form import BACKBONE, Format, Tensors, renamed

TASKS = ('classification', 'detection', 'segmentation', 'pose')
MODES = ('nearest', 'bilinear', 'bilinear, aligned')  # of up-sampling
TODAY = (*toolboxes.MMDET, *toolboxes.MMSEG, *toolboxes.MMPRETRAIN, *toolboxes.MMPOSE)
# Forms by family. In each family, and over all of them, the first that fits is used.
FAMILIES: dict[str, tuple[Format, ...]] = {
    'official': (
        maskrcnn.MASKRCNN_BENCHMARK,
        maskrcnn.FCOS,
        detection.OFFICIAL,
        detection.OFFICIAL_ONE_STAGE,
        segmentation.OCR_TORCH_04,
        segmentation.OCR,
        segmentation.OFFICIAL_TORCH_04,
        segmentation.OFFICIAL,
        pose.FACE,
        pose.OFFICIAL,
        classification.OFFICIAL,
    ),
    'timm': (classification.TIMM,),
    'mmdet': (detection.MMDET_1, detection.MMDET_1_FCOS, *toolboxes.MMDET),
    'mmseg': toolboxes.MMSEG,
    'mmpose': (
        pose.MMPOSE_0_V2,
        pose.MMPOSE_0_V2_HEAD,
        pose.MMPOSE_0,
        *toolboxes.MMPOSE,
    ),
    'mmpretrain': toolboxes.MMPRETRAIN,
    'hrnet_mm': TODAY,
}


@dataclass(frozen=True)
class Recognized:
    """A `Recognized` checkpoint has its weights under our names and a known form.

    Attributes:
        format: Name of the form; `'backbone'` for an HRNet without a known head,
            `'plain'` for other networks.
        task: `'classification'`, `'detection'`, `'segmentation'` or `'pose'`; None for
            a backbone alone and for other networks.
        arch: The four stages, derived from the shapes; None if the tensors do not show
            a complete HRNet.
        upsample: Modes of up-sampling that it may have been trained with; empty if
            unknown (see `published.Weights`).
        tensors: Tensors under our names, with the prefix `backbone.` for those of the
            backbone; other networks keep their names.
        folded: Names of tensors that have been folded into the norms (biases before
            norms, and eps), each with the name it would have here.
        dropped: Names in the file of tensors that are not part of the model.
    """

    format: str
    task: str | None
    arch: Arch | None
    upsample: tuple[str, ...]
    tensors: Tensors
    folded: dict[str, str] = field(default_factory=dict)
    dropped: tuple[str, ...] = ()

    @property
    def arch_name(self) -> str | None:
        """Return the name of `arch` in `models.ARCHS`; None if it has no name."""
        return name_of(self.arch) if self.arch else None


def recognize(
    checkpoint: Mapping[str, Any], family: str = 'auto', prefix: str = ''
) -> Recognized:
    """Recognize the form of a checkpoint and rename its tensors to our names.

    Args:
        checkpoint: Content of the file: tensors by name, or a dict with them under
            `state_dict` or another usual key.
        family: Code base that the form belongs to, one of `FAMILIES`, or `'auto'`.
        prefix: Beginning of the names of one HRNet, if there are several.

    Raises:
        UserError: The checkpoint has no tensors, several HRNets or heads for several
            tasks, or is not of the given family.
    """
    check_family(family)
    tensors, dropped = unwrapped(tensors_in(checkpoint), prefix)
    if not has_hrnet(tensors):
        if family != 'auto':
            raise UserError(
                f'the checkpoint is no HRNet of {family}: it has no stage4. Its names '
                f'are {first(tensors)}'
            )
        return Recognized('plain', None, None, (), tensors)
    form = form_of(tensors, family)
    read = form.read(tensors)
    names = {name: renamed(name, form.renames) or name for name in tensors}
    known = _stored(checkpoint)
    return Recognized(
        form.name,
        known.get('task') or form.task,
        arch_of(read),
        known.get('upsample', form.upsample),
        read,
        {theirs: ours for theirs, ours in names.items() if ours not in read},
        dropped,
    )


def as_it_is(checkpoint: Mapping[str, Any]) -> Recognized:
    """Return a checkpoint with its own names, of any network."""
    known = _stored(checkpoint)
    modes = known.get('upsample', ())
    return Recognized('plain', known.get('task'), None, modes, tensors_in(checkpoint))


def check_family(family: str) -> None:
    """Raise a UserError unless the family is one of `FAMILIES`, or `'auto'`."""
    if family not in ('auto', *FAMILIES):
        raise UserError(f'there is no family {family!r} of checkpoints. {_choices()}')


def form_of(names: Iterable[str], family: str = 'auto') -> Format:
    """Return the form of an HRNet's names; `BACKBONE` if it has no known head.

    Raises:
        UserError: The names are not of that family, or have heads for several tasks.
    """
    names = list(names)
    fitting = {
        owner: [form for form in forms if form.fits(names)]
        for owner, forms in FAMILIES.items()
    }
    every = [form for forms in fitting.values() for form in forms]
    if not every:
        return BACKBONE
    chosen = every if family == 'auto' else fitting[family]
    if not chosen:
        raise UserError(
            f'the checkpoint is not of {family}: it looks like {every[0].name}. Its '
            f'names are {first(names)}. {_choices()}'
        )
    if len({form.task for form in chosen}) > 1:
        several = dict.fromkeys(form.name for form in chosen)
        raise UserError(
            f'the checkpoint could be each of: {", ".join(several)}. Its names are '
            f'{first(names)}. {_choices()}'
        )
    return chosen[0]


def _choices() -> str:
    return f'Choices of --from: {", ".join(["auto", *FAMILIES])}'


def facts(upsample: Iterable[str], **more: str | None) -> dict[str, Any]:
    """Return what to store beside weights, in `meta['hrnet_mm']`, for `recognize`.

    Args:
        upsample: Modes of up-sampling that the weights may have been trained with.
        **more: `task`, and facts for people only: `arch`, `source`.
    """
    return dict(more, upsample=list(upsample))


def _stored(checkpoint: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the facts that our tools stored beside the weights.

    They take precedence over what the names suggest. A file without them may have been
    trained with any up-sampling if its config has our backbone.
    """
    meta = checkpoint.get('meta')
    if not isinstance(meta, Mapping):
        return {}
    stored = meta.get('hrnet_mm')
    if stored is not None:
        return _checked(stored)
    return dict(upsample=()) if 'hrnet_mm.HRNet' in str(meta.get('cfg')) else {}


def _checked(stored: Any) -> Mapping[str, Any]:
    """Return the stored facts that matter, if they are of the types we write.

    Raises:
        UserError: They are not; who wrote them may have meant anything.
    """
    facts = stored if isinstance(stored, Mapping) else {'': stored}
    modes, task = facts.get('upsample', ()), facts.get('task')
    known = isinstance(modes, list | tuple) and all(mode in MODES for mode in modes)
    if '' in facts or not known or (task is not None and task not in TASKS):
        raise UserError(
            f"meta['hrnet_mm'] of the checkpoint is {stored!r:.100}. Expected a dict, "
            f"'upsample' in it a list of {', '.join(MODES)}, and 'task' one of "
            f'{", ".join(TASKS)}. Delete the key from the file'
        )
    return {**facts, 'upsample': tuple(modes)} if 'upsample' in facts else facts
