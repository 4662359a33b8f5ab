"""hrnet_mm.ops beside what the compiled operators and xtcocotools gave."""

from __future__ import annotations

import subprocess
import sys
from functools import partial

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from operator_cases import CASES, GOLDEN, KINDS, boxes, figures, normal

from hrnet_mm import ops
from hrnet_mm.errors import UserError
from hrnet_mm.ops import extension, keypoint_coco

pytest.importorskip('mmcv')

# Of the processor's rounding: compiled on another one.
NEAR = dict(rtol=1e-4, atol=1e-5)


@pytest.fixture(scope='module')
def golden():
    with np.load(GOLDEN) as file:
        return dict(file)


@pytest.mark.parametrize('name', CASES)
def test_equal_to_the_compiled_operators(golden, name):
    if name == 'detector':
        pytest.importorskip('mmdet')
    found = [tensor.detach() for tensor in CASES[name]()]
    expected = [golden[f'{name}/{i}'] for i in range(len(found))]
    assert f'{name}/{len(found)}' not in golden
    for ours, theirs in zip(found, expected):
        torch.testing.assert_close(ours, torch.from_numpy(theirs), **NEAR)


@pytest.mark.parametrize(('kind', 'use_area'), KINDS)
def test_equal_to_xtcocotools(golden, tmp_path, kind, use_area):
    expected = golden[f'coco/{kind}/{use_area}']
    assert len(expected) == (9 if kind == 'crowd' else 10)
    assert figures(tmp_path, kind, use_area).tolist() == expected.tolist()


def test_no_result_at_all_is_an_evaluation(tmp_path):
    figures(tmp_path, 'plain', True)
    truth = keypoint_coco.COCO(str(tmp_path / 'annotations.json'))
    evaluation = keypoint_coco.COCOeval(truth, truth.loadRes([]), 'keypoints')
    evaluation.evaluate()
    evaluation.accumulate()
    evaluation.summarize()
    assert evaluation.stats[0] == 0


ANSWERED = """
import importlib.machinery, sys

real = importlib.machinery.PathFinder.find_spec

def find_spec(name, path=None, target=None):
    missing = name in ('mmcv._ext', 'xtcocotools')
    return None if missing else real(name, path, target)

importlib.machinery.PathFinder.find_spec = find_spec
import hrnet_mm
assert not any(name.partition('.')[0] in ('torch', 'mmcv') for name in sys.modules)
import mmcv.ops
import mmcv._ext
assert mmcv._ext.__spec__.origin == 'hrnet_mm.ops.extension', mmcv._ext
from xtcocotools import mask
from xtcocotools.coco import COCO
from xtcocotools.cocoeval import COCOeval
print(COCO.__module__, COCOeval.__module__, mask.__name__)
print(mmcv.ops.get_compiler_version())
"""


def test_missing_modules_are_answered_and_nothing_is_imported_before():
    run = subprocess.run(
        [sys.executable, '-c', ANSWERED], capture_output=True, text=True, check=True
    )
    ours = 'hrnet_mm.ops.keypoint_coco'
    lines = run.stdout.splitlines()
    assert lines[0] == f'{ours} {ours} pycocotools.mask'
    assert lines[1].startswith('none; operators by torchvision ')


WITHOUT_TORCHVISION = """
import sys
sys.modules['torchvision'] = None
import importlib
import hrnet_mm
from hrnet_mm.errors import UserError
try:
    importlib.import_module('hrnet_mm.ops.extension')
except UserError as error:
    assert isinstance(error, ModuleNotFoundError)
    print(error)
"""


