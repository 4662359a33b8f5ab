"""Evaluate a checkpoint of any config, of any toolbox.

hrnet test faster_rcnn_hrnetv2p_w32_1x work_dirs/.../epoch_12.pth
hrnet test fcn_hrnetv2_w48_cityscapes work_dirs/.../iter_160000.pth --tta
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from ..checks.arguments import check_weights
from ..config.finding import find_config
from ..config.launching import join_launcher
from ..errors import UserError
from .options import add_common_options, add_fast_option, new_parser

if TYPE_CHECKING:
    from mmengine.config import Config


def parser(prog: str | None = None, about: str = __doc__) -> argparse.ArgumentParser:
    """Return the parser of the verb's options."""
    options = new_parser(prog, about)
    add_common_options(options)
    add_fast_option(options)
    options.add_argument(
        'checkpoint', help='path, URL or OpenMMLab name of the weights'
    )
    options.add_argument(
        '--tta',
        action='store_true',
        help="test-time augmentation: the config's tta_pipeline and tta_model",
    )
    return options


def check(args: argparse.Namespace) -> None:
    """Check what needs no heavy imports; of several processes, where they met."""
    join_launcher(args.launcher, args.local_rank)
    if args.launcher == 'none':
        check_files(args)


def check_files(args: argparse.Namespace) -> None:
    """Check that the config and the checkpoint exist."""
    args.config = str(find_config(args.config))
    check_weights(args.checkpoint)


def run(args: argparse.Namespace) -> None:
    """Evaluate the checkpoint on the test set."""
    from ..checks import data_look
    from ..training import Runner, process_group, together

    with process_group(args.launcher, args.dist_timeout):
        with together():
            check_files(args)
            cfg = prepare(args)
        with together():
            runner = Runner.from_cfg(cfg)
        with data_look.late_look(cfg, ['test'], args.skip_data_check):
            runner.test()


def prepare(args: argparse.Namespace) -> Config:
    """Return the config with what the options say, checked against the data."""
    from ..checks import data_look, moments
    from ..config import initial_weights, opening, switches
    from ..training import is_first, is_first_of_machine

    cfg = opening.load_config(args)
    moments.before_building(cfg, ['test'])
    if is_first_of_machine() and not args.skip_data_check:
        data_look.check_data(cfg, ['test'], speaks=is_first())
    initial_weights.forget_pretrained(cfg)
    if args.tta:
        augment(cfg)
    cfg.load_from = args.checkpoint
    switches.set_fast(cfg, args.fast)
    return cfg


def augment(cfg: Config) -> None:
    """Test several views of each image, made by the config's `tta_pipeline`.

    Raises:
        UserError: The config has no `tta_pipeline` or no `tta_model`.
    """
    if 'tta_pipeline' not in cfg or 'tta_model' not in cfg:
        raise UserError(
            f'{cfg.filename} has no tta_pipeline and tta_model, as --tta needs. Leave '
            '--tta out, or take them from a config of the same data set that has them'
        )
    cfg.test_dataloader.dataset.pipeline = cfg.tta_pipeline
    cfg.model = dict(cfg.tta_model, module=cfg.model)
