"""A `Toolbox` defines in one place everything in which OpenMMLab's toolboxes differ.

Each difference is an attribute or a method of it, with the default that most toolboxes
share; no other code branches on the toolbox of a config. Importing this file needs only
the standard library, since `hrnet doctor` must run where NumPy or torch is broken.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from ..data.coco_categories import CATEGORY_IDS
from ..errors import UserError
from ..shelves import short_name

if TYPE_CHECKING:
    import numpy as np

    from ..data.look import Look
    from ..data.look.json_files import AnnotationFile
    from ..drawing.canvas import Kept

Shape = tuple[int, int]  # height and width in pixels


def name_of(requirement: str) -> str:
    """Return the package name of a requirement such as `mmdet==3.3.0`.

    The form `torch (>=2.14)` is understood too.
    """
    return re.findall(r'[\w.-]+', requirement)[0]


class Package(NamedTuple):
    """A `Package` is an importable module and the distributions that provide it.

    Attributes:
        module: Import name.
        requirement: Requirement of the original distribution, at the tested version.
        fork: Requirement of the maintained fork with the same import name.
        others: Names of more distributions that provide the module.
    """

    module: str
    requirement: str
    fork: str
    others: tuple[str, ...] = ()

    @property
    def distributions(self) -> tuple[str, ...]:
        """Return the names of all distributions that provide it, each once."""
        named = map(name_of, (self.requirement, self.fork))
        return tuple(dict.fromkeys([*named, *self.others]))


class DataSet(NamedTuple):
    """A `DataSet` is a data set as a config describes it, before it is built.

    Attributes:
        config: Its config.
        meta: Its metainfo.
        kind: Its class.
    """

    config: dict
    meta: Mapping[str, Any]
    kind: Any

    @property
    def root(self) -> Path:
        """Return the folder that its paths start from."""
        return folder_of(self.config)

    @property
    def file(self) -> Path:
        """Return its annotation file; its folder if it has none."""
        return self.root / (self.config.get('ann_file') or '')

    @property
    def turned(self) -> bool:
        """Return True if its images are turned upright by EXIF when they are loaded."""
        return self._color != 'unchanged' and 'ignore_orientation' not in self._color

    @property
    def in_8_bits(self) -> bool:
        """Return True if its images become 8 bits when they are loaded."""
        return self._color != 'unchanged'

    @property
    def _color(self) -> str:
        return self.step('LoadImageFromFile').get('color_type', 'color')

    def step(self, name: str) -> dict:
        """Return the first step of its pipeline of a class; empty without one.

        Args:
            name: Name of the class, without its scope; one that ends in it counts too.
        """
        steps = self.config.get('pipeline') or []
        return next((s for s in steps if short_name(s.get('type')).endswith(name)), {})

    def reads_like(self, kind: type, *methods: str) -> bool:
        """Tell whether its class has methods of another one, not methods of its own."""
        return all(
            getattr(self.kind, name, None) is getattr(kind, name) for name in methods
        )

    def beside(self, metric: dict) -> tuple[AnnotationFile, AnnotationFile] | None:
        """Return its annotations and a metric's; None if both read one file.

        Args:
            metric: Config of the metric.

        Raises:
            UserError: A file cannot be read, or the metric's has no annotations.
        """
        from ..data.look.json_files import annotations_of

        path = Path(metric.get('ann_file') or self.file)
        theirs = annotations_of(path, annotated=not metric.get('format_only'))
        if path == self.file:
            return None
        return annotations_of(self.file, annotated=False), theirs

    def look_at_pictures(self, look: Look, file: AnnotationFile) -> None:
        """Compare its images with what its annotation file says of them.

        Args:
            look: Look at the data set.
            file: Content of the annotation file.
        """
        from ..data.look import headers as of
        from ..data.look.json_files import has_size

        place = prefix_of(self.config, 'img')
        images = {place / image['file_name']: image for image in file.images.values()}
        found = of.headers_of(images, self.root)
        of.check_files(look, images, found)
        sizes = {
            path: (image['width'], image['height'])
            for path, image in images.items()
            if has_size(image)
        }
        of.check_sizes(look, sizes, found, self.turned)
        of.check_turns(look, found, self.turned)


class Toolbox:
    """A `Toolbox` describes everything in which one toolbox differs from the others.

    Attributes:
        task: `'classification'`, `'detection'`, `'segmentation'` or `'pose'`.
        package: Package of the toolbox; its import name is also the scope in mmengine's
            registries.
        extra: Name of the extra of `pip install 'hrnet_mm[...]'` with its requirements.
        needs: Modules that it imports without declaring them, or that must be installed
            before it.
        alone: True if it is installed without its own requirements, which do not build;
            the extra then has its needs, and a second command installs the toolbox.
        upsample: Mode of up-sampling in the exchange units of its own HRNet, see
            `hrnet_mm.weights.published.Weights`.
        layouts: Layout of `hrnet shapes` for each class of data sets.
        sign: Glob pattern that identifies a data folder of this task, and its
            description; None without one.
        results: Word for the results of a prediction in a summary; empty if an image
            has exactly one.
        takes_boxes: True if a model predicts on boxes from a detector or a file.
        exchange: What to write if names have sides, such as left and right arm, and a
            mirror image does not exchange them; with `{}` for the pairs.
        visualizer: Name of its class of visualizers.
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
    exchange: ClassVar[str] = 'Its labels stay: set prob=0.0 in RandomFlip'
    visualizer: ClassVar[str]
    trial_model: ClassVar[dict[str, Any]]

    @property
    def name(self) -> str:
        """Return the import name of the toolbox."""
        return self.package.module

    @property
    def commands(self) -> list[str]:
        """Return the shell commands that install the toolbox."""
        commands = [f"pip install 'hrnet_mm[{self.extra}]'"]
        if self.alone:
            commands.append(f'pip install --no-deps {self.package.requirement}')
        return commands

    def trial_sample(self) -> Any:
        """Return the data sample of the one image in a trial, as from a data loader."""
        raise NotImplementedError

    def input_shape(self, cfg: Mapping[str, Any]) -> Shape:
        """Return height and width in pixels of a model's input in a config's test.

        Raises:
            UserError: The config does not state the size.
        """
        raise NotImplementedError

    def check_files(self, dataset: dict) -> None:
        """Check the files of one data set before anything reads them.

        Args:
            dataset: Config of the data set, whose files and folders exist.

        Raises:
            UserError: The files hold nothing to train or evaluate on.
        """

    def look(self, look: Look, data: DataSet) -> None:
        """Look at one data set, and add what was found to a look.

        Args:
            look: Look to fill, with the names of the classes.
            data: The data set, whose files and folders exist. One whose class reads
                files in its own way is left alone.

        Raises:
            UserError: An annotation file cannot be read at all.
        """

    def look_at_evaluator(
        self, look: Look, data: DataSet, metric: dict, key: str
    ) -> None:
        """Add an error to a look if a metric cannot evaluate its data set.

        Args:
            look: Look at the data set.
            data: The data set.
            metric: Config of the metric.
            key: Key of the metric in the config.

        Raises:
            UserError: The metric's annotation file cannot be read.
        """

    def part_of_pretrained(self, node: dict) -> dict:
        """Return the part of a model whose weights the key `pretrained` names."""
        return node.get('backbone', node)

    def merged(self, samples: Sequence[Any]) -> Any:
        """Merge all samples of an image, the first if a data set lists it twice."""
        return samples[0]

    def meta(self, stored: dict, own: dict) -> dict:
        """Choose the metadata of the classes from the checkpoint or the config.

        Args:
            stored: `dataset_meta` of the checkpoint; may be empty.
            own: Metainfo of the config's data set.
        """
        if not stored.get('classes'):
            return own
        same = tuple(stored['classes']) == tuple(own.get('classes') or ())
        return {**own, **stored} if same else stored

    def categories(self, meta: dict, known: list[dict] | None = None) -> list[dict]:
        """List categories in COCO's form, in the order of the model's classes.

        Args:
            meta: Metadata of the data set.
            known: Categories of an annotation file, which may give the ids.

        Returns:
            The categories, with the class indices of the model, from 0, as ids.
        """
        classes = meta.get('classes') or ()
        return [dict(id=number, name=name) for number, name in enumerate(classes)]

    def draw(
        self,
        visualizer: Any,
        image: np.ndarray,
        sample: Any,
        *,
        score_thr: float = 0.3,
        draw_gt: bool = False,
    ) -> np.ndarray:
        """Draw predictions on an image, as the toolbox's own visualizer does.

        Args:
            visualizer: Visualizer of the toolbox, with `dataset_meta` set.
            image: Pixels (H, W, 3), RGB, 0 to 255.
            sample: The toolbox's data sample with predictions, in pixels of the image.
            score_thr: Boxes and keypoints below this score, 0 to 1, are not drawn.
            draw_gt: Draw the ground truth too, to the left of the predictions.

        Returns:
            Pixels (H, W, 3), RGB; with `draw_gt` (H, 2 W, 3), except for class names,
            which stand below each other.

        Raises:
            UserError: The visualizer is not of the toolbox.
        """
        from ..drawing.on_canvas import on_canvas

        packages = {kind.__module__.split('.')[0] for kind in type(visualizer).__mro__}
        if self.name not in packages:
            raise UserError(
                f'{type(visualizer).__name__} is no visualizer of {self.name}. Name '
                "the toolbox's own in the config: "
                f"visualizer=dict(type='{self.visualizer}', name='visualizer')"
            )
        drawing = on_canvas(visualizer, self.visualizer, self.canvas())
        pixels = image.clip(0, 255).astype('uint8', copy=False)
        self.ask_to_draw(drawing, pixels, sample.cpu(), score_thr, draw_gt)
        return drawing.drawn

    def canvas(self) -> type[Kept]:
        """Return the class of canvases that the toolbox's visualizer draws on."""
        from ..drawing.canvas import Kept

        return Kept

    def ask_to_draw(
        self,
        visualizer: Any,
        image: np.ndarray,
        sample: Any,
        score_thr: float,
        draw_gt: bool,
    ) -> None:
        """Call the method of a visualizer that draws a sample, see `draw`."""
        raise NotImplementedError

    def records(self, sample: Any, categories: list[dict]) -> list[dict]:
        """Convert a prediction to plain values, in COCO's form if there is one.

        Source: https://cocodataset.org/#format-results

        Args:
            sample: Data sample of the toolbox; None if nothing was predicted.
            categories: Result of `categories`.
        """
        raise NotImplementedError

    def label_map(self, sample: Any) -> np.ndarray | None:
        """Return the class of each pixel, (H, W); None without a label map."""
        return None


