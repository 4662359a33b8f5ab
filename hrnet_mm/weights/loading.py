"""A checkpoint of any known form is loaded into a model, and the log says how."""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from torch import Tensor, nn

from ..errors import UserError, first
from ..log import print_log
from .formats import Recognized, as_it_is, facts, recognize
from .formats.contents import not_finite
from .locating import locate
from .matching import Match, has_all, hrnet_in, match
from .published import Weights

FIRST_CONV = 'backbone.conv1.weight'
ANOTHER_FILE = (
    'Another arch or number of classes? To load a part on purpose, say strict=False '
    '(with load_from: --cfg-options strict_load=False)'
)
# The argument `upsample` of HRNet for each mode in the table of published weights.
ARGUMENTS = {
    'nearest': "'nearest'",
    'bilinear': "'bilinear'",
    'bilinear, aligned': "dict(mode='bilinear', align_corners=True)",
}
ONE_OUTPUT = (
    'The file is of an HRNetV1, which puts out its highest stream alone: say '
    'multiscale_output=False, or strict=False to keep initial values for the rest'
)


def load(
    checkpoint: str | Path, model: nn.Module, strict: bool = True, prefix: str = ''
) -> Match:
    """Load a checkpoint of any known form into a model or a part of one.

    The form is recognized and its names are translated (see `formats`); tensors that
    the model does not have are ignored. One line of the log summarizes the result.

    Args:
        checkpoint: A published name such as `'hrnet_w32_imagenet'`, a path, a URL, or a
            name with `open-mmlab://`, `torchvision://` or `hf_hub:`.
        model: Backbone, neck, whole detector, ... that is changed in place.
        strict: If True, the checkpoint must have every tensor of the model, and must
            have been trained with the up-sampling of the model's HRNet. If False,
            tensors that it lacks keep their initial values.
        prefix: Beginning of the names of one network in a file that has several, such
            as `'student.'`. Where only one fits, it is not needed and not used.

    Returns:
        The tensors that were loaded, and the names of those that were not.

    Raises:
        UserError: There is no such file, it is damaged or not safe to read, or it does
            not fit the model.
    """
    located = locate(checkpoint)
    content = located.read()
    return load_content(content, model, located.name, strict, located.row, prefix)


def load_content(
    content: Mapping[str, Any],
    model: nn.Module,
    source: str,
    strict: bool = True,
    row: Weights | None = None,
    prefix: str = '',
) -> Match:
    """Load a checkpoint that has already been read, as `load` does.

    Args:
        content: Content of the file.
        model: Model or part of one that is changed in place.
        source: Name of the checkpoint, for messages.
        strict: As for `load`.
        row: Row of the checkpoint in the table of published weights, if it has one.
        prefix: As for `load`.

    Raises:
        UserError: The checkpoint does not fit the model.
    """
    model = unwrapped(model)
    weights = recognized_for(content, model, row, prefix)
    return load_recognized(weights, model, source, strict, prefix)


def unwrapped(model: nn.Module) -> nn.Module:
    """Return the model inside wrappers of torch.compile and of parallel training."""
    model = getattr(model, '_orig_mod', model)  # the wrapper of torch.compile
    if isinstance(model, nn.DataParallel | nn.parallel.DistributedDataParallel):
        return model.module
    mmengine = sys.modules.get('mmengine.model')  # knows more wrappers, also the user's
    is_wrapper = mmengine is not None and mmengine.is_model_wrapper(model)
    return model.get_submodule('module') if is_wrapper else model


def recognized_for(
    content: Mapping[str, Any],
    model: nn.Module,
    row: Weights | None = None,
    prefix: str = '',
) -> Recognized:
    """Recognize a checkpoint, but keep its names if they are exactly the model's.

    A model of the user's own may look like a known form that has other names.

    Args:
        content: Content of the file.
        model: Model whose tensor names are compared.
        row: Row of the file in the table of published weights, if it has one.
        prefix: As for `load`.

    Raises:
        UserError: The file has no tensors, or several networks, or its form is
            ambiguous.
    """
    raw = as_it_is(content)
    own = has_all(model, raw.tensors)
    try:
        weights = recognize(content, prefix=prefix)
    except UserError:
        if own or any(name in raw.tensors for name in model.state_dict()):
            return completed(raw, row)
        raise
    as_named = own and not has_all(model, weights.tensors)
    return completed(raw if as_named else weights, row)


def load_recognized(
    weights: Recognized,
    model: nn.Module,
    source: str,
    strict: bool = True,
    prefix: str = '',
) -> Match:
    """Load weights whose form has been recognized, as `load` does.

    Raises:
        UserError: The weights do not fit the model.
    """
    tensors, adapted = adapt_in_channels(weights.tensors, model)
    found = match(model, tensors, weights.task, weights.folded.values(), prefix)
    check_fit(found, weights, source, strict)
    check_finite(found, source, strict)
    notes = [found, adapted, check_upsample(weights, model, source, strict)]
    model.load_state_dict(found.tensors, strict=False)
    print_log(f'{source}: {"; ".join(str(note) for note in notes if note)}')
    if found.problems:
        print_log(f'the rest keeps its initial values:\n{found.problems}')
    return found


