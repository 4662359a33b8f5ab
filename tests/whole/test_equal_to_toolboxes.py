"""Side by side with the toolboxes' own classes, from equal weights."""

import copy

import pytest
import torch
from conftest import ROOT, extra_of, randomize
from mmengine.config import Config
from mmengine.registry import init_default_scope

from hrnet_mm.models import ARCHS, HRFPN, HRNet

pytestmark = pytest.mark.slow
SIZES = [(64, 64), (64, 96)]


def equal(ours, theirs) -> bool:
    return len(ours) == len(theirs) and all(
        torch.equal(a, b) for a, b in zip(ours, theirs)
    )


def gradients(model):
    return [p.grad for p in model.parameters()]


@pytest.mark.parametrize(
    'arch', ['w18_small_v1', 'w18_small_v2', 'w32', 'w44_bottleneck']
)
@pytest.mark.parametrize('training', [False, True])
@pytest.mark.parametrize(
    ('toolbox', 'upsample'),
    [('mmdet', 'nearest'), ('mmseg', 'bilinear'), ('mmpose', 'nearest')],
)
def test_hrnet_is_bit_equal(toolbox, upsample, arch, training):
    backbones = pytest.importorskip(f'{toolbox}.models.backbones')
    extra = extra_of(arch)
    if toolbox == 'mmpose':  # its default is one output
        extra['stage4']['multiscale_output'] = True
    theirs = backbones.HRNet(extra=copy.deepcopy(extra), norm_eval=False)
    ours = randomize(HRNet(arch, upsample=upsample))
    theirs.load_state_dict(ours.state_dict())
    ours.train(training)
    theirs.train(training)
    for size in SIZES:
        image = torch.randn(2, 3, *size)
        assert equal(ours(image), theirs(image))
    assert equal(ours.state_dict().values(), theirs.state_dict().values())
    for model in (ours, theirs):
        sum(x.square().mean() for x in model(image)).backward()
    assert equal(gradients(ours), gradients(theirs))


@pytest.mark.parametrize('arch', ARCHS)
def test_every_arch_equals_mmdet(arch):
    backbones = pytest.importorskip('mmdet.models.backbones')
    theirs = backbones.HRNet(extra_of(arch), norm_eval=False)
    theirs.eval()  # returns None there
    ours = HRNet(arch).eval()
    theirs.load_state_dict(ours.state_dict())
    image = torch.randn(1, 3, 64, 64)
    with torch.no_grad():
        assert equal(ours(image), theirs(image))


@pytest.mark.parametrize('pooling_type', ['AVG', 'MAX'])
@pytest.mark.parametrize('stride', [1, 2])
def test_hrfpn_is_bit_equal(pooling_type, stride):
    necks = pytest.importorskip('mmdet.models.necks')
    options = dict(out_channels=32, pooling_type=pooling_type, stride=stride)
    ours = randomize(HRFPN('w18', **options))
    theirs = necks.HRFPN(list(ours.in_channels), **options)
    theirs.load_state_dict(ours.state_dict())
    streams = [torch.randn(2, 18 * 2**r, 32 // 2**r, 48 // 2**r) for r in range(4)]
    outputs = ours(streams), theirs(streams)
    assert equal(*outputs)
    for maps in outputs:
        sum(x.square().mean() for x in maps).backward()
    assert equal(gradients(ours), gradients(theirs))


def detector(backbone: dict, neck: dict):
    """The demo's Faster R-CNN with a backbone and a neck of either origin."""
    from mmdet.registry import MODELS

    init_default_scope('mmdet')
    cfg = Config.fromfile(ROOT / 'configs/demo_faster_rcnn_hrnetv2p.py').model
    return MODELS.build(dict(cfg, backbone=backbone, neck=neck)).train()


def batch(step: int) -> dict:
    """Two images with two boxes each, other ones in each step."""
    from mmdet.structures import DetDataSample
    from mmengine.structures import InstanceData

    generator = torch.Generator().manual_seed(step)
    images, samples = [], []
    for _ in range(2):
        corner = torch.rand(2, 2, generator=generator) * 40
        boxes = torch.cat([corner, corner + 20 + corner.flip(0) / 4], 1)
        image = torch.rand(3, 96, 96, generator=generator) * 255
        for x1, y1, x2, y2 in boxes.int().tolist():
            image[:, y1:y2, x1:x2] += 60
        sample = DetDataSample(
            metainfo=dict(img_shape=(96, 96), ori_shape=(96, 96), scale_factor=(1, 1))
        )
        labels = torch.randint(6, (2,), generator=generator)
        sample.gt_instances = InstanceData(bboxes=boxes, labels=labels)
        images.append(image)
        samples.append(sample)
    return dict(inputs=images, data_samples=samples)


def losses_of(model, steps: int) -> list[dict]:
    from mmengine.optim import OptimWrapper

    wrapper = OptimWrapper(torch.optim.SGD(model.parameters(), lr=1e-3, momentum=0.9))
    losses = []
    for step in range(steps):
        torch.manual_seed(step)  # of the samplers
        losses.append(
            {k: v.item() for k, v in model.train_step(batch(step), wrapper).items()}
        )
    return losses


def test_twenty_training_steps_equal_mmdets():
    pytest.importorskip('mmdet')
    arch = 'w18_small_v2'
    ours = detector(
        dict(type='hrnet_mm.HRNet', arch=arch),
        dict(type='hrnet_mm.HRFPN', arch=arch, out_channels=64),
    )
    theirs = detector(
        dict(type='mmdet.HRNet', extra=extra_of(arch), norm_eval=False),
        dict(type='mmdet.HRFPN', in_channels=[18, 36, 72, 144], out_channels=64),
    )
    torch.manual_seed(0)
    ours.init_weights()
    theirs.load_state_dict(ours.state_dict())
    found, expected = losses_of(ours, 20), losses_of(theirs, 20)
    assert found == expected
    assert found[-1]['loss'] < found[0]['loss']
    assert equal(ours.state_dict().values(), theirs.state_dict().values())


def test_initial_weights_are_drawn_as_in_mmdet():
    backbones = pytest.importorskip('mmdet.models.backbones')
    models = HRNet('w18_small_v2'), backbones.HRNet(extra_of('w18_small_v2'))
    for model in models:
        torch.manual_seed(0)
        model.init_weights()
    assert equal(*(model.state_dict().values() for model in models))
