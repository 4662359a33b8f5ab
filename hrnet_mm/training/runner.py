"""A Runner extends mmengine's to CPUs, and never executes what is in checkpoints."""

from __future__ import annotations

import atexit
import copy
import inspect
import logging
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from mmengine.device import get_device
from mmengine.dist import is_main_process
from mmengine.hooks import CheckpointHook as MMEngineCheckpointHook
from mmengine.hooks import EarlyStoppingHook as MMEngineEarlyStoppingHook
from mmengine.hooks import Hook
from mmengine.logging import print_log
from mmengine.model import (
    BaseTTAModel,
    MMDistributedDataParallel,
    is_model_wrapper,
)
from mmengine.model.utils import revert_sync_batchnorm
from mmengine.optim import OptimWrapper
from mmengine.registry import DATASETS, HOOKS
from mmengine.runner import BaseLoop, EpochBasedTrainLoop, IterBasedTrainLoop
from mmengine.runner import Runner as MMEngineRunner
from torch import nn
from torch.nn.modules.batchnorm import SyncBatchNorm
from torch.nn.parallel import DistributedDataParallel
from torch.utils.data import DataLoader, Dataset

from ..checks import moments
from ..checks.preparing import name_failures
from ..errors import UserError, first
from ..files import whole
from ..nested_dicts import datasets_of
from ..version import torch_is_at_least
from ..weights import locate
from ..weights.formats.contents import not_finite
from ..weights.loading import describe, load_recognized, recognized_for
from .batches import apart, seeded
from .checkpoints import CheckpointHook, EarlyStoppingHook
from .exchange import by_first, results_by_the_group
from .hooks import FiniteHook, finite_remedy
from .loops import ByEpoch, ByIteration
from .processes import TIMEOUT, close_group, open_group
from .rescaling import as_configured
from .resuming import Start, check_optimizer, find_start, is_count, state_in
from .run_state import RunState

# Classes of mmengine's that lose a part of a run when it is killed, and ours.
OURS: dict[type, type] = {
    EpochBasedTrainLoop: ByEpoch,
    IterBasedTrainLoop: ByIteration,
    MMEngineCheckpointHook: CheckpointHook,
    MMEngineEarlyStoppingHook: EarlyStoppingHook,
}
# Data sets that a loop reads. Training reads those of the validation hours later.
SPLITS = dict(before_train=('train', 'val'), before_val=('val',), before_test=('test',))


def build_dataset(cfg: dict) -> Dataset:
    """Build a data set, and check that it is complete and not empty.

    Raises:
        UserError: It has no image, or none of its annotations is of its classes.
    """
    try:
        dataset = DATASETS.build(copy.deepcopy(cfg))
        if hasattr(dataset, 'full_init'):
            dataset.full_init()
    except ValueError as error:
        # mmengine concatenates the records of all images; without any that fails.
        if 'need at least one array' not in str(error):
            raise
        for inner in datasets_of(cfg):
            if inner is not cfg:  # a wrapper fails as its empty data set does
                build_dataset(inner)
        empty = DATASETS.build(dict(copy.deepcopy(cfg), lazy_init=True))
        empty.load_data_list()  # finds which categories are among the classes
        moments.data_built(empty, cfg, images=0)
    moments.data_built(dataset, cfg, len(dataset))
    name_failures(dataset)
    return dataset


def bare(model: nn.Module) -> nn.Module:
    """Return the model that a checkpoint belongs to, without its wrappers.

    Wrappers distribute a model, or augment its images at test time.
    """
    while is_model_wrapper(model) or isinstance(model, BaseTTAModel):
        model = model.get_submodule('module')
    return model


def ours(part: Any) -> Any:
    """Make a part of mmengine's one of ours, if there is one in its place.

    They differ in methods alone, and the config may have named the class in many ways.
    """
    if type(part) in OURS:
        part.__class__ = OURS[type(part)]
    return part


def is_not_the_factor(record: logging.LogRecord) -> bool:
    """Tell whether a line of the log is not mmengine's about the learning rate."""
    return not record.getMessage().startswith('LR is set based on batch size')


