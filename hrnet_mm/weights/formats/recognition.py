"""What a checkpoint is: in whose form, which HRNet, what for, and trained how."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ...errors import UserError
from ...models.archs import Arch, name_of
from ..tensor_names import first
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

TODAY = (*toolboxes.MMDET, *toolboxes.MMSEG, *toolboxes.MMPRETRAIN, *toolboxes.MMPOSE)
# Whose forms there are. In each family, and in all of them, the first that fits counts.
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
    """The weights of a checkpoint, under our names.

    Attributes:
        format: Name of the form; `'backbone'` for an HRNet without a head that is
            known, `'plain'` for what is no HRNet.
        task: `'classification'`, `'detection'`, `'segmentation'` or `'pose'`; None for
            a backbone alone and for what is no HRNet.
        arch: The network's four stages, by the shapes; None for what is no HRNet.
        upsample: Ways of up-sampling it can have been trained with, empty where nothing
            tells (see `published.Weights`).
        tensors: By our names, those of a backbone with `backbone.`; of what is no HRNet
            as they are.
        folded: What is in the norms now, biases in front of them and eps: their names,
            and the names they would have here.
        dropped: Their names of tensors that are no part of the model.
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
        """The name in `models.ARCHS`, None where it has none."""
        return name_of(self.arch) if self.arch else None


def recognize(checkpoint: Mapping[str, Any], family: str = 'auto') -> Recognized:
    """Find out the form of a checkpoint and bring its tensors under our names.

    Args:
        checkpoint: What the file holds: tensors by name, or a dict that has them under
            `state_dict` or another usual key.
        family: Whose form it is, one of `FAMILIES`, or `'auto'`.

    Raises:
        UserError: There are no tensors, several HRNets, heads for several tasks, or it
            is not of the given family.
    """
    check_family(family)
    tensors, dropped = unwrapped(tensors_in(checkpoint))
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
        tuple(known.get('upsample', form.upsample)),
        read,
        {theirs: ours for theirs, ours in names.items() if ours not in read},
        dropped,
    )


def as_it_is(checkpoint: Mapping[str, Any]) -> Recognized:
    """The tensors by the names that they have in the file, whatever they are of."""
    known = _stored(checkpoint)
    modes = tuple(known.get('upsample', ()))
    return Recognized('plain', known.get('task'), None, modes, tensors_in(checkpoint))


def check_family(family: str) -> None:
    """Raise a UserError unless it is one of `FAMILIES`, or `'auto'`."""
    if family not in ('auto', *FAMILIES):
        raise UserError(f'there is no family {family!r} of checkpoints. {_choices()}')


def form_of(names: Iterable[str], family: str = 'auto') -> Format:
    """The form of an HRNet's names; `BACKBONE` if it has no head that is known.

    Raises:
        UserError: It is not of that family, or has heads for several tasks.
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
    """What to store beside weights, under `hrnet_mm` of `meta`, for `recognize`.

    Args:
        upsample: Ways of up-sampling they can have been trained with.
        **more: `task`, and what is for people only: `arch`, `source`.
    """
    return dict(more, upsample=list(upsample))


def _stored(checkpoint: Mapping[str, Any]) -> Mapping[str, Any]:
    """What our tools wrote beside the weights, which goes before guesses.

    A file that was trained by a config with our backbone and does not say more can have
    been trained with any up-sampling.
    """
    meta = checkpoint.get('meta')
    if not isinstance(meta, Mapping):
        return {}
    stored = meta.get('hrnet_mm')
    if isinstance(stored, Mapping):
        return stored
    return dict(upsample=()) if 'hrnet_mm.HRNet' in str(meta.get('cfg')) else {}
