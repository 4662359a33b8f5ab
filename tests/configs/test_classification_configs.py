"""Classification: the recipes, parameters and multiply-adds of the papers' tables."""

import class_folders_case
import pytest
import torch
from class_folders_case import COLOURS, on_folders
from config_case import parsed
from mmengine.registry import MODELS

from hrnet_mm.complexity.counting import count, parameters
from hrnet_mm.models import ARCHS
from hrnet_mm.training import Runner
from hrnet_mm.weights import read_checkpoint
from papers.rules import RULES

folders = class_folders_case.folders  # a fixture

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


def on_meta(name):
    with torch.device('meta'):
        return MODELS.build(parsed(name).model).eval()


def printed(model, figure):
    """Multiply-adds of one image in the papers' G, with as many digits as `figure`."""
    image = torch.empty(1, 3, 224, 224, device='meta')
    giga = count(lambda: model(image), RULES['modelsummary']) / 2**30
    return f'{giga:.{len(figure.partition(".")[2])}f}'


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
