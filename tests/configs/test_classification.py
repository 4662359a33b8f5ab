import shutil

import cv2
import numpy as np
import pytest
import torch
from conftest import ROOT, randomize
from mmengine.config import Config
from mmengine.registry import MODELS, init_default_scope

from hrnet_mm.checks import moments
from hrnet_mm.compared import ResNet
from hrnet_mm.complexity.counting import count, parameters
from hrnet_mm.config.opening import read_config
from hrnet_mm.errors import UserError
from hrnet_mm.models import ARCHS, HRFuseScales, HRPoolConcat, HRReduceConcat
from hrnet_mm.training import Runner
from hrnet_mm.weights import read_checkpoint
from papers.rules import RULES

WIDTHS = (18, 36, 72, 144)
# Parameters of the official definition (or of the printed M), printed G = 2**30
# multiply-adds at 224x224. The official head has 3,840 biases before its norms.
BIASES = 128 * 2 + 256 * 2 + 512 * 2 + 2048
HRNETS = {
    'w18_small_v1': (13_187_464, '1.49'),
    'w18_small_v2': (15_597_464, '2.42'),
    'w18': (21_299_004, '3.99'),
    'w30': (37_712_220, '7.55'),
    'w32': (41_232_680, '8.31'),
    'w40': (57_557_160, '11.8'),
    'w44': (67_064_984, '13.9'),
    'w48': (77_469_864, '16.1'),
    'w64': (128_059_944, '26.9'),
    'w44_bottleneck': (21_931_192, '3.90'),
    'w76_bottleneck': (40_783_032, '7.30'),
    'w96_bottleneck': (57_481_512, '10.2'),
}
COMPARED = {
    'hrnet_w27_ci_imagenet': ('21.4', '5.55'),
    'hrnet_w36_ci_imagenet': ('37.5', '9.00'),
    'hrnet_w45_ci_imagenet': ('58.2', '13.4'),
    'hrnet_w25_cii_imagenet': ('21.7', '5.04'),
    'hrnet_w34_cii_imagenet': ('36.7', '8.29'),
    'hrnet_w43_cii_imagenet': ('56.3', '12.5'),
    'resnet38_imagenet': ('28.3', '3.80'),
    'resnet72_imagenet': ('48.4', '7.46'),
    'resnet106_imagenet': ('64.9', '11.1'),
    'resnet50_imagenet': ('25.6', '3.83'),  # printed 3.82, truncated
    'resnet101_imagenet': ('44.6', '7.28'),  # printed 7.30
    'resnet152_imagenet': ('60.2', '10.7'),
}
CONFIGS = [f'hrnet_{arch}_c_imagenet' for arch in HRNETS] + list(COMPARED)