def test_without_torchvision_the_remedy_is_said():
    run = subprocess.run(
        [sys.executable, '-c', WITHOUT_TORCHVISION],
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.startswith('mmcv has no compiled operators here, and torchvision')
    assert f'belongs to torch {torch.__version__}: pip install' in run.stdout


def test_what_is_installed_is_used_untouched(tmp_path, monkeypatch):
    (tmp_path / 'xtcocotools').mkdir()
    (tmp_path / 'xtcocotools/__init__.py').write_text('')
    (tmp_path / 'xtcocotools/coco.py').write_text('COCO = "theirs"')
    kept = {n: m for n, m in sys.modules.items() if n.startswith('xtcocotools')}
    for name in kept:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.syspath_prepend(tmp_path)
    assert ops.is_installed('xtcocotools')
    from xtcocotools.coco import COCO

    assert COCO == 'theirs'
    for name in [n for n in sys.modules if n.startswith('xtcocotools')]:
        monkeypatch.delitem(sys.modules, name)


def test_mmpose_draws_key_points_with_a_radius_that_is_an_array():
    pytest.importorskip('mmpose')
    from mmpose.visualization.opencv_backend_visualizer import OpencvBackendVisualizer

    picture = np.zeros((20, 20, 3), np.uint8)
    drawer = OpencvBackendVisualizer(backend='opencv')
    drawer.set_image(picture)
    drawer.draw_circles(np.array([9.0, 9.0]), np.array([4]), face_colors=(9, 9, 9))
    assert drawer.get_image()[9, 9].tolist() != [0, 0, 0]


def test_the_finder_is_there_once():
    ops.answer_imports()
    finders = [f for f in sys.meta_path if isinstance(f, ops.AnsweringFinder)]
    assert len(finders) == 1
    assert finders[0].find_spec('mmcv.cnn', None) is None


@pytest.mark.parametrize(
    ('name', 'key'),
    [
        ('nms_rotated', r"nms=dict\(type='nms_rotated'\)"),
        ('carafe_forward', r"upsample_cfg=dict\(type='carafe'\)"),
        ('roi_align_rotated_forward', r"roi_layer=dict\(type='RoIAlignRotated'\)"),
        ('three_nn_forward', 'mmcv.ops, three_nn_forward'),
    ],
)
def test_an_operator_that_is_not_answered(name, key):
    with pytest.raises(UserError, match=f"mmcv's operator {name} is not .*{key}.*"):
        getattr(extension, name)(1, 2)
    assert not hasattr(extension, '__wrapped__')


def test_the_maximum_of_roi_align_is_not_answered():
    maps = torch.zeros(1, 1, 8, 8)
    rois = torch.tensor([[0.0, 0, 0, 4, 4]])
    with pytest.raises(UserError, match="pool_mode='max'"):
        extension.roi_align_forward(
            maps, rois, maps, maps, maps, 8, 8, 1.0, 0, pool_mode=0, aligned=True
        )


def align(maps, rois):
    """The output, and the gradient of the maps."""
    output = maps.new_zeros(len(rois), maps.shape[1], 7, 7)
    gradient = torch.zeros_like(maps)
    empty = maps.new_zeros(0)
    rest = (empty, empty)
    options = dict(
        aligned_height=7,
        aligned_width=7,
        spatial_scale=0.25,
        sampling_ratio=0,
        pool_mode=1,
        aligned=True,
    )
    extension.roi_align_forward(maps, rois, output, *rest, **options)
    extension.roi_align_backward(output, rois, *rest, gradient, **options)
    return output, gradient


def rois_of(count):
    return torch.cat([torch.zeros(count, 1), boxes(0, count)], dim=1)


def test_roi_align_takes_channels_last_maps():
    maps, rois = normal(0, 2, 5, 24, 24), rois_of(6)
    expected = align(maps, rois)
    found = align(maps.contiguous(memory_format=torch.channels_last), rois)
    for ours, theirs in zip(found, expected):
        torch.testing.assert_close(ours, theirs, rtol=0, atol=0)


@pytest.mark.parametrize('dtype', [torch.float16, torch.bfloat16, torch.float64])
def test_roi_align_in_other_types(dtype):
    maps, rois = normal(0, 1, 5, 24, 24), rois_of(6)
    expected = align(maps.to(dtype).float(), rois)
    found = align(maps.to(dtype), rois.to(dtype))
    assert found[0].dtype == found[1].dtype == dtype
    if dtype == torch.float64:
        torch.testing.assert_close(found[0].float(), expected[0], **NEAR)
        return
    found = align(maps.to(dtype), rois)  # boxes stay in float32
    torch.testing.assert_close(found[0], expected[0].to(dtype), rtol=1e-2, atol=1e-2)


@pytest.mark.parametrize('dtype', [torch.float16, torch.bfloat16, torch.float64])
def test_suppression_in_other_types(dtype):
    box, score = boxes(0, 60).round().to(dtype), normal(1, 60).to(dtype)
    kept = extension.nms(box, score, 0.5, 0)
    assert kept.tolist() == extension.nms(box.float(), score.float(), 0.5, 0).tolist()
    assert extension.nms(box, score.float(), 0.5, 0).tolist() == kept.tolist()
    groups = extension.nms_match(torch.cat([box, score[:, None]], 1), 0.5)
    assert sorted(i for group in groups for i in group) == list(range(60))


def test_an_overlap_that_equals_the_threshold_stays():
    box = torch.tensor([[0.0, 0, 10, 10], [0, 0, 10, 3]])  # overlap 0.3
    assert extension.nms(box, torch.tensor([0.9, 0.8]), 0.3, 0).tolist() == [0, 1]


def test_empty_inputs():
    none = torch.zeros(0, 4)
    assert extension.nms(none, none[:, 0], 0.5, 0).shape == (0,)
    dets = torch.zeros(0, 5)
    assert extension.softnms(none, none[:, 0], dets, 0.5, 0.5, 0, 2, 0).shape == (0,)
    assert extension.nms_match(dets, 0.5) == []
    output, gradient = align(normal(0, 1, 5, 24, 24), torch.zeros(0, 5))
    assert output.shape == (0, 5, 7, 7)
    assert not gradient.any()


GAMMA, ALPHA = 2.5, 0.3


def sigmoid_loss(logits, target, weight):
    """The paper's equations 4 and 5, of each class."""
    p = logits.sigmoid()
    own = F.one_hot(target.clamp(max=3), 5)[:, :3].bool()
    p_t = p.where(own, 1 - p)
    alpha = torch.full_like(p, 1 - ALPHA).masked_fill(own, ALPHA)
    return -alpha * (1 - p_t) ** GAMMA * p_t.log() * weight


def softmax_loss(logits, target, weight):
    p_t = logits.softmax(dim=1).gather(1, target.clamp(min=0)[:, None])[:, 0]
    return -ALPHA * (1 - p_t) ** GAMMA * p_t.log() * weight[:, 0] * (target >= 0)


@pytest.mark.parametrize('weighted', [False, True])
@pytest.mark.parametrize('name', ['sigmoid', 'softmax'])
@pytest.mark.parametrize('dtype', [torch.float64, torch.float32, torch.float16])
def test_focal_losses_are_the_papers(name, weighted, dtype):
    """No CPU has compiled ones."""
    from mmcv.ops import sigmoid_focal_loss, softmax_focal_loss

    operator = dict(sigmoid=sigmoid_focal_loss, softmax=softmax_focal_loss)[name]
    none = -1 if name == 'softmax' else 3
    target = torch.tensor([0, 2, none, 1])
    classes = normal(1, 3).abs().double() if weighted else None
    weight = torch.ones(4, 1).double()
    if weighted:
        known = target.clamp(0, 2)
        weight = classes[known].where((target >= 0) & (target < 3), 1)[:, None]
    logits = (normal(0, 4, 3).double() * 3).to(dtype).requires_grad_()
    exact = logits.detach().double().requires_grad_()
    reference = dict(sigmoid=sigmoid_loss, softmax=softmax_loss)[name]
    expected = reference(exact, target, weight)
    classes = classes if classes is None else classes.to(dtype)
    if extension_is_used():
        call = partial(operator, logits, target, GAMMA, ALPHA, classes, 'sum')
        found = call()
        assert found.dtype == dtype
        tolerance = {torch.float64: 1e-10, torch.float32: 1e-5, torch.float16: 2e-2}
        near = dict(rtol=tolerance[dtype], atol=tolerance[dtype])
        torch.testing.assert_close(found.double(), expected.sum(), **near)
        (gradient,) = torch.autograd.grad(found, logits)
        (wanted,) = torch.autograd.grad(expected.sum(), exact)
        torch.testing.assert_close(gradient.double(), wanted, **near)


def extension_is_used():
    return not ops.is_installed('mmcv._ext')


def test_far_logits_have_finite_focal_losses():
    logits = torch.tensor([[200.0, -200.0]])
    target, none = torch.tensor([1]), torch.zeros(0)
    output, gradient = torch.zeros(1, 2), torch.zeros(1, 2)
    options = dict(gamma=2.0, alpha=0.25)
    extension.sigmoid_focal_loss_forward(
        logits.detach(), target, none, output, **options
    )
    extension.sigmoid_focal_loss_backward(logits, target, none, gradient, **options)
    assert output[0].tolist() == pytest.approx([0.75 * 200, 0.25 * 200])
    assert gradient[0].tolist() == pytest.approx([0.75, -0.25])


@pytest.mark.parametrize('dtype', [torch.float16, torch.bfloat16])
def test_deformable_convolutions_in_16_bits(dtype):
    from mmcv.ops import deform_conv2d, modulated_deform_conv2d

    if not extension_is_used():
        pytest.skip('compiled ones know no 16 bits on a CPU')
    x, weight = normal(4, 2, 8, 9, 11), normal(5, 6, 8, 3, 3) / 9
    offset, mask = normal(6, 2, 18, 9, 11), normal(7, 2, 9, 9, 11).sigmoid()
    narrow = [t.to(dtype).requires_grad_() for t in (x, offset, weight)]
    output = deform_conv2d(*narrow, 1, 1)
    assert output.dtype == dtype
    output.float().square().mean().backward()
    assert all(t.grad.dtype == dtype and t.grad.isfinite().all() for t in narrow)
    wide = [t.detach().float() for t in narrow]
    torch.testing.assert_close(
        output.float(), deform_conv2d(*wide, 1, 1), rtol=2e-2, atol=2e-2
    )
    found = modulated_deform_conv2d(
        x.to(dtype), offset.to(dtype), mask.to(dtype), weight.to(dtype), None, 1, 1
    )
    assert found.dtype == dtype
