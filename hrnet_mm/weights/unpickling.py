"""mmengine reads checkpoints, annotations and configs without executing them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

import yaml
from mmengine.fileio import JsonHandler, PickleHandler, YamlHandler, register_handler
from mmengine.runner import CheckpointLoader
from mmengine.structures import InstanceData

from ..errors import UserError, first, one_line
from .aliases import ALIASES
from .hub import HUB
from .locating import locate
from .nesting import DEEPEST, check_nesting
from .plain_pickle import NUMPY, PYTHON, ForbiddenError, built, unpickled

try:
    from yaml import CSafeLoader as SafeLoader
except ImportError:  # PyYAML without its library in C
    from yaml import SafeLoader

MOST_MERGED = 1000  # entries, or dicts, that one `<<` of YAML merges
# mmengine's own, weaker rules would read these three; `locate` refuses them.
ELSEWHERE = ('pavi://', r'(\S+\:)?s3://', r'(\S+\:)?petrel://')
SCHEMES = ('', 'http://', 'https://', *ALIASES, *HUB, *ELSEWHERE)


def load_from_hrnet_mm(filename: str, map_location: Any = None) -> dict[str, Any]:
    """Read a checkpoint for mmengine's own `load_checkpoint` and `Pretrained`.

    mmengine's reader allows `getattr`, which is enough for a file to run any code, and
    reads refused files again without limits.
    """
    content = locate(filename).read(map_location or 'cpu')
    if not filename.startswith('mmcls://'):
        return content
    tensors = content.get('state_dict', content)
    prefix = 'backbone.'
    inner = {k[len(prefix) :]: v for k, v in tensors.items() if k.startswith(prefix)}
    return dict(state_dict=inner)


def boxes(state: Any, *args: Any) -> InstanceData:
    """Return the InstanceData that a pickle describes.

    Raises:
        UserError: Its state is another one, or would hide its methods.
    """
    names = dict(state or {})
    meta, data = (names.pop(key, ()) for key in ('_metainfo_fields', '_data_fields'))
    odd = [name for name in names if hasattr(InstanceData, name)]
    if odd or set(names) != {*meta, *data}:
        raise UserError(f'It holds boxes (InstanceData) with {first(odd or names)}')
    return InstanceData(
        metainfo={name: names[name] for name in meta},
        **{name: names[name] for name in data},
    )


TABLE = {**PYTHON, **NUMPY, 'mmengine.structures.instance_data.InstanceData': boxes}


@contextmanager
def explained(file: IO[Any], kind: str) -> Iterator[None]:
    """Raise what goes wrong while a file is read as one message with its name.

    Args:
        file: The file; mmengine hands over its content alone if it was given a path.
        kind: Kind of the file, e.g. `'JSON'`.
    """
    name = getattr(file, 'name', None) or f'a {kind} file'
    try:
        yield
    except ForbiddenError as error:
        raise UserError(
            f'{name} holds the Python object {error}. Reading it would run code that '
            'the file brings with it, so nothing was read.\nAnnotations and proposals '
            'may hold plain values and NumPy arrays, or be a JSON file'
        ) from error
    except UserError as error:
        raise UserError(f'{name} was not read. {error}') from error
    except RecursionError as error:
        raise UserError(
            f'{name} was not read. It is nested more than {DEEPEST} deep'
        ) from error
    except Exception as error:
        raise UserError(
            f'{name} was not read. It is damaged, or no {kind}: {one_line(error)}'
        ) from error


class PlainPickleHandler(PickleHandler):
    """This handler reads .pkl annotations and proposals without executing them."""

    def load_from_fileobj(self, file: IO[bytes], **kwargs: Any) -> Any:
        with explained(file, 'pickle'):
            content = unpickled(file, TABLE, **kwargs)
            return built(content, file.tell())


class PlainYamlHandler(YamlHandler):
    """This handler reads YAML without its tags that call Python."""

    def load_from_fileobj(self, file: IO[str], **kwargs: Any) -> Any:
        with explained(file, 'YAML'):
            content = yaml.load(file, Loader=PlainLoader)
            check_nesting(content)
            return content


class PlainJsonHandler(JsonHandler):
    """This handler reads JSON, and says in one message what is wrong with it."""

    def load_from_fileobj(self, file: IO[str]) -> Any:
        with explained(file, 'JSON'):
            content = super().load_from_fileobj(file)
            check_nesting(content)
            return content


class PlainLoader(SafeLoader):
    """This loader of YAML makes plain values, and tuples for lists of that tag."""

    def flatten_mapping(self, node: Any) -> None:
        """Put the entries that `<<` names into a dict, as long as they are few.

        Raises:
            UserError: They are many; each level may have ten times those of the last.
        """
        merged = [value for key, value in node.value if key.value == '<<']
        if sum(len(value.value) for value in merged) > MOST_MERGED:
            line = node.start_mark.line + 1
            raise UserError(f'It merges too much into the dict in line {line}')
        super().flatten_mapping(node)
        if len(node.value) > 10 * MOST_MERGED:
            line = node.start_mark.line + 1
            raise UserError(f'It merges too much into the dict in line {line}')


def _tuple(loader: Any, node: Any) -> tuple:
    made = tuple(loader.construct_sequence(node))
    inner = [x for part in made if type(part) is tuple for x in part]
    if any(type(x) is tuple for x in inner):
        raise UserError(f'It has tuples of tuples in line {node.start_mark.line + 1}')
    return made


def _refused(loader: Any, node: Any) -> Any:
    tag = node.tag.replace('tag:yaml.org,2002:', '!!')
    raise UserError(
        f'It has the tag {tag} in line {node.start_mark.line + 1}, which asks for a '
        'Python object. Write plain values: texts, numbers, lists, dicts'
    )


# mmengine writes tuples with this tag.
PlainLoader.add_constructor('tag:yaml.org,2002:python/tuple', _tuple)
PlainLoader.add_constructor(None, _refused)  # all others


def register() -> None:
    """Make mmengine read checkpoints and other files with the functions above."""
    CheckpointLoader.register_scheme(SCHEMES, load_from_hrnet_mm, force=True)
    register_handler(['pickle', 'pkl'])(PlainPickleHandler)
    register_handler(['yaml', 'yml'])(PlainYamlHandler)
    register_handler('json')(PlainJsonHandler)
