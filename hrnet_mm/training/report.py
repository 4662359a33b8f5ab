"""A run leaves a sheet of predictions, curves and a short table for people."""

from __future__ import annotations

import time
from collections.abc import Sequence
from numbers import Real
from pathlib import Path
from typing import Any

import mmcv
import numpy as np
from mmcv.transforms import LoadImageFromFile
from mmengine.config import Config
from mmengine.dist import get_world_size, master_only
from mmengine.hooks import Hook
from mmengine.registry import TRANSFORMS
from mmengine.runner import Runner
from rich.console import Console
from rich.table import Table

from ..drawing.pictures import rgb_picture
from ..nested_dicts import first_pipeline
from ..registry import HOOKS
from ..terminal import print_paths
from ..toolboxes import Toolbox, toolbox_of

SHEET, CURVES = 'predictions.png', 'curves.png'


@HOOKS.register_module()
class ReportHook(Hook):
    """This hook writes `predictions.png` and `curves.png`, and prints a table.

    Both files go to the work folder. The sheet shows images of the last evaluation,
    evenly spaced: ground truth on the left, predictions on the right.

    Args:
        images: Number of images on the sheet.
        score_thr: Predictions below this score, 0 to 1, are not drawn.
    """

    priority = 'VERY_LOW'

    def __init__(self, images: int = 8, score_thr: float = 0.3) -> None:
        self.images = images
        self.score_thr = score_thr
        self.samples: dict[str, list[Any]] = {}  # by path; mmpose has one per person
        self.seen, self.every, self.last = 0, 1, ''
        self.metrics: dict[str, float] = {}
        self.started = time.time()

    def before_val_epoch(self, runner: Runner) -> None:
        """Forget the images of the previous evaluation."""
        self._forget(len(runner.val_dataloader.dataset))

    def before_test_epoch(self, runner: Runner) -> None:
        """Forget the images of the previous evaluation."""
        self._forget(len(runner.test_dataloader.dataset))

    def _forget(self, samples: int) -> None:
        self.samples = {}
        # Evenly spaced: the first images of class folders are all of one class.
        every = samples // get_world_size() // self.images
        self.seen, self.every, self.last = 0, max(1, every), ''

    @master_only
    def after_val_iter(
        self,
        runner: Runner,
        batch_idx: int,
        data_batch: Any = None,
        outputs: Sequence[Any] | None = None,
    ) -> None:
        """Keep some of the images, with all their samples."""
        for sample in outputs or []:
            path, kept = sample.img_path, len(self.samples)
            due = kept < self.images and self.seen >= kept * self.every
            if due and path != self.last:
                self.samples.setdefault(path, [])
            if path in self.samples:
                self.samples[path].append(_light(sample))
            self.seen, self.last = self.seen + 1, path

    after_test_iter = after_val_iter

    @master_only
    def after_val_epoch(
        self, runner: Runner, metrics: dict[str, float] | None = None
    ) -> None:
        """Draw the sheet of predictions."""
        self.metrics = dict(metrics or {})
        toolbox = toolbox_of(runner.cfg)
        if self.samples and toolbox is not None:
            samples = [toolbox.merged(those) for those in self.samples.values()]
            drawn = [self._drawn(runner, toolbox, sample) for sample in samples]
            write_sheet(drawn, Path(runner.work_dir, SHEET))

    def _drawn(self, runner: Runner, toolbox: Toolbox, sample: Any) -> np.ndarray:
        image = rgb_picture(load_pixels(runner.cfg, sample.img_path))
        return toolbox.draw(
            runner.visualizer, image, sample, score_thr=self.score_thr, draw_gt=True
        )

    @master_only
    def after_test_epoch(
        self, runner: Runner, metrics: dict[str, float] | None = None
    ) -> None:
        """Draw the sheet and print the table."""
        self.after_val_epoch(runner, metrics)
        self._print(runner)

    @master_only
    def after_train(self, runner: Runner) -> None:
        """Draw the curves and print the table."""
        draw_curves(runner, Path(runner.work_dir, CURVES))
        self._print(runner)

    def _print(self, runner: Runner) -> None:
        table = Table(show_header=False)
        for name, value in self.metrics.items():
            table.add_row(
                name, f'{value:.3f}' if isinstance(value, Real) else str(value)
            )
        table.add_row('minutes', f'{(time.time() - self.started) / 60:.1f}')
        Console().print(table)
        written = [Path(runner.work_dir, name) for name in (SHEET, CURVES)]
        # Only what this run wrote: an older run may have left its files.
        print_paths(
            {
                path.stem: path
                for path in written
                if path.is_file() and path.stat().st_mtime >= self.started
            }
        )


def load_pixels(cfg: Config, path: str) -> np.ndarray:
    """Load an image as the config's evaluation does, so that predictions fit it."""
    loader = cfg.get('val_dataloader') or cfg.get('test_dataloader')
    steps = [TRANSFORMS.build(dict(step)) for step in first_pipeline(loader)[:1]]
    if not steps or not isinstance(steps[0], LoadImageFromFile):
        return mmcv.imread(path)
    return steps[0](dict(img_path=path))['img']


def write_sheet(drawn: Sequence[np.ndarray], path: Path) -> None:
    """Write a sheet with one panel per picture, (H, W, 3) and RGB."""
    from matplotlib.figure import Figure

    columns = 2 if len(drawn) > 3 else 1
    rows = -(-len(drawn) // columns)
    height, width = drawn[0].shape[:2]
    cell = 6.0  # inches
    figure = Figure((columns * cell, rows * cell * height / width + 0.4))
    figure.suptitle('ground truth | prediction', fontsize=10)
    for place, picture in enumerate(drawn, start=1):
        axes = figure.add_subplot(rows, columns, place)
        axes.imshow(picture)
        axes.axis('off')
    figure.tight_layout()
    figure.savefig(path, dpi=110)


def _light(sample: Any) -> Any:
    """Return a copy of a sample without large fields that are not drawn."""
    copied = sample.new()
    for name in ('seg_logits', 'pred_fields', 'gt_fields'):
        if name in copied:
            delattr(copied, name)
    return copied.cpu()


def draw_curves(runner: Runner, path: Path) -> None:
    """Draw the losses over iterations, and the evaluations' metrics below."""
    from matplotlib.figure import Figure

    scalars = {
        name: buffer.data[0]
        for name, buffer in runner.message_hub.log_scalars.items()
        if len(buffer.data[0]) > 1
    }
    losses = {
        k: v for k, v in scalars.items() if k.startswith('train/') and 'loss' in k
    }
    metrics = {k: v for k, v in scalars.items() if k.startswith('val/')}
    metrics = {k: v for k, v in metrics.items() if 'time' not in k and max(v) >= 0}
    panels = [(losses, 'log'), (metrics, 'linear')] if metrics else [(losses, 'log')]
    figure = Figure((9, 3.6 * len(panels)))
    for place, (lines, scale) in enumerate(panels, start=1):
        axes = figure.add_subplot(len(panels), 1, place)
        for name, values in lines.items():
            # Evaluations are evenly spaced, the last one at the end of training.
            step = runner.iter / len(values)
            steps = [step * (k + 1) for k in range(len(values))]
            axes.plot(steps, values, label=name.split('/', 1)[1], linewidth=1)
        axes.set(xlabel='iteration', yscale=scale)
        axes.grid(alpha=0.3)
        if lines:
            axes.legend(fontsize=7, ncols=2)
    figure.tight_layout()
    figure.savefig(path, dpi=110)
