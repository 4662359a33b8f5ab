"""Checkpoints are saved so that no moment of a kill loses one."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

import mmengine.hooks
from mmengine.dist import is_main_process
from mmengine.runner import Runner

from ..checks.arguments import LAST, OF_A_RUN
from ..errors import UserError, first
from ..files import UNDERWAY, write_whole
from ..registry import HOOKS
from .resuming import INTERRUPTED

# Attributes of early stopping that a checkpoint keeps.
WAITING = ('monitor', 'rule', 'min_delta', 'wait_count', 'best_score', 'stopped')
# Figures that the tables of the papers rank by, and what is better.
FIGURES = dict(bbox_mAP='greater', mIoU='greater', AP='greater', PCK='greater')
FIGURES.update(PCKh='greater', AUC='greater', top1='greater', NME='less')
REPLACED = 'replaced_ckpts'  # names of files that wait to be removed


@HOOKS.register_module()
class CheckpointHook(mmengine.hooks.CheckpointHook):
    """This hook differs from mmengine's in the order of what it does.

    A new checkpoint is whole before an older one is removed. A checkpoint that an
    evaluation follows is saved again after it, with its figures and the best score. In
    a checkpoint files are named without their folder: a path in it could lead anywhere,
    and the folder may be moved. `save_best='auto'` is the main figure of the task.
    """

    saved = -1  # the iteration after which a checkpoint was saved last
    last_ckpt: str | None = None

    def before_train(self, runner: Runner) -> None:
        """Prepare the folder, and remove what a killed run could not remove."""
        facts = runner.message_hub.runtime_info
        forget_odd_facts(facts)
        super().before_train(runner)
        for key, path in self._best().items():
            self._set_best(key, self._inside(path) if path else None)
        self._remove_replaced(runner)
        for part in Path(self.out_dir).glob(UNDERWAY) if is_main_process() else ():
            part.unlink()  # the run was killed while it wrote
        # Going on, an evaluation may come first, whose figures belong to this file.
        step = runner.epoch if self.by_epoch else runner.iter
        if step and facts.get('last_ckpt') == self.filename_tmpl.format(step):
            self.last_ckpt, self.saved = self._inside(facts['last_ckpt']), runner.iter

    def _inside(self, path: Any) -> str:
        """Return the path of a file of this name in the folder of checkpoints."""
        return self.file_backend.join_path(self.out_dir, Path(str(path)).name)

    def _best(self) -> dict[str, str | None]:
        """Return the best checkpoints by the name of their score."""
        if not self.save_best:
            return {}
        if hasattr(self, 'best_ckpt_path_dict'):
            return dict(self.best_ckpt_path_dict)
        return {'': self.best_ckpt_path}

    def _set_best(self, key: str, path: str | None) -> None:
        if key:
            self.best_ckpt_path_dict[key] = path
        else:
            self.best_ckpt_path = path

    def _save_checkpoint_with_step(self, runner: Runner, step: int, meta: dict) -> None:
        """Save a checkpoint, then name it the last one, then remove surplus ones."""
        name = self.filename_tmpl.format(step)
        self._keep(runner, step)
        self._replace(runner, INTERRUPTED)
        self.last_ckpt = self._inside(name)
        runner.message_hub.update_info('last_ckpt', name)
        self.saved = meta['iter']
        runner.state.share()
        runner.save_checkpoint(
            self.out_dir,
            name,
            self.file_client_args,
            save_optimizer=self.save_optimizer,
            save_param_scheduler=self.save_param_scheduler,
            meta=meta,
            by_epoch=self.by_epoch,
            backend_args=self.backend_args,
            **self.args,
        )
        name_last(runner, self.last_ckpt)
        self._remove_replaced(runner)

    def _keep(self, runner: Runner, step: int) -> None:
        """Count a checkpoint among those that are kept; the surplus will be removed."""
        if self.max_keep_ckpts <= 0 or step in self.keep_ckpt_ids:
            return
        if len(self.keep_ckpt_ids) == self.max_keep_ckpts:
            oldest = self.filename_tmpl.format(self.keep_ckpt_ids.popleft())
            self._replace(runner, oldest)
        self.keep_ckpt_ids.append(step)
        runner.message_hub.update_info('keep_ckpt_ids', list(self.keep_ckpt_ids))

    def _replace(self, runner: Runner, name: str) -> None:
        """Note a file that is removed as soon as another one is whole."""
        waiting = list(runner.message_hub.runtime_info.get(REPLACED, ()))
        runner.message_hub.update_info(REPLACED, [*waiting, name])

    def _remove_replaced(self, runner: Runner) -> None:
        facts = runner.message_hub.runtime_info
        waiting = facts.get(REPLACED, ())
        for name in waiting if isinstance(waiting, list) else ():
            if isinstance(name, str) and OF_A_RUN.fullmatch(name) and is_main_process():
                with suppress(OSError):  # it is gone already
                    self.file_backend.remove(self._inside(name))
        facts[REPLACED] = []

    def _save_best_checkpoint(self, runner: Runner, metrics: dict) -> None:
        """Save the best checkpoint; the one before it is removed later.

        Raises:
            UserError: There is no such figure.
        """
        if not self.save_best:
            return
        if self.save_best == ['auto'] and 'auto' in self.key_indicators:
            name, rule = main_figure(metrics)
            self._init_rule([rule], [name])
        missing = [key for key in self.key_indicators if key not in metrics]
        if missing:
            raise UserError(
                f'save_best={first(missing)}: the evaluation has no such figure. It '
                f'has {first(metrics, most=12)}'
            )
        earlier, last = self._best(), self.last_ckpt
        for key in earlier:
            self._set_best(key, None)  # mmengine would remove it first
        # `after_val` saves it again, when all other hooks are done.
        self.last_ckpt = None
        super()._save_best_checkpoint(runner, metrics)
        self.last_ckpt = last
        for key, path in self._best().items():
            old = earlier.get(key)
            if path is None:
                self._set_best(key, old)
                continue
            self.saved = runner.iter
            if old and Path(old).name != Path(path).name:
                self._replace(runner, Path(old).name)
            info = f'best_ckpt_{key}' if key else 'best_ckpt'
            runner.message_hub.update_info(info, Path(path).name)

    def after_val(self, runner: Runner) -> None:
        """Save the last checkpoint again, with what the evaluation has found."""
        if self.last_ckpt is None or self.saved != runner.iter:
            return
        step = runner.epoch if self.by_epoch else runner.iter
        meta = dict(epoch=runner.epoch, iter=runner.iter)
        self._save_checkpoint_with_step(runner, step, meta)


def forget_odd_facts(facts: dict[str, Any]) -> None:
    """Remove what a checkpoint says of others in a form that this hook never wrote.

    Args:
        facts: mmengine's facts of the run, changed in place.
    """
    if 'keep_ckpt_ids' in facts:
        ids = facts['keep_ckpt_ids']
        listed = ids if isinstance(ids, list) else []
        facts['keep_ckpt_ids'] = [each for each in listed if isinstance(each, int)]
    scores = [key for key in facts if str(key).startswith('best_score')]
    for key in scores:
        if not isinstance(facts[key], int | float):
            del facts[key]


def name_last(runner: Runner, path: str) -> None:
    """Write the file that names the last checkpoint, relative to the work folder."""
    if not is_main_process():
        return
    folder, file = Path(runner.work_dir).absolute(), Path(path).absolute()
    near = file.is_relative_to(folder) and '://' not in path
    name = str(file.relative_to(folder)) if near else path
    write_whole(folder / LAST, name)


def main_figure(metrics: dict) -> tuple[str, str]:
    """Return the figure that the papers' tables rank by, and what is better.

    Args:
        metrics: Figures of an evaluation by their names.

    Returns:
        The name, and `'greater'` or `'less'`.

    Raises:
        UserError: None of the known ones is there.
    """
    for ending, rule in FIGURES.items():
        for name in metrics:
            if name.rpartition('/')[2] == ending:
                return name, rule
    raise UserError(
        'which figure says what is best? Name it:  --save-best NAME  (early stopping '
        f'takes the same). There are {first(metrics, most=12)}'
    )


@HOOKS.register_module()
class EarlyStoppingHook(mmengine.hooks.EarlyStoppingHook):
    """This hook stores in checkpoints what it waits for, so that a run can go on.

    `monitor='auto'` is the main figure of the task.
    """

    key = 'early_stopping'
    stopped = False
    monitor: str
    rule: str
    best_score: float
    min_delta: float

    def __init__(self, monitor: str = 'auto', **options: Any) -> None:
        options.setdefault('rule', 'greater' if monitor == 'auto' else None)
        super().__init__(monitor, **options)

    def after_val_epoch(self, runner: Runner, metrics: dict | None = None) -> None:
        """Decide whether training ends, as mmengine does."""
        if self.monitor == 'auto' and metrics:
            self.monitor, rule = main_figure(metrics)
            if rule != self.rule:
                self.rule, self.best_score = rule, -self.best_score
                self.min_delta = -self.min_delta
        super().after_val_epoch(runner, metrics or {})
        self.stopped = bool(runner.train_loop.stop_training)

    def before_save_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        """Store the best score and how long it has been the best."""
        checkpoint[self.key] = {name: getattr(self, name) for name in WAITING}

    def after_load_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        """Go on waiting as the run did."""
        mine = checkpoint.get(self.key)
        if isinstance(mine, dict) and runner._resume:
            for name in WAITING:
                value = mine.get(name)
                if isinstance(value, type(getattr(self, name))):
                    setattr(self, name, value)

    def before_train(self, runner: Runner) -> None:
        """Leave a training ended that was ended."""
        runner.train_loop.stop_training |= bool(self.stopped)
