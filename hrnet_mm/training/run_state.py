"""A runner's state goes into its checkpoints, and comes back out of one."""

from __future__ import annotations

from typing import Any

from mmengine.dist import get_rank, get_world_size
from mmengine.registry import LOOPS
from mmengine.runner import IterBasedTrainLoop as IterBased
from mmengine.runner import Runner
from torch.utils.data import DataLoader

from ..errors import UserError
from . import rescaling
from .batches import whole_batch
from .consensus import agree
from .exchange import from_all
from .interruption import Interruption, own_weights_back, stop
from .loops import ByEpoch
from .random_state import random_state, set_random_state
from .resuming import KEY, Progress, Start, changes, options_of
from .running_statistics import (
    average,
    set_statistics,
    share_statistics,
    statistics_of,
)

# Moments between two steps, at which a training may be stopped.
STEPS = ('after_train_iter', 'after_val_iter', 'after_val')
STATE = (KeyError, TypeError, ValueError, RuntimeError, IndexError, AttributeError)


class RunState:
    """A `RunState` knows where a run is, and stops it or lets it go on there.

    Args:
        runner: The runner.
        start: Checkpoint that it goes on from; None if it starts anew.
    """

    def __init__(self, runner: Runner, start: Start | None) -> None:
        self.runner = runner
        self.start: Start | None = None
        self.progress: Progress | None = None
        if start is not None:
            self.begin_from(start)
        self.interruption = Interruption()
        self.validated = -1  # the iteration after which an evaluation was complete
        self.at_validation: dict[str, Any] | None = None
        self.gathered: list[dict[str, Any]] = []

    def begin_from(self, start: Start) -> None:
        """Take a checkpoint to go on from."""
        self.start, self.progress = start, start.progress

    def skip_batches(self, loop: dict, loader: DataLoader) -> None:
        """Leave out the batches that a loop of iterations has trained before.

        Args:
            loop: Config of the loop, which takes batches as soon as it is built.
            loader: Data loader of the loop, with `SeededBatches`.
        """
        kind = loop.get('type')
        kind = LOOPS.get(kind) if isinstance(kind, str) else kind
        by_epoch = loop.get('by_epoch', True) if kind is None else None
        if self.start is None or by_epoch or (kind and not issubclass(kind, IterBased)):
            return
        count = self.start.meta['iter']
        if self.progress is not None:
            count = count * self.progress.batch_size // whole_batch(loader)
        batches: Any = loader.batch_sampler
        batches.skip(count)

    def before(self, moment: str, checkpoint: dict | None = None) -> None:
        """Note what a moment means, before the hooks are called.

        Args:
            moment: Name of the hooks' method.
            checkpoint: Checkpoint that is about to be saved or was loaded.
        """
        if (
            checkpoint
            and moment == 'before_save_checkpoint'
            and 'optimizer' in checkpoint
        ):
            checkpoint[KEY] = self.at(checkpoint['meta']['iter'])
        if moment == 'before_train':
            agree(self.runner, ('train', 'val'))
            self.interruption.listen()
        if moment == 'before_test':
            agree(self.runner, ('test',))
        if moment == 'before_val':
            share_statistics(self.runner)
            self.at_validation = random_state()
            self.gather()  # each process may be stopped within the evaluation
        if moment == 'after_val':
            self.at_validation, self.validated = None, self.runner.iter

    def after(self, moment: str) -> None:
        """Go on, or stop, after the hooks were called."""
        if moment == 'before_train' and self.start is not None:
            self._go_on()
        if moment in STEPS and self.interruption.stops(
            alone=moment == 'after_val_iter'
        ):
            self._stop(moment)

    def _stop(self, moment: str) -> None:
        if moment == 'after_train_iter':
            self.share(own=True)
        elif moment == 'after_val':
            self.share()
        # Averaged weights stand in for the model's own during an evaluation.
        if moment == 'after_val_iter':
            own_weights_back(self.runner)
        done = self.runner.iter + (moment == 'after_train_iter')
        stop(self.runner, self.interruption.received, done)

    def share(self, own: bool = False) -> None:
        """Let the first process save the state of all, which all call this.

        Args:
            own: True where a run that is not stopped would share nothing: each process
                goes on with running statistics of its own.
        """
        of_model = statistics_of(self.runner)
        several = own and get_world_size() > 1
        self.gather(statistics=[x.cpu().clone() for x in of_model] if several else [])
        average(of_model)

    def gather(self, **more: list[Any]) -> None:
        """Take the random numbers of all processes, which all call this.

        Args:
            **more: What is taken besides, if there is any.
        """
        mine = self.at_validation or random_state()
        more = {key: value for key, value in more.items() if value}
        self.gathered = from_all({**mine, **more})

    def at(self, iteration: int) -> dict[str, Any]:
        """Return the `Progress` after an iteration as plain values."""
        runner = self.runner
        mine = self.at_validation or random_state()
        loader = runner.train_dataloader
        adds = getattr(runner.optim_wrapper, '_accumulative_counts', 1) > 1
        gradients = {
            name: parameter.grad.cpu()
            for name, parameter in runner.model.named_parameters()
            if adds and parameter.grad is not None
        }
        progress = Progress(
            batches=len(loader),
            batch_size=whole_batch(loader),
            validated=self.validated == iteration,
            random=self.gathered or [mine],
            options=options_of(runner.cfg),
            gradients=gradients,
        )
        self.gathered = []
        return dict(vars(progress))

    def resume(self, fresh: list[dict[str, Any]]) -> None:
        """Set loop and schedules to where the run was, once all else is loaded.

        Args:
            fresh: Attributes of the schedulers as the config alone makes them.
        """
        assert self.start is not None
        runner, loop = self.runner, self.runner.train_loop
        epoch, iteration = self.start.meta['epoch'], self.start.meta['iter']
        length = len(loop.dataloader)
        before = self.progress.batches if self.progress else length
        done = min(max(iteration - epoch * before, 0), before)
        if isinstance(loop, ByEpoch):
            done = done * length // max(before, 1)
            loop.done, iteration = done, epoch * length + done
        loop._epoch, loop._iter = epoch, iteration
        if self.progress is not None:
            rescaling.to_this_batch(runner, self.progress, fresh)
            self._say(self.progress)
        if self.progress is not None and self.progress.validated:
            self.validated = iteration
        self.start.content.clear()  # it may be gigabytes

    def _say(self, progress: Progress) -> None:
        runner, loop = self.runner, self.runner.train_loop
        assert self.start is not None
        for line in self.start.passed:
            runner.logger.warning(line)
        lines = changes(progress.options, options_of(runner.cfg))
        if lines:
            runner.logger.warning('\n'.join(lines))
        runner.logger.info(
            f'going on from {self.start.name}: epoch {loop.epoch} of '
            f'{runner.max_epochs} done, iteration {loop.iter} of {runner.max_iters}'
        )

    def _go_on(self) -> None:
        """Set random numbers and gradients; evaluate if that was interrupted."""
        runner, loop, progress = self.runner, self.runner.train_loop, self.progress
        if progress is None:
            return
        try:
            if get_rank() < len(progress.random):
                mine = progress.random[get_rank()]
                set_random_state(mine)
                if 'statistics' in mine:
                    set_statistics(statistics_of(runner), mine['statistics'])
            parameters = dict(runner.model.named_parameters())
            for name, gradient in progress.gradients.items():
                parameters[name].grad = gradient.to(parameters[name].device)
        except STATE as error:
            raise UserError(
                f'{self.start and self.start.name}: the state of the run in it is '
                f'damaged ({error!r}). Go on from another: --resume CHECKPOINT'
            ) from error
        due = runner.val_loop is not None and loop.validation_is_due()
        if due and not progress.validated:
            runner.val_loop.run()
        elif loop.iter >= runner.max_iters or loop.stop_training:
            runner.logger.warning(
                f'the run in {runner.work_dir} is complete: {loop.iter} of '
                f'{runner.max_iters} iterations are trained. To train longer: '
                '--cfg-options train_cfg.max_epochs=... (or max_iters); to train anew: '
                '--overwrite, or another --work-dir'
            )
