"""The loops of training go on at any batch, without loading those before it."""

from __future__ import annotations

from typing import Any

from mmengine.runner import EpochBasedTrainLoop, IterBasedTrainLoop
from torch.utils.data import DataLoader

from .batches import SeededBatches


def begin(loader: DataLoader, done: int, number: int) -> None:
    """Let a data loader begin an epoch where it was left.

    Args:
        loader: The data loader. One without batches cannot begin within an epoch.
        done: Number of batches of the epoch to leave out.
        number: Number of batches since the run began.
    """
    batches = loader.batch_sampler
    if isinstance(batches, SeededBatches):
        if done:
            batches.skip(done)
        batches.number = number


class ByEpoch(EpochBasedTrainLoop):
    """This loop of epochs goes on in the middle of one.

    Attributes:
        done: Number of batches of the next epoch that were trained before.
    """

    done: int = 0

    def run_epoch(self) -> None:
        """Train the batches of an epoch that are left."""
        self.runner.call_hook('before_train_epoch')
        self.runner.model.train()
        done, self.done = self.done, 0
        begin(self.dataloader, done, self._iter)
        for idx, data_batch in enumerate(self.dataloader, start=done):
            self.run_iter(idx, data_batch)
        self.runner.call_hook('after_train_epoch')
        self._epoch += 1

    def validation_is_due(self) -> bool:
        """Tell whether an evaluation follows the epochs that are complete."""
        self._decide_current_val_interval()
        epoch, last = self._epoch, self._epoch == self._max_epochs
        on_time = epoch >= self.val_begin and (epoch % self.val_interval == 0 or last)
        return epoch > 0 and not self.done and on_time


class ByIteration(IterBasedTrainLoop):
    """This loop of iterations starts at the batch that its data loader gives next."""

    def run(self) -> Any:
        """Train until the last iteration."""
        self.runner.call_hook('before_train')
        self.runner.call_hook('before_train_epoch')
        # The end of all batches begins the next round, in another order.
        batches = self.dataloader.batch_sampler
        self.dataloader_iterator._epoch = getattr(batches, 'round', 0)
        while self._iter < self._max_iters and not self.stop_training:
            self.runner.model.train()
            self.run_iter(next(self.dataloader_iterator))
            if self.runner.val_loop is not None and self.validation_is_due():
                self.runner.val_loop.run()
        self.runner.call_hook('after_train_epoch')
        self.runner.call_hook('after_train')
        return self.runner.model

    def validation_is_due(self) -> bool:
        """Tell whether an evaluation follows the last iteration."""
        self._decide_current_val_interval()
        step, last = self._iter, self._iter == self._max_iters
        return step >= self.val_begin and (step % self.val_interval == 0 or last)