def streams(size=(64, 96), widths=WIDTHS, batch=2):
    """Maps as HRNet makes them of an image of that size."""
    return [
        torch.randn(batch, c, *(-(-extent // 2 ** (r + 2)) for extent in size))
        for r, c in enumerate(widths)
    ]


def parsed(name):
    pytest.importorskip('mmpretrain')
    cfg = Config.fromfile(ROOT / f'configs/{name}.py')
    init_default_scope('mmpretrain')
    return cfg


def on_meta(name):
    with torch.device('meta'):
        return MODELS.build(parsed(name).model).eval()


def printed(model, figure):
    """Multiply-adds of one image in the papers' G, with as many digits as `figure`."""
    image = torch.empty(1, 3, 224, 224, device='meta')
    giga = count(lambda: model(image), RULES['modelsummary']) / 2**30
    return f'{giga:.{len(figure.partition(".")[2])}f}'


@pytest.mark.parametrize('size', [(64, 96), (224, 224), (32, 32)])
@pytest.mark.parametrize('mode', ['train', 'eval'])
def test_equals_mmpretrain_bit_for_bit(mode, size):
    necks = pytest.importorskip('mmpretrain.models.necks')
    ours = randomize(HRFuseScales('w18'))
    theirs = necks.HRFuseScales(WIDTHS)
    theirs.load_state_dict(ours.state_dict())
    assert list(ours.state_dict()) == list(theirs.state_dict())
    for module in (ours, theirs):
        module.train(mode == 'train')
    maps = streams(size)
    outputs = [module(tuple(maps)) for module in (ours, theirs)]
    assert torch.equal(outputs[0][0], outputs[1][0])
    for (output,) in outputs:
        output.square().mean().backward()
    for a, b in zip(ours.parameters(), theirs.parameters(), strict=True):
        assert torch.equal(a.grad, b.grad)
    for a, b in zip(ours.buffers(), theirs.buffers(), strict=True):
        assert torch.equal(a, b)


@pytest.mark.parametrize('size', [(31, 45), (225, 223), (33, 65), (1, 1)])
@pytest.mark.parametrize('head', [HRFuseScales('w18'), HRReduceConcat('w18')])
def test_any_size(head, size):
    (output,) = head.eval()(streams(size))
    expected = [-(-extent // 32) for extent in size]
    assert output.shape == (2, 2048, *expected)
    assert output.isfinite().all()


def test_pooled_streams_are_their_means():
    maps = streams((31, 45))
    (output,) = HRPoolConcat()(maps)
    assert output.shape == (2, sum(WIDTHS))
    torch.testing.assert_close(output[:, 18:54], maps[1].flatten(2).mean(2))


@pytest.mark.parametrize('head', [HRFuseScales, HRReduceConcat])
def test_wrong_arguments_and_streams(head):
    with pytest.raises(ValueError, match='exactly one of arch and in_channels'):
        head()
    with pytest.raises(ValueError, match='exactly one of arch and in_channels'):
        head('w18', in_channels=WIDTHS)
    expected = rf'{head.__name__} was built for streams of \(32, 64, 128, 256\)'
    with pytest.raises(ValueError, match=expected):
        head('w32')(streams())


def test_in_channels_is_arch():
    given = HRFuseScales(in_channels=list(WIDTHS)).state_dict()
    named = HRFuseScales('w18').state_dict()
    assert [x.shape for x in given.values()] == [x.shape for x in named.values()]


def test_norms_and_initialization():
    head = HRFuseScales('w18', norm_cfg=dict(type='GN', num_groups=4))
    assert not any(isinstance(m, torch.nn.BatchNorm2d) for m in head.modules())
    norms = [m for m in head.modules() if isinstance(m, torch.nn.GroupNorm)]
    assert len(norms) == 4 * 4 + 3 + 1
    head = HRFuseScales('w18')
    head.init_weights()
    weight = head.increase_layers[0][0].conv2.weight  # Kaiming: variance 2 / fan out
    assert weight.std().item() == pytest.approx((2 / (32 * 9)) ** 0.5, rel=0.05)


@pytest.mark.parametrize(
    ('depth', 'size'), [(38, (64, 96)), (50, (33, 45)), (72, (1, 1))]
)
def test_resnet_any_size(depth, size):
    (output,) = ResNet(depth).eval()(torch.randn(1, 3, *size))
    assert output.shape == (1, 2048, *(-(-extent // 32) for extent in size))


@pytest.mark.parametrize('depth', [38, 72, 106, 50, 101, 152])
def test_resnet_has_its_depth(depth):
    def main(name):
        return 'downsample' not in name

    with torch.device('meta'):
        model = ResNet(depth)
    assert model.out_channels == (2048,)
    found = sum(
        isinstance(module, torch.nn.Conv2d) and main(name)
        for name, module in model.named_modules()
    )
    extra = 3 if depth in (38, 72, 106) else 1  # last bottleneck; the second stem's
    assert found - extra == depth - 1  # and the classifier


def test_resnet_of_another_depth():
    with pytest.raises(ValueError, match='depth is one of 38, 72, 106, 50, 101, 152'):
        ResNet(34)


@pytest.mark.slow
@pytest.mark.parametrize('arch', HRNETS)
def test_parameters_and_operations(arch):
    official, giga = HRNETS[arch]
    model = on_meta(f'hrnet_{arch}_c_imagenet')
    assert parameters(model) == official - BIASES
    assert printed(model, giga) == giga


@pytest.mark.slow
@pytest.mark.parametrize('name', COMPARED)
def test_parameters_and_operations_of_the_compared(name):
    mega, giga = COMPARED[name]
    model = on_meta(name)
    assert f'{parameters(model) / 1e6:.1f}' == mega
    assert printed(model, giga) == giga


def test_every_arch_has_a_config():
    assert set(ARCHS) == set(HRNETS)


@pytest.mark.parametrize('width', [18, 30, 32, 40, 44, 48, 64])
def test_keys_are_those_of_mmpretrains_classifier(width):
    ours = on_meta(f'hrnet_w{width}_c_imagenet').state_dict()
    channels = [width * 2**r for r in range(4)]
    neck = [
        dict(type='HRFuseScales', in_channels=channels),
        dict(type='GlobalAveragePooling'),
    ]
    head = dict(type='LinearClsHead', in_channels=2048, num_classes=1000)
    backbone = dict(type='HRNet', arch=f'w{width}')
    with torch.device('meta'):
        theirs = MODELS.build(
            dict(type='ImageClassifier', backbone=backbone, neck=neck, head=head)
        ).state_dict()
    assert {k: v.shape for k, v in ours.items()} == {
        k: v.shape for k, v in theirs.items()
    }


@pytest.mark.parametrize('name', CONFIGS)
def test_the_recipe_is_the_papers(name):
    cfg = parsed(name)
    optimizer = cfg.optim_wrapper.optimizer
    assert (optimizer.type, optimizer.lr, optimizer.weight_decay) == ('SGD', 0.1, 1e-4)
    assert (optimizer.momentum, optimizer.nesterov) == (0.9, True)
    assert cfg.train_cfg.max_epochs == 100
    assert cfg.param_scheduler[0].milestones == [30, 60, 90]
    assert cfg.auto_scale_lr == dict(enable=True, base_batch_size=256)
    assert 4 * cfg.train_dataloader.batch_size == 256
    assert [step.type for step in cfg.train_pipeline[1:3]] == [
        'RandomResizedCrop',
        'RandomFlip',
    ]
    assert cfg.train_pipeline[1].scale == 224
    assert (cfg.test_pipeline[1].scale, cfg.test_pipeline[2].crop_size) == (256, 224)


@pytest.mark.parametrize(
    'name', ['hrnet_w18_small_v1_c_imagenet', 'hrnet_w27_ci_imagenet']
)
def test_every_parameter_is_trained(name):
    from mmpretrain.structures import DataSample

    model = MODELS.build(parsed(name).model).train()
    model.init_weights()
    samples = [DataSample().set_gt_label(label) for label in (3, 999)]
    images = [torch.randint(256, (3, 64, 64), dtype=torch.uint8)] * 2
    data = model.data_preprocessor(dict(inputs=images, data_samples=samples), True)
    model(**data, mode='loss')['loss'].backward()
    assert all(p.grad is not None and p.grad.any() for p in model.parameters())
    (first, _) = model.eval().test_step(dict(inputs=images, data_samples=samples))
    assert first.pred_score.shape == (1000,)
    assert first.pred_score.sum().item() == pytest.approx(1, abs=1e-4)


COLOURS = {
    'blue': (255, 60, 60),
    'cyan': (255, 255, 60),
    'green': (60, 255, 60),
    'red': (60, 60, 255),
    'yellow': (60, 255, 255),
}


@pytest.fixture
def folders(tmp_path):
    """Eight images of 48x40 in each class folder, in one colour and noise."""
    random = np.random.default_rng(0)
    for split in ('train', 'val'):
        for name, colour in COLOURS.items():
            folder = tmp_path / 'colours' / split / name
            folder.mkdir(parents=True)
            for i in range(8):
                noise = random.integers(0, 60, (48, 40, 3))
                image = (np.array(colour) - noise).clip(0, 255).astype(np.uint8)
                cv2.imwrite(str(folder / f'{i}.jpg'), image)
    return tmp_path / 'colours'


def on_folders(folders, work_dir, **options):
    """The smallest config on the made folders, at 32x32.

    In 64 steps, twice what it takes: rounding decides how far it is after 32.
    """
    options = {
        'data_root': f'{folders}/',
        'train_cfg.max_epochs': 32,
        'train_cfg.val_interval': 32,
        'default_hooks.checkpoint.interval': 32,
        'train_dataloader.batch_size': 20,
        'train_dataloader.dataset.pipeline.1.scale': 32,
        'model.head.num_classes': len(COLOURS),
        'work_dir': str(work_dir),
        'experiment_name': work_dir.name,
        'randomness.seed': 0,
        **options,
    }
    for split in ('train', 'val', 'test'):
        loader = f'{split}_dataloader'
        options[f'{loader}.num_workers'] = 0
        options[f'{loader}.persistent_workers'] = False
        options[f'{loader}.dataset.metainfo.classes'] = list(COLOURS)
        if split != 'train':
            options[f'{loader}.dataset.pipeline.1.scale'] = 36
            options[f'{loader}.dataset.pipeline.2.crop_size'] = 32
    pytest.importorskip('mmpretrain')
    return read_config(str(ROOT / 'configs/hrnet_w18_small_v1_c_imagenet.py'), options)


@pytest.mark.slow
def test_learns_colours_from_class_folders(folders, tmp_path):
    cfg = on_folders(folders, tmp_path / 'trained')
    Runner.from_cfg(cfg).train()
    trained = tmp_path / 'trained/epoch_32.pth'
    names = read_checkpoint(trained)['meta']['dataset_meta']['classes']
    assert list(names) == list(COLOURS)
    assert (tmp_path / 'trained/predictions.png').is_file()
    cfg = on_folders(folders, tmp_path / 'tested', load_from=str(trained))
    metrics = Runner.from_cfg(cfg).test()
    assert metrics['accuracy/top1'] >= 90
    assert metrics['accuracy/top5'] == 100


@pytest.mark.slow
def test_a_head_for_other_classes(folders, tmp_path):
    options = {'model.head.num_classes': 1000}
    cfg = on_folders(folders, tmp_path / 'wrong', **options)
    message = 'model.head.num_classes is 1000, but the data set has 5 classes: blue, '
    with pytest.raises(UserError, match=message):
        Runner.from_cfg(cfg).train()


def test_class_folders_that_are_right(folders, tmp_path):
    moments.before_building(on_folders(folders, tmp_path), ['train', 'val', 'test'])


def test_no_class_folders(folders, tmp_path):
    for image in (folders / 'train/red').iterdir():
        image.rename(folders / 'train' / image.name)
    for name in COLOURS:
        shutil.rmtree(folders / 'train' / name)
    cfg = on_folders(folders, tmp_path)
    with pytest.raises(UserError) as raised:
        moments.before_building(cfg, ['train'])
    message = str(raised.value)
    assert f'{folders}/train has no class folders, but 8 files' in message
    assert f'a list {folders}/meta/train.txt with a line IMAGE NUMBER' in message
    (folders / 'meta').mkdir()
    (folders / 'meta/train.txt').write_text('0.jpg 0\n')
    moments.before_building(cfg, ['train'])


def test_another_number_of_class_folders(folders, tmp_path):
    shutil.rmtree(folders / 'val/red')
    message = (
        r'val has 4 class folders \(blue, cyan, green, yellow\), but the data set has '
        r'5 classes.\nClasses of your own: .* the head num_classes=4'
    )
    with pytest.raises(UserError, match=message):
        moments.before_building(on_folders(folders, tmp_path), ['train', 'val'])


def test_folders_without_images(folders, tmp_path):
    for image in (folders / 'val').rglob('*.jpg'):
        image.unlink()
    with pytest.raises(UserError, match=r'no folder in .*/val has an image \(.jpg'):
        moments.before_building(on_folders(folders, tmp_path), ['val'])


def test_a_neck_for_another_backbone():
    cfg = parsed('hrnet_w18_c_imagenet')
    cfg.model.neck[0].arch = 'w32'
    with torch.device('meta'):
        model = MODELS.build(cfg.model)
    with pytest.raises(UserError, match=r'puts out \(18, 36, 72, 144\) channels, the'):
        moments.model_built(model)
