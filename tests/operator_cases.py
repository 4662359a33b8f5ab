"""Cases of mmcv's operators and of xtcocotools, and what the compiled ones gave.

    python tests/operator_cases.py

writes data/operators.npz. It needs an mmcv with compiled operators and xtcocotools; no
test does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

GOLDEN = Path(__file__).parent / 'data/operators.npz'
PARTS = dict(foot=6, face=68, lefthand=21, righthand=21)
CASES: dict[str, Callable[[], Iterator[Tensor]]] = {}


def case(function):
    CASES[function.__name__] = function
    return function


def normal(seed: int, *shape: int) -> Tensor:
    """Equal numbers on every machine."""
    values = np.random.default_rng(seed).standard_normal(shape)
    return torch.from_numpy(values).float()


def boxes(seed: int, count: int, size: float = 64.0) -> Tensor:
    """Boxes (count, 4) of 4 to 36 pixels inside a square."""
    random = np.random.default_rng(seed)
    corners = random.uniform(0, size - 36, (count, 2))
    extents = random.uniform(4, 36, (count, 2))
    both = np.concatenate([corners, corners + extents], axis=1)
    return torch.from_numpy(both).float()


def gradients(output: Tensor, *inputs: Tensor) -> Iterator[Tensor]:
    """The output, and the gradients of a sum of it with other weights everywhere."""
    yield output
    weight = normal(99, *output.shape)
    yield from torch.autograd.grad((output * weight).sum(), inputs)


@case
def nms():
    from mmcv.ops import nms as operator

    scores = normal(1, 300).sigmoid()
    for offset in (0, 1):
        yield from operator(boxes(0, 300), scores, 0.5, offset=offset)
    yield from operator(boxes(0, 300), scores, 0.3, score_threshold=0.4, max_num=9)


@case
def soft_nms():
    from mmcv.ops import soft_nms as operator

    scores = normal(1, 200).sigmoid()
    for method in ('naive', 'linear', 'gaussian'):
        yield from operator(boxes(0, 200), scores, 0.3, 0.5, 0.05, method)


@case
def nms_match():
    from mmcv.ops import nms_match as operator

    dets = torch.cat([boxes(0, 80), normal(1, 80, 1).sigmoid()], dim=1)
    groups = operator(dets, 0.4)
    yield torch.tensor([len(group) for group in groups])
    yield torch.cat(groups)


@case
def batched_nms():
    from mmcv.ops import batched_nms as operator

    labels = torch.arange(200) % 3
    for kind in ('nms', 'soft_nms'):
        config = dict(type=kind, iou_threshold=0.5)
        yield from operator(boxes(0, 200), normal(1, 200).sigmoid(), labels, config)


@case
def roi_align():
    from mmcv.ops import roi_align as operator

    maps = normal(2, 2, 5, 24, 32).requires_grad_()
    rois = torch.cat([torch.tensor([[0.0], [1.0]] * 6), boxes(3, 12) * 1.6 - 8], dim=1)
    for aligned, ratio in ((True, 0), (True, 2), (False, 0), (False, 3)):
        output = operator(maps, rois, (7, 5), 0.25, ratio, 'avg', aligned)
        yield from gradients(output, maps)


@case
def deform_conv():
    from mmcv.ops import deform_conv2d as operator

    x, weight = normal(4, 2, 8, 9, 11), normal(5, 6, 4, 3, 3) / 6
    offset = normal(6, 2, 36, 5, 6) * 2
    inputs = [tensor.requires_grad_() for tensor in (x, offset, weight)]
    output = operator(*inputs, 2, 1, 1, 2, 2)
    yield from gradients(output, *inputs)


@case
def modulated_deform_conv():
    from mmcv.ops import modulated_deform_conv2d as operator

    x, weight = normal(4, 2, 8, 9, 11), normal(5, 6, 4, 3, 3) / 6
    offset, mask = normal(6, 2, 36, 9, 11) * 2, normal(7, 2, 18, 9, 11).sigmoid()
    inputs = [t.requires_grad_() for t in (x, offset, mask, weight, normal(8, 6))]
    yield from gradients(operator(*inputs, 1, 2, 2, 2, 2), *inputs)
    yield from gradients(operator(*inputs[:4], None, 1, 2, 2, 2, 2), *inputs[:4])


@case
def corner_pool():
    from mmcv.ops import CornerPool

    x = normal(9, 2, 3, 6, 7).requires_grad_()
    for mode in ('top', 'bottom', 'left', 'right'):
        yield from gradients(CornerPool(mode)(x), x)


@case
def detector():
    """Loss, gradients and boxes of the demo's Mask R-CNN."""
    from conftest import ROOT
    from mmengine.config import Config
    from mmengine.registry import MODELS, init_default_scope
    from samples import batch, losses_and_gradients, shrunk

    cfg = shrunk(Config.fromfile(ROOT / 'configs/demo_mask_rcnn_hrnetv2p.py'))
    init_default_scope('mmdet')
    model = MODELS.build(cfg.model).eval()
    for seed, parameter in enumerate(model.parameters()):
        fan_in = parameter[0].numel() if parameter.dim() > 1 else 1
        drawn = normal(seed, *parameter.shape) / fan_in**0.5
        parameter.data.copy_(drawn if parameter.dim() > 1 else 1 + drawn / 10)
    torch.manual_seed(0)
    np.random.seed(0)
    data = batch(cfg)
    with torch.no_grad():
        for sample in model.test_step(data):
            found = sample.pred_instances
            yield from (found.bboxes, found.scores, found.labels)
    loss, gradient = losses_and_gradients(model, data)
    yield loss
    yield gradient[:1728]  # of conv1