def completed(weights: Recognized, row: Weights | None) -> Recognized:
    """Add the task and the up-sampling from the table of published weights.

    Tensor names may not tell them. If the table contradicts the file, the file wins.
    """
    if row is None or row.arch != weights.arch_name:
        return weights
    if weights.upsample and row.upsample not in weights.upsample:
        return weights
    return replace(weights, task=row.task, upsample=(row.upsample,))


def check_fit(found: Match, weights: Recognized, source: str, strict: bool) -> None:
    """Check that tensors of the model were found, with `strict` all of them.

    Raises:
        UserError: No tensor fits, or with `strict` one is missing or does not fit.
    """
    if found.tensors and (found.complete or not strict):
        return
    of = f' (hrnet_{weights.arch_name})' if weights.arch_name else ''
    partly = found.tensors and found.lacks_lower_outputs
    raise UserError(
        f'{source}{of} does not fit {found.model}: {found.line("fit")}.\n'
        f'{found.problems}\n'
        f'{ONE_OUTPUT if partly else ANOTHER_FILE}'
    )


def check_finite(found: Match, source: str, strict: bool) -> None:
    """Check that tensors which fit have numbers in them.

    Raises:
        UserError: Some are NaN or infinite, and `strict` is True.
    """
    odd = not_finite(found.tensors)
    if not odd:
        return
    text = (
        f'{source}: {len(odd)} of {found.total} tensors have values that are NaN or '
        f'infinite: {first(odd)}'
    )
    if strict:
        raise UserError(
            f'{text}. Take an earlier checkpoint: the training that wrote this one had '
            'diverged. To load it all the same, say strict=False (with load_from: '
            '--cfg-options strict_load=False)'
        )
    print_log(text, logging.WARNING)


def check_upsample(
    weights: Recognized, model: nn.Module, source: str, strict: bool
) -> str:
    """Check that a model up-samples as its weights were trained.

    With another up-sampling the same tensors compute other features. ImageNet weights
    are an exception: they were trained with nearest, and all official recipes start
    from them, also those with bilinear up-sampling.

    Returns:
        A note for the log; empty if there is nothing to report.

    Raises:
        UserError: The weights were trained with another up-sampling, and `strict` is
            True.
    """
    body = hrnet_in(model)
    if body is None or not weights.upsample:
        return ''
    trained = ' or '.join(weights.upsample)
    if str(body.upsample) in weights.upsample:
        unclear = f'trained with upsample {trained}: the file does not tell which'
        return unclear if len(weights.upsample) > 1 else ''
    note = f'trained with upsample {trained}, this model has {body.upsample}'
    if weights.task == 'classification':
        return f'{note}, as in the official recipes'
    if not strict:
        return f'WRONG FEATURES until trained again: {note}'
    wanted = ' or '.join(ARGUMENTS[mode] for mode in weights.upsample)
    raise UserError(
        f'{source} was {note}: the tensors fit, the features would be wrong. '
        f'Say upsample={wanted}; to train further from them on purpose, strict=False'
    )


def adapt_in_channels(
    tensors: Mapping[str, Tensor], model: nn.Module
) -> tuple[Mapping[str, Tensor], str]:
    """Adapt a first convolution for RGB to other input channels, as timm does.

    For one channel the three kernels are added; for other numbers they are repeated
    and scaled by 3 / channels, so that activations keep their magnitude.

    Returns:
        The tensors, and a note for the log, which is empty if nothing was changed.
    """
    body, rgb = hrnet_in(model), tensors.get(FIRST_CONV)
    if body is None or rgb is None or rgb.dim() != 4 or rgb.shape[1] != 3:
        return tensors, ''
    channels = cast(nn.Conv2d, body.conv1).in_channels  # mmcv's others have it, too
    if channels == 3:
        return tensors, ''
    repeats = -(-channels // 3)
    kernels = rgb.repeat(1, repeats, 1, 1)[:, :channels] * (3 / channels)
    if channels == 1:
        kernels = rgb.sum(dim=1, keepdim=True)
    how = 'added' if channels == 1 else f'repeated and scaled by 3/{channels}'
    note = f'conv1 adapted from 3 to {channels} channels ({how})'
    return {**tensors, FIRST_CONV: kernels}, note


def describe(model: nn.Module) -> dict[str, Any]:
    """Return facts to store beside a model's weights that tensor names do not tell."""
    body = hrnet_in(model)
    return {} if body is None else facts([str(body.upsample)])