def coco_ids(names: Sequence[str], known: list[dict] | None) -> list[int]:
    """Return ids of categories: known ones, COCO's own, or else counted from 1.

    Args:
        names: Names of the categories.
        known: Categories of an annotation file; None without one.
    """
    ids = dict(CATEGORY_IDS)
    if known is not None:
        ids = {category['name']: category['id'] for category in known}
    if set(names) <= set(ids):
        return [ids[name] for name in names]
    return list(range(1, len(names) + 1))


def rounded(values: Any, digits: int = 3) -> list:
    """Round numbers and return them as plain lists of floats."""
    import numpy as np

    return np.asarray(values, np.float64).round(digits).tolist()


def with_sides(corners: Any) -> np.ndarray:
    """Convert boxes (N, 4) from x1, y1, x2, y2 to x, y, width, height."""
    import numpy as np

    boxes = np.array(corners, np.float64)
    boxes[:, 2:] -= boxes[:, :2]
    return boxes


def pair(size: int | Sequence[int]) -> Shape:
    """Return a size with two sides; a single number is both of them."""
    if isinstance(size, int):
        return size, size
    first, second = size
    return first, second


def folder_of(dataset: dict) -> Path:
    """Return the folder that a data set's paths start from."""
    return Path(dataset.get('data_root') or '')


def prefix_of(dataset: dict, key: str) -> Path:
    """Return the folder of a data set's images, below its root.

    Args:
        dataset: Config of the data set; its `data_prefix` is a dict, or for
            mmpretrain a string.
        key: Key of `data_prefix`.
    """
    prefix = dataset.get('data_prefix') or ''
    if not isinstance(prefix, str):
        prefix = prefix.get(key) or ''
    return folder_of(dataset) / prefix


# The trial models of all toolboxes share these settings.
ARCH = 'w18_small_v1'
SIDE = 64  # height and width of the image in pixels
PIXELS = dict(mean=[127.5] * 3, std=[64.0] * 3)
BODY = dict(type='hrnet_mm.HRNet', arch=ARCH)
HIGHEST_STREAM = dict(BODY, multiscale_output=False)
WIDTHS = (16, 32, 64, 128)  # channels of the network's streams
SIZES = dict.fromkeys(('img_shape', 'ori_shape', 'pad_shape'), (SIDE, SIDE))
