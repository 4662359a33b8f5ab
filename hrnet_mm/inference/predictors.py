"""A predictor joins a toolbox's model, its weights and the config's test pipeline."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
import torch
from mmcv.image.io import imread_flags
from mmcv.transforms import LoadImageFromFile
from mmengine.config import Config
from mmengine.dataset import Compose, pseudo_collate
from mmengine.model import BaseModel
from mmengine.model.utils import revert_sync_batchnorm
from mmengine.registry import MODELS, TRANSFORMS, DefaultScope
from torch import nn

from ..checks import moments
from ..checks.data_look import metainfo_of
from ..checks.preparing import ending_of
from ..config.initial_weights import forget_pretrained
from ..data.look.headers import why_unreadable
from ..errors import UserError, one_line
from ..nested_dicts import datasets_of, first_pipeline
from ..shelves import short_name
from ..toolboxes import TOOLBOXES, Toolbox, toolbox_of
from ..weights import load_content, locate
from .inputs import Picture, upright

NO_PIPELINE = (
    'the config has no test pipeline that begins with loading an image; expected '
    "test_dataloader=dict(dataset=dict(pipeline=[dict(type='LoadImageFromFile'), ...]))"
)


class UnusableError(Exception):
    """This error reports an image that cannot be read or prepared for the model.

    Args:
        message: What is wrong, with the name of the image.
        picture: The image.
    """

    def __init__(self, message: str, picture: Picture) -> None:
        super().__init__(message)
        self.picture = picture


class Predictor:
    """A `Predictor` maps images to data samples with predictions, in image pixels.

    An image's predictions do not depend on its neighbours: only prepared images of
    equal size share a batch, so that none is padded to the size of another.

    Args:
        cfg: A whole config; its model is changed to not load initial weights.
        weights: Path, URL, or OpenMMLab name of a checkpoint of the whole model.
        device: Name of the device, as torch names it.
        batch_size: Largest number of images in one forward pass; by default that of
            the config's test data loader.

    Attributes:
        toolbox: Toolbox that the config is for.
        meta: Names, palette and skeleton of the classes, from the checkpoint or else
            from the config's data set.
        channels: Number of channels that the network takes; None if it has no
            convolution `conv1` that says so.

    Raises:
        UserError: The config has no toolbox or no test pipeline, the weights do not
            fit, or there is no such device.
    """

    def __init__(
        self, cfg: Config, weights: str, device: str, batch_size: int | None = None
    ) -> None:
        self.cfg, self.toolbox = cfg, checked_toolbox(cfg)
        loader = cfg.get('test_dataloader') or {}
        self.batch_size = batch_size or loader.get('batch_size', 1)
        with self.scope():
            steps = [TRANSFORMS.build(step) for step in picture_steps(cfg)]
            if not steps or not isinstance(steps[0], LoadImageFromFile):
                raise UserError(NO_PIPELINE)
            self.loader, self.pipeline = steps[0], Compose(steps[1:])
            model, checkpoint = _loaded(cfg, weights)
            self.meta = meta_of(cfg, self.toolbox, checkpoint.get('meta'))
        moments.before_first_image(model, self.meta)
        stem = getattr(getattr(model, 'backbone', None), 'conv1', None)
        self.channels: int | None = getattr(stem, 'in_channels', None)
        self.model: BaseModel = _moved(model, device).eval()

    def scope(self) -> Any:
        """Return a context in which bare names in configs are the toolbox's."""
        return DefaultScope.overwrite_default_scope(self.toolbox.name)

    def load(self, picture: Picture) -> dict:
        """Read an image as the pipeline does.

        Returns:
            Input of the rest of the pipeline; `'img'` holds the pixels, `'picture'` the
            argument and `'loader'` the step that has read it.

        Raises:
            UnusableError: There is no image in the file.
        """
        results: dict[str, Any] = dict(picture=picture, loader=self.loader)
        results.update(img_path=str(picture.path), img_id=picture.image_id)
        if picture.pixels is not None:
            pixels = self._like_a_file(picture.pixels)
            shape = pixels.shape[:2]
            return dict(results, img=pixels, img_shape=shape, ori_shape=shape)
        try:
            loaded = self.loader(results)
        except (AssertionError, cv2.error) as error:  # they say nothing more
            raise _unreadable(picture) from error
        except Exception as error:
            message = f'{picture.name} cannot be read: {one_line(error)}'
            raise UnusableError(message, picture) from error
        if loaded is None:  # the step has ignore_empty=True
            raise _unreadable(picture)
        if self._kind() == cv2.IMREAD_UNCHANGED:  # OpenCV leaves it as stored then
            pixels = upright(picture.path, loaded['img'])
            shape = pixels.shape[:2]
            loaded.update(img=pixels, img_shape=shape, ori_shape=shape)
        return loaded

    def _kind(self) -> int:
        """Return the number of OpenCV's for how the loading step reads a file."""
        kind = self.loader.color_type
        return int(imread_flags.get(kind, kind))

    def load_anew(self, loaded: dict) -> dict:
        """Read an image that another predictor has read, unless it reads alike."""
        if vars(loaded['loader']) != vars(self.loader):
            return self.load(loaded['picture'])
        keys = ('picture', 'loader', 'img', 'img_path', 'img_id', 'img_shape')
        return {key: loaded[key] for key in (*keys, 'ori_shape')}

    def _like_a_file(self, frame: np.ndarray) -> np.ndarray:
        """Return a frame of a video as the loading step would read it from a file."""
        kind = self._kind()
        as_it_is = kind == cv2.IMREAD_UNCHANGED
        grey = self.channels == 1 if as_it_is else not kind & cv2.IMREAD_COLOR
        if grey:
            # (H, W, 3) -> (H, W)
            frame = cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY)
        return frame.astype(np.float32) if self.loader.to_float32 else frame

    def prepare(self, loaded: dict) -> dict:
        """Pass an image that `load` has read through the rest of the pipeline.

        Raises:
            UnusableError: A step fails, or the model takes another number of channels.
        """
        prepared = dict(loaded)
        for step in self.pipeline.transforms:
            prepared = _passed(step, prepared, loaded)
        channels = prepared['inputs'].shape[0]
        if self.channels not in (None, channels):
            raise UnusableError(
                f'{loaded["picture"].name} has {channels} channels after the test '
                f'pipeline, but the model takes {self.channels}. Give it such images, '
                'or set color_type of LoadImageFromFile '
                f'(it is {self.loader.color_type!r})',
                loaded['picture'],
            )
        return prepared

    def __call__(self, loaded: Sequence[dict]) -> list[Any]:
        """Predict on images that `load` has read; return one sample for each.

        Raises:
            UnusableError: An image cannot be prepared; nothing is predicted then.
        """
        with self.scope():
            return self.forward([self.prepare(image) for image in loaded])

    def forward(self, prepared: Sequence[dict]) -> list[Any]:
        """Predict on images that passed the pipeline; return one sample for each."""
        places: dict[tuple, list[int]] = {}
        for place, image in enumerate(prepared):
            places.setdefault(tuple(image['inputs'].shape), []).append(place)
        samples: dict[int, Any] = {}
        for alike in places.values():
            for start in range(0, len(alike), self.batch_size):
                some = alike[start : start + self.batch_size]
                batch = pseudo_collate([prepared[place] for place in some])
                with torch.inference_mode():
                    samples.update(zip(some, self.model.test_step(batch), strict=True))
        return [samples[place].cpu() for place in range(len(prepared))]


