"""The command `hrnet` has several verbs and runs one of them.

Only the standard library is imported before the arguments have been parsed and the
named files have been found, as importing torch and the toolboxes takes seconds.
"""

from __future__ import annotations

import argparse
import difflib
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

from ..errors import UserError, did_you_mean
from ..version import __version__
from .absent import remedies
from .ending import user_errors


class Verb(NamedTuple):
    """A `Verb` describes one verb of the command.

    Attributes:
        module: Name of a module with `parser(prog, about)`, `check(args)` and
            `run(args)`.
        about: One line for the list of verbs.
        guarded: True if the verb reads files of unknown origin; then nothing in them
            is unpickled in this process.
    """

    module: str
    about: str
    guarded: bool = True


VERBS = {
    'train': Verb('train', 'train any config, of any toolbox'),
    'test': Verb('test', 'evaluate a checkpoint'),
    'check': Verb('inspect_data', 'what is wrong with the data of a config'),
    'predict': Verb('predict', 'draw what a model finds in images or a video'),
    'convert': Verb('convert', 'a checkpoint in the form of another code base'),
    'complexity': Verb('count', 'parameters and multiply-adds of any config'),
    'shapes': Verb('draw', 'a drawn data set, without a download', guarded=False),
    'doctor': Verb('doctor', 'what is installed, whether it works', guarded=False),
}
# The number and size of images are those that the config is meant for.
EXAMPLE = (
    'hrnet shapes data/demo --train 1200 --val 200 --size 128x128 && '
    'hrnet train demo_faster_rcnn_hrnetv2p'
)


def execute(
    name: str,
    arguments: Sequence[str] | None = None,
    prog: str | None = None,
    about: str | None = None,
) -> int:
    """Run a verb.

    Args:
        name: One of `VERBS`.
        arguments: Arguments after the verb; None for those of this process.
        prog: Name of the command in the help text; None for that of the script.
        about: Description in the help text; None for the verb's own.

    Returns:
        The exit status.
    """
    verb = VERBS[name]
    module = import_module(f'.{verb.module}', __package__)
    options: argparse.ArgumentParser = module.parser(prog, about or module.__doc__)
    args = options.parse_args(arguments)
    try:
        module.check(args)
        with remedies(getattr(args, 'config', None)):
            if verb.guarded:
                forbid_unpickling()
            return module.run(args) or 0
    except argparse.ArgumentError as error:
        options.error(str(error))


def forbid_unpickling() -> None:
    """Call `hrnet_mm.weights.guard.forbid_unpickling`, importing torch only now."""
    from ..weights.guard import forbid_unpickling as forbid

    forbid()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `hrnet VERB ...` and return the exit status."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    with user_errors():
        if not words or words[0] in ('-h', '--help', 'help'):
            print(overview())
            return 0
        if words[0] in ('-V', '--version', 'version'):
            print(f'hrnet {__version__}')
            return 0
        check_verb(words[0])
        return execute(words[0], words[1:], prog=f'hrnet {words[0]}')


def tool(name: str, about: str | None = None) -> int:
    """Run a verb for one of the scripts in tools/.

    Args:
        name: One of `VERBS`.
        about: Description in the help text; None for the verb's own, with the name of
            the script.

    Returns:
        The exit status.
    """
    with user_errors():
        return execute(name, about=about or about_script(name, Path(sys.argv[0]).name))


def about_script(name: str, script: str) -> str:
    """Return a verb's description, with a script of tools/ instead of the command."""
    text = import_module(f'.{VERBS[name].module}', __package__).__doc__ or ''
    return text.replace(f'hrnet {name} ', f'python tools/{script} ')


def overview() -> str:
    """Return the text of `hrnet --help`, with one line for each verb."""
    lines = (f'  {name:<12}{verb.about}' for name, verb in VERBS.items())
    return '\n'.join(
        [
            f'hrnet {__version__}: HRNet for the OpenMMLab toolboxes',
            '',
            'usage: hrnet VERB ...',
            '',
            *lines,
            '',
            'hrnet VERB --help has the options of one, hrnet --version the version.',
            'A first try:',
            f'  {EXAMPLE}',
        ]
    )


def check_verb(word: str) -> None:
    """Raise a UserError unless a word is a verb."""
    if word in VERBS:
        return
    near = difflib.get_close_matches(word, VERBS, n=2)
    raise UserError(
        f'no verb {word}{did_you_mean(near)}\nThere are: {", ".join(VERBS)}'
    )