class Runner(MMEngineRunner):
    """This Runner differs from mmengine's in eleven points.

    Several processes work on a CPU (gloo, BatchNorm instead of SyncBN). They need no
    common disk, and have the same data, options and weights. Data set, heads
    and channels are checked against each other before anything starts. A checkpoint is
    read without unpickling objects and must fit the model. It is written whole or not
    at all. A run that goes on from one is the run that was stopped. A checkpoint says
    how its HRNet up-samples. A fused optimizer is used only where torch has it. A
    scaled learning rate is said with both values. A loss that is no number, and a batch
    that BatchNorm cannot take, end the training with a message.
    """

    model: Any  # of mmengine's attribute, which has no type

    def __init__(self, model: Any, work_dir: str, **options: Any) -> None:
        way = dict((options.get('env_cfg') or {}).get('dist_cfg') or {})
        limit = way.get('timeout', TIMEOUT)
        open_group(options.get('launcher', 'none'), limit, way.get('backend'))
        start: Start | None = None
        asked = options.get('resume', False)
        if asked:
            # Other machines may have no files of the run, or older ones.
            find = partial(find_start, work_dir, options.get('load_from'))
            start = by_first(find)
            options['resume'] = start is not None
        if start is not None:
            options['load_from'] = start.name
            randomness = dict(options.get('randomness') or {})
            # Data loaders are built with the seed, before the checkpoint is loaded.
            if is_count(start.meta.get('seed')):
                randomness['seed'] = start.meta['seed']
            options['randomness'] = randomness
        self.state = RunState(self, start)
        self._train_dataloader: Any = None
        super().__init__(model, work_dir, **options)
        if asked and start is None:
            self.logger.info(f'nothing to go on from in {work_dir}: starting anew')

    def register_hooks(self, *args: Any, **options: Any) -> None:
        """Register the hooks of the config, and one that looks for NaN."""
        super().register_hooks(*args, **options)
        self.register_hook(FiniteHook(stops=not self.cfg.get('allow_nan', False)))

    def register_hook(self, hook: Hook | dict, priority: Any = None) -> None:
        """Register a hook; ours in place of those that lose a part of a killed run."""
        if isinstance(hook, dict):
            priority = priority or hook.get('priority')
            hook = HOOKS.build({k: v for k, v in hook.items() if k != 'priority'})
        super().register_hook(ours(hook), priority)

    def setup_env(self, env_cfg: dict) -> None:
        """Set up as mmengine does, and close the group at the end of the program."""
        super().setup_env(env_cfg)
        if self.distributed:
            atexit.register(close_group)

    def train(self) -> nn.Module:
        """Train as mmengine does, and say what a batch of one picture comes from.

        Raises:
            UserError: BatchNorm got a single value per channel.
        """
        try:
            with results_by_the_group():
                return super().train()
        except ValueError as error:
            if 'Expected more than 1 value per channel' not in str(error):
                raise
            raise UserError(
                'a batch has one picture, of which BatchNorm has no statistics where '
                'its map has one pixel: the last batch of an epoch takes what is left. '
                'Write  train_dataloader.drop_last=True, or another batch_size'
            ) from error
        finally:
            self.state.interruption.leave()

    def val(self) -> dict:
        """Evaluate on the validation set as mmengine does."""
        with results_by_the_group():
            return super().val()

    def test(self) -> dict:
        """Evaluate on the test set as mmengine does."""
        with results_by_the_group():
            return super().test()

    def build_train_loop(self, loop: Any) -> BaseLoop:
        """Build the loop, whose batches have seeds and begin where the run goes on."""
        if not isinstance(loop, dict):
            return super().build_train_loop(loop)
        loader = self._train_dataloader
        if isinstance(loader, dict):
            differ = self._randomness_cfg.get('diff_rank_seed', False)
            loader = self.build_dataloader(loader, self.seed, differ)
        self.state.skip_batches(loop, seeded(loader, self.seed))
        # mmengine's `scale_lr` wants to see the config again, after this.
        configured, self._train_dataloader = self._train_dataloader, loader
        built = ours(super().build_train_loop(loop))
        self._train_dataloader = configured
        return built

    def build_model(self, model: nn.Module | dict) -> nn.Module:
        """Build the model, and check that the channels of its parts fit."""
        built = super().build_model(model)
        moments.model_built(built)
        return built

    def wrap_model(self, model_wrapper_cfg: dict | None, model: nn.Module) -> nn.Module:
        """Wrap the model as mmengine does; on a CPU without device ids and SyncBN."""
        if not self.distributed or get_device() != 'cpu' or is_model_wrapper(model):
            return super().wrap_model(model_wrapper_cfg, model)
        if any(isinstance(module, SyncBatchNorm) for module in model.modules()):
            self.logger.warning(
                'SyncBN works on accelerators only: each process uses BatchNorm over '
                'its own images'
            )
            model = revert_sync_batchnorm(model)
        accepted = inspect.signature(DistributedDataParallel).parameters
        new = 'forward_sync_buffers'  # the name of `broadcast_buffers` in new torch
        options = {
            new if new in accepted else 'broadcast_buffers': False,
            'find_unused_parameters': self.cfg.get('find_unused_parameters', False),
        }
        options.update(model_wrapper_cfg or {})
        options.pop('type', None)
        return MMDistributedDataParallel(model, **options)

    @staticmethod
    def build_dataloader(
        dataloader: DataLoader | dict,
        seed: int | None = None,
        diff_rank_seed: bool = False,
    ) -> DataLoader:
        """Build a data loader as mmengine does, after checking its data set."""
        if isinstance(dataloader, dict) and isinstance(dataloader['dataset'], dict):
            dataloader = copy.deepcopy(dataloader)
            dataloader['dataset'] = build_dataset(dataloader['dataset'])
            if not dataloader.get('num_workers'):
                # torch refuses both without workers.
                dataloader.pop('persistent_workers', None)
                dataloader.pop('prefetch_factor', None)
        return apart(MMEngineRunner.build_dataloader(dataloader, seed, diff_rank_seed))

    def call_hook(self, fn_name: str, **kwargs: Any) -> None:
        """Call a hook as mmengine does; check the heads' classes before any image."""
        for split in SPLITS.get(fn_name, ()):
            loader = getattr(getattr(self, f'{split}_loop'), 'dataloader', None)
            metainfo = getattr(getattr(loader, 'dataset', None), 'metainfo', {})
            moments.before_first_image(bare(self.model), metainfo, split)
        self.state.before(fn_name, kwargs.get('checkpoint'))
        super().call_hook(fn_name, **kwargs)
        if fn_name == 'before_train':
            self.wrap_again()
        self.state.after(fn_name)

    def wrap_again(self) -> None:
        """Distribute the model anew if hooks have changed the memory order of weights.

        Gradients come in the order of the weights. Where torch's buckets have another
        one, each gradient is copied in every step.
        """
        model: Any = self.model
        if not isinstance(model, DistributedDataParallel) or self.cfg.get('compile'):
            return
        inner = model.module
        if all(x.is_contiguous() for x in inner.parameters()):
            return
        for weight in inner.parameters():
            if weight.dim() == 4 and weight.shape[2:] == (1, 1):
                # Both orders hold one pixel alike, but their strides differ.
                k, c = weight.shape[:2]
                weight.data = weight.data.as_strided((k, c, 1, 1), (c, 1, c, c))
        self.model = self.wrap_model(self.cfg.get('model_wrapper_cfg'), inner)

    def resume(self, filename: str, *args: Any, **options: Any) -> None:
        """Go on with the run of a checkpoint exactly where it was."""
        if self.state.start is None:
            read = partial(state_in, filename)
            self.state.begin_from(Start(filename, by_first(read)))
        configured = as_configured(self)
        super().resume(filename, *args, **options)
        self.state.resume(configured)

    def load_checkpoint(
        self,
        filename: str,
        map_location: Any = 'cpu',
        strict: bool = True,
        revise_keys: list | None = None,
    ) -> dict[str, Any]:
        """Load a checkpoint without executing anything in it.

        The model's tensors must be there, unless the config has `strict_load = False`.

        Args:
            filename: Path, URL, or a name with OpenMMLab's prefixes.
            map_location: As for `torch.load`.
            strict: True if the checkpoint must hold every tensor of the model. The
                config's `strict_load` overrides it.
            revise_keys: Not needed, since known prefixes are removed.
        """
        start, located = self.state.start, None
        if start is not None and start.name == filename:
            checkpoint = dict(start.content)
            # Several optimizers check themselves; no model of the toolboxes has them.
            if isinstance(self.optim_wrapper, OptimWrapper):
                check_optimizer(checkpoint['optimizer'], self.optim_wrapper, filename)
        else:
            located = locate(filename)
            checkpoint = located.read(map_location)
        model = bare(self.model)
        row = located.row if located else None
        weights = recognized_for(checkpoint, model, row)
        checkpoint['state_dict'] = weights.tensors
        self.call_hook('after_load_checkpoint', checkpoint=checkpoint)
        weights = replace(weights, tensors=checkpoint['state_dict'])  # perhaps EMA's
        strict = self.cfg.get('strict_load', strict)
        name = located.name if located else filename
        load_recognized(weights, model, name, strict)
        # Resuming would run this text as Python, for a key that nothing sets any more.
        meta = checkpoint.get('meta')
        if isinstance(meta, dict):
            meta.pop('config', None)
        self._has_loaded = True
        return checkpoint

    def save_checkpoint(
        self,
        out_dir: str,
        filename: str,
        *args: Any,
        meta: dict[str, Any] | None = None,
        **options: Any,
    ) -> None:
        """Save a checkpoint whole or not at all, with what tensor names do not tell.

        Raises:
            UserError: A weight is NaN or infinite, or the disk is full.
        """
        model = bare(self.model)
        meta = dict(meta or {}, hrnet_mm=describe(model))
        self.check_weights(model)
        if not is_main_process() or '://' in out_dir:
            return super().save_checkpoint(
                out_dir, filename, *args, meta=meta, **options
            )
        with whole(Path(out_dir, filename)) as part:
            super().save_checkpoint(out_dir, part.name, *args, meta=meta, **options)

    def check_weights(self, model: nn.Module) -> None:
        """Raise a UserError if a weight is NaN or infinite, unless that is allowed."""
        odd = not_finite(model.state_dict())
        if odd and not self.cfg.get('allow_nan', False):
            raise UserError(
                f'{len(odd)} weights are NaN or infinite after iteration {self.iter}: '
                f'{first(odd)}. No checkpoint was written over an earlier one. '
                f'{finite_remedy(self)}'
            )

    def build_optim_wrapper(self, optim_wrapper: Any) -> Any:
        """Build the optimizer wrapper as mmengine does, fused only where torch can.

        A fused optimizer uses one operator for all parameters.
        """
        config = optim_wrapper if isinstance(optim_wrapper, dict) else {}
        fused = dict(config.get('optimizer') or {}).get('fused')
        if fused and get_device() == 'cpu' and not torch_is_at_least(2, 4):
            optim_wrapper = copy.deepcopy(optim_wrapper)
            optim_wrapper['optimizer']['fused'] = False
        return super().build_optim_wrapper(optim_wrapper)

    def scale_lr(self, optim_wrapper: Any, auto_scale_lr: dict | None = None) -> None:
        """Scale the learning rate as mmengine does, and say once from what to what."""
        before = [group['lr'] for group in optim_wrapper.param_groups]
        self.logger.addFilter(is_not_the_factor)  # their line has the factor alone
        added = getattr(optim_wrapper, '_accumulative_counts', 1)
        scaling = dict(auto_scale_lr or {})
        if 'base_batch_size' in scaling:  # gradients of several batches make a step
            scaling['base_batch_size'] /= added
        super().scale_lr(optim_wrapper, scaling or None)
        self.logger.removeFilter(is_not_the_factor)
        after = [group['lr'] for group in optim_wrapper.param_groups]
        going_on = self.state.start is not None  # its checkpoint has the rate
        if auto_scale_lr and before and before != after and not going_on:
            print_log(
                f'learning rate {before[0]:g} for a batch of '
                f'{auto_scale_lr["base_batch_size"]} -> {after[0]:g} for this batch; '
                '--no-auto-scale-lr keeps it',
                'current',
            )