def _unreadable(picture: Picture) -> UnusableError:
    fault = why_unreadable(str(picture.path))
    reason = f' ({fault})' if fault else ''
    return UnusableError(f'{picture.name} cannot be read{reason}', picture)


def _passed(step: Any, image: dict, loaded: dict) -> dict:
    """Pass an image through one step of the pipeline."""
    height, width = loaded['img_shape']
    what = f'{loaded["picture"].name} ({width} x {height} pixels) cannot be prepared'
    try:
        passed = step(image)
    except Exception as error:  # any error of one image leaves the others alone
        message = f'{what}: {ending_of(step, error)}'
        raise UnusableError(message, loaded['picture']) from error
    if passed is None:
        message = f'{what}: {type(step).__name__} leaves nothing of it'
        raise UnusableError(message, loaded['picture'])
    return passed


def checked_toolbox(cfg: Config) -> Toolbox:
    """Return the toolbox that a config is for.

    Raises:
        UserError: The config is for no toolbox.
    """
    toolbox = toolbox_of(cfg)
    if toolbox is None:
        raise UserError(
            f"the config's default_scope is {cfg.get('default_scope')!r}; expected one "
            f'of {", ".join(TOOLBOXES)}. Name a whole config, not one of _base_'
        )
    return toolbox


def picture_steps(cfg: Config) -> list[dict]:
    """Return the steps of the test pipeline without those for annotations."""
    steps = first_pipeline(cfg.get('test_dataloader'))
    return [copy.deepcopy(step) for step in steps if not _is_of_labels(step)]


def _is_of_labels(step: dict) -> bool:
    """Tell whether a step reads annotations or label maps."""
    return any(word in short_name(step['type']) for word in ('Annot', 'LabelMaps'))


def _loaded(cfg: Config, weights: str) -> tuple[nn.Module, dict]:
    """Return the model with its weights, and the checkpoint that they come from."""
    located = locate(weights)
    checkpoint = located.read()
    forget_pretrained(cfg)
    model = revert_sync_batchnorm(MODELS.build(cfg.model))
    moments.model_built(model)
    strict = cfg.get('strict_load', True)
    load_content(checkpoint, model, located.name, strict, located.row)
    return model, checkpoint


def meta_of(cfg: Config, toolbox: Toolbox, stored: Any) -> dict:
    """Return what is known of the classes, from the checkpoint or from the config."""
    stored = stored if isinstance(stored, dict) else {}
    old = {key.lower(): stored[key] for key in ('CLASSES', 'PALETTE') if key in stored}
    found = stored.get('dataset_meta')
    found = found if found and isinstance(found, dict) else old
    given = {str(k).lower(): v for k, v in found.items()}
    dataset = next(datasets_of(cfg.test_dataloader), None)
    own = {} if dataset is None else metainfo_of(dataset)
    return toolbox.meta(given, own)


def _moved(model: nn.Module, device: str) -> nn.Module:
    try:
        return model.to(device)
    except (RuntimeError, AssertionError) as error:
        reason = str(error).splitlines()[0]
        raise UserError(
            f'--device {device} cannot be used: {reason}\nWithout --device an '
            'accelerator is taken if there is one'
        ) from error
