"""Checks run at fixed moments, so that errors are reported as early as possible.

| moment                         | checks             | called by                 |
|--------------------------------|--------------------|---------------------------|
| the arguments have been read   | `checks.arguments` | `check` of each verb      |
| the config has been read       | `CONFIG`           | `config.opening`          |
| it is known where a run writes | `RUN`              | `config.opening`          |
| a training is about to begin   | `TRAINING`         | the verb `train`          |
| before anything is built       | `FILES`            | verbs that read data sets |
| after that                     | `checks.data_look` | the same verbs            |
| a data set has been built      | `DATA`             | the runner                |
| a model has been built         | `MODEL`            | the runner, the predictor |
| before the first image         | `PREDICTIONS`      | the runner, the predictor |

A check is a function that raises a `UserError`. Add a new one to the file of its kind
and to the list of its moment.
"""

from __future__ import annotations

from collections.abc import Sequence

from mmengine.config import Config
from torch import nn
from torch.utils.data import Dataset

from ..nested_dicts import datasets_of
from . import agreement, channels, config_file, data_files

CONFIG = (
    config_file.model_is_there,
    config_file.values_have_their_kind,
    config_file.toolbox_can_be_imported,
)
RUN = (config_file.splits_are_whole, config_file.work_dir_can_be_written)
TRAINING = (config_file.steps_are_counted, config_file.schedule_is_as_long)
FILES = (data_files.files_are_there, data_files.files_can_be_used)
DATA = (
    agreement.classes_occur,
    agreement.images_are_left,
    agreement.masks_are_there,
)
MODEL = (
    channels.channels_agree,
    channels.losses_agree,
    agreement.ignored_label_is_no_class,
    agreement.windows_cover,
)
PREDICTIONS = (agreement.classes_agree, agreement.key_points_agree)


def config_read(cfg: Config) -> None:
    """Check a config after --cfg-options have been applied."""
    for check in CONFIG:
        check(cfg)


def run_named(cfg: Config) -> None:
    """Check the work folder of a run, once `cfg.work_dir` is set."""
    for check in RUN:
        check(cfg)


def before_training(cfg: Config) -> None:
    """Check what only a training needs of a config, after all options."""
    for check in TRAINING:
        check(cfg)


def before_building(cfg: Config, splits: Sequence[str]) -> None:
    """Check the files of all data sets that will be read.

    Args:
        cfg: Whole config.
        splits: Splits that will be read, of `'train'`, `'val'` and `'test'`.
    """
    for split in splits:
        for dataset in datasets_of(cfg.get(f'{split}_dataloader')):
            for check in FILES:
                check(cfg, split, dataset)


def data_built(dataset: Dataset, cfg: dict, images: int) -> None:
    """Check a data set that has been built.

    Args:
        dataset: Data set, which may have no images.
        cfg: Config that it was built from.
        images: Number of its images.
    """
    for check in DATA:
        check(dataset, cfg, images)


def model_built(model: nn.Module) -> None:
    """Check that the parts of a model fit each other."""
    for check in MODEL:
        check(model)


def before_first_image(model: nn.Module, metainfo: dict, split: str = 'test') -> None:
    """Check that a model predicts the classes or keypoints of a data set.

    Args:
        model: Model without the wrappers that distribute or augment it.
        metainfo: Metainfo of the data set.
        split: Split that the data set is, for messages.
    """
    for check in PREDICTIONS:
        check(model, metainfo, split)