def people() -> tuple[dict, list[dict]]:
    """Annotations and results of poses, of all parts, in a dozen images."""
    random = np.random.default_rng(10)
    images = [
        dict(id=i, width=350, height=350, crowdIndex=(i % 12) / 11) for i in range(12)
    ]
    counts = dict(keypoints=17, **{f'{part}_kpts': n for part, n in PARTS.items()})
    annotations, results = [], []
    for i in range(30):
        corner, extent = random.uniform(0, 180, 2), random.uniform(40, 170, 2)
        annotation = dict(
            id=i + 1,
            image_id=i % 12,
            category_id=1,
            iscrowd=int(i == 7),
            bbox=[*corner.tolist(), *extent.tolist()],
            area=float(extent.prod() * random.uniform(0.3, 1)),
        )
        result = dict(image_id=i % 12, category_id=1, score=random.uniform())
        for name, count in counts.items():
            points = corner + random.uniform(0, 1, (count, 2)) * extent
            shown = random.integers(0, 3, (count, 1)) * (i != 11)
            found = points + random.normal(0, 4, points.shape)
            annotation[name] = np.hstack([points, shown]).ravel().tolist()
            result[name] = np.hstack([found, np.ones_like(shown)]).ravel().tolist()
        in_sight = np.array(annotation['keypoints'][2::3]) == 2
        annotation['num_keypoints'] = int(in_sight.sum())
        for part in (*PARTS, 'wholebody'):
            result[f'{part}_score'] = random.uniform()
        annotations.append(annotation)
        results += [result] * (i % 10 != 9)
    categories = [dict(id=1, name='person', keypoints=[], skeleton=[])]
    return dict(images=images, annotations=annotations, categories=categories), results


def figures(folder: Path, kind: str, use_area: bool) -> np.ndarray:
    """Return the figures of xtcocotools' evaluation."""
    import json

    from xtcocotools.coco import COCO
    from xtcocotools.cocoeval import COCOeval

    annotations, results = people()
    file, found = folder / 'annotations.json', folder / 'results.json'
    file.write_text(json.dumps(annotations))
    found.write_text(json.dumps(results))
    counts = [PARTS[kind]] if kind in PARTS else [17]
    counts = [17, *PARTS.values()] if kind == 'wholebody' else counts
    sigmas = np.linspace(0.03, 0.1, sum(counts))
    with redirect_stdout(StringIO()):
        truth = COCO(str(file))
        name = 'keypoints' if kind == 'plain' else f'keypoints_{kind}'
        evaluation = COCOeval(truth, truth.loadRes(str(found)), name, sigmas, use_area)
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    return np.array(evaluation.stats)


KINDS = [
    (kind, use_area)
    for kind in ('plain', 'body', *PARTS, 'wholebody', 'crowd')
    for use_area in (True, False)
]


if __name__ == '__main__':
    import tempfile

    import mmcv._ext
    import xtcocotools.cocoeval

    print(mmcv._ext.__file__, xtcocotools.cocoeval.__file__)
    content = {}
    for name, function in CASES.items():
        for i, tensor in enumerate(function()):
            content[f'{name}/{i}'] = tensor.detach().numpy()
    for kind, use_area in KINDS:
        with tempfile.TemporaryDirectory() as folder:
            content[f'coco/{kind}/{use_area}'] = figures(Path(folder), kind, use_area)
    np.savez_compressed(GOLDEN, **content)
    print(len(content), 'arrays', GOLDEN.stat().st_size, 'bytes')
    print({k: v.round(3).tolist() for k, v in content.items() if 'coco' in k})
