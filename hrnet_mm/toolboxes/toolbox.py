"""What every toolbox of OpenMMLab has, and the answers that most of them share.

Whatever differs between the toolboxes is an attribute or a method here; nobody else
asks which toolbox a config is for. Importing it needs the standard library alone, since
`hrnet doctor` runs where NumPy or torch is broken.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from ..data.coco_categories import CATEGORY_IDS

if TYPE_CHECKING:
    import numpy as np

Shape = tuple[int, int]  # height and width in pixels


def name_of(requirement: str) -> str:
    """Return the name in a requirement such as `torch (>=2.14)` or `mmdet==3.3.0`."""
    return re.findall(r'[\w.-]+', requirement)[0]


class Package(NamedTuple):
    """What is imported under one name, and which distributions bring it.

    Attributes:
        module: The import name.
        requirement: Its own distribution, at the version that is tested.
        fork: The maintained fork's distribution of the same import name.
        others: More distributions that bring it.
    """

    module: str
    requirement: str
    fork: str
    others: tuple[str, ...] = ()

    @property
    def distributions(self) -> tuple[str, ...]:
        """All names of distributions that bring it, each once."""
        named = map(name_of, (self.requirement, self.fork))
        return tuple(dict.fromkeys([*named, *self.others]))


class Toolbox:
    """One of OpenMMLab's toolboxes: everything in which it differs from the others.

    Attributes:
        task: `'classification'`, `'detection'`, `'segmentation'` or `'pose'`.
        package: Its import name, which is its scope in mmengine's registries too.
        extra: Under which `pip install 'hrnet_mm[...]'` has what it needs.
        needs: What it imports and does not declare, or what must come before it.
        alone: Whether it is installed without its own requirements, which do not build;
            the extra then has its needs, and a second command brings it.
        upsample: How the exchange units of its own HRNet enlarge maps, see
            `hrnet_mm.weights.published.Weights`.
        layouts: The layout of `hrnet shapes` for a class of data sets.
        sign: A pattern by which a data folder of this task is known, and its name.
        results: What a prediction's results are called in a summary; empty where an
            image has one.
        takes_boxes: Whether a model predicts on boxes that something else has found.
        trial_model: Config of a small model with our network, for `hrnet doctor`.
    """

    task: ClassVar[str]
    package: ClassVar[Package]
    extra: ClassVar[str]
    needs: ClassVar[tuple[str, ...]] = ()
    alone: ClassVar[bool] = False
    upsample: ClassVar[str] = 'nearest'
    layouts: ClassVar[Mapping[str, str]] = {}
    sign: ClassVar[tuple[str, str] | None] = None
    results: ClassVar[str] = ''
    takes_boxes: ClassVar[bool] = False
    trial_model: ClassVar[dict[str, Any]]

    @property
    def name(self) -> str:
        """Return the import name."""
        return self.package.module

    @property
    def commands(self) -> list[str]:
        """List what a user types to install the toolbox."""
        commands = [f"pip install 'hrnet_mm[{self.extra}]'"]
        if self.alone:
            commands.append(f'pip install --no-deps {self.package.requirement}')
        return commands

    def trial_sample(self) -> Any:
        """Make what a data loader says of the one image of a trial."""
        raise NotImplementedError

    def input_shape(self, cfg: Mapping[str, Any]) -> Shape:
        """Find height and width of the input that a config's test gives the model.

        Raises:
            UserError: The config does not say it.
        """
        raise NotImplementedError

    def check_files(self, dataset: dict) -> None:
        """Look at the files of one data set before anything reads them.

        Args:
            dataset: Its config; its files and folders are there.

        Raises:
            UserError: There is nothing in them to train or evaluate on.
        """

    def part_of_pretrained(self, node: dict) -> dict:
        """Find the part of a model whose weights the key `pretrained` names."""
        return node.get('backbone', node)

    def merged(self, samples: Sequence[Any]) -> Any:
        """Make one sample of all samples of an image."""
        (sample,) = samples
        return sample

    def meta(self, stored: dict, own: dict) -> dict:
        """Choose what is known of the classes: by the checkpoint, or by the config.

        Args:
            stored: The checkpoint's `dataset_meta`; may be empty.
            own: The metainfo of the config's data set.
        """
        if not stored.get('classes'):
            return own
        same = tuple(stored['classes']) == tuple(own.get('classes') or ())
        return {**own, **stored} if same else stored

    def categories(self, meta: dict, known: list[dict] | None = None) -> list[dict]:
        """List categories as COCO writes them, in the order of the model's classes.

        Args:
            meta: Of the data set.
            known: Categories of an annotation file: ids by name.

        Returns:
            Ids are the model's own, counted from 0.
        """
        classes = meta.get('classes') or ()
        return [dict(id=number, name=name) for number, name in enumerate(classes)]

    def records(self, sample: Any, categories: list[dict]) -> list[dict]:
        """Make plain values of a prediction: COCO's results where it has a form.

        Source: https://cocodataset.org/#format-results

        Args:
            sample: The toolbox's data sample, or None where nothing was predicted.
            categories: From `categories`.
        """
        raise NotImplementedError

    def label_map(self, sample: Any) -> np.ndarray | None:
        """Return the class of each pixel, (H, W) uint8; None where there is none."""
        return None


def coco_ids(names: Sequence[str], known: list[dict] | None) -> list[int]:
    """Return ids of categories: the known ones, COCO's own, or counted from 1.

    Args:
        names: Of the categories.
        known: Categories of an annotation file, if there is one.
    """
    ids = dict(CATEGORY_IDS)
    if known is not None:
        ids = {category['name']: category['id'] for category in known}
    if set(names) <= set(ids):
        return [ids[name] for name in names]
    return list(range(1, len(names) + 1))


def rounded(values: Any, digits: int = 3) -> list:
    """Return numbers as plain lists of floats, rounded."""
    import numpy as np

    return np.asarray(values, np.float64).round(digits).tolist()


def folder_of(dataset: dict) -> Path:
    """Return the folder that a data set's paths start from."""
    return Path(dataset.get('data_root') or '')


# What the trial models of all toolboxes have.
ARCH = 'w18_small_v1'
SIDE = 64  # pixels of the image, both ways
PIXELS = dict(mean=[127.5] * 3, std=[64.0] * 3)
BODY = dict(type='hrnet_mm.HRNet', arch=ARCH)
HIGHEST_STREAM = dict(BODY, multiscale_output=False)
WIDTHS = (16, 32, 64, 128)  # of the network's streams
SIZES = dict.fromkeys(('img_shape', 'ori_shape', 'pad_shape'), (SIDE, SIDE))
