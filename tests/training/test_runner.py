"""The runner, its checks and the command line, on a model of seconds."""

import json
import subprocess
import sys
from argparse import Namespace

import numpy as np
import pytest
import torch
from conftest import ROOT, needs_fast, randomize
from mmengine.config import Config
from mmengine.model import BaseModel
from mmengine.registry import DATASETS, MODELS
from torch import nn
from torch.utils.data import Dataset

from hrnet_mm.checks import moments
from hrnet_mm.checks.config_file import toolbox_can_be_imported
from hrnet_mm.cli.ending import user_errors
from hrnet_mm.config import opening, switches
from hrnet_mm.errors import UserError
from hrnet_mm.fast.modules.fast_layers import Fast
from hrnet_mm.models import HRNet
from hrnet_mm.training import Runner
from hrnet_mm.training.amp import Bf16OptimWrapper, float32_outputs
from hrnet_mm.weights import read_checkpoint


def arguments(config, **options) -> Namespace:
    defaults = dict(
        config=str(config),
        cfg_options=None,
        work_dir=None,
        launcher='none',
        seed=None,
        deterministic=False,
        local_rank=0,
    )
    return Namespace(**{**defaults, **options})


@pytest.fixture
def demo(tmp_path):
    """The demo's config with its folders below tmp_path."""
    pytest.importorskip('mmdet')
    return opening.load_config(
        arguments(
            ROOT / 'configs/demo_faster_rcnn_hrnetv2p.py',
            work_dir=str(tmp_path / 'work'),
            cfg_options=[f'data_root={tmp_path}/data/'],
        )
    )


def test_unknown_config():
    with pytest.raises(UserError, match='did you mean .*hrnetv2p_w32_1x.py'):
        opening.load_config(arguments(ROOT / 'configs/faster_rcnn_hrnetv2p_w32.py'))


def test_data_root_moves_every_path(demo, tmp_path):
    text = demo.pretty_text
    assert 'data/demo' not in text
    root = str(tmp_path / 'data')
    assert demo.val_evaluator.ann_file == f'{root}/annotations/instances_val2017.json'
    assert demo.train_dataloader.dataset.data_root.rstrip('/') == root


def test_work_dir_that_cannot_be_written(tmp_path):
    (tmp_path / 'file').write_text('')
    with pytest.raises(UserError, match='cannot write to the work folder .*--work-dir'):
        opening.check_work_dir(str(tmp_path / 'file' / 'below'))


def test_missing_data_names_the_path_and_both_remedies(demo, tmp_path):
    with pytest.raises(UserError) as raised:
        moments.before_building(demo, ['train', 'val'])
    message = str(raised.value)
    path = tmp_path / 'data/annotations/instances_train2017.json'
    assert f'the train data has no file {path}' in message
    assert '--cfg-options data_root=/path/to/data/' in message
    assert f'hrnet shapes {tmp_path}/data --layout coco' in message


def test_missing_image_folder(demo, tmp_path):
    for split in ('train', 'val'):
        path = tmp_path / f'data/annotations/instances_{split}2017.json'
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text('{}')
    with pytest.raises(UserError, match=f'no folder {tmp_path}/data/train2017'):
        moments.before_building(demo, ['train'])


def write_coco(folder, categories, box=(4, 4, 20, 20)):
    """One image, one box of the first category, as both splits."""
    import cv2

    annotation = dict(
        id=1, image_id=1, category_id=categories[0][0], bbox=box, area=400, iscrowd=0
    )
    content = dict(
        images=[dict(id=1, file_name='1.png', height=64, width=64)],
        annotations=[annotation],
        categories=[dict(id=i, name=name) for i, name in categories],
    )
    for split in ('train', 'val'):
        (folder / 'annotations').mkdir(parents=True, exist_ok=True)
        (folder / f'{split}2017').mkdir(exist_ok=True)
        path = folder / f'annotations/instances_{split}2017.json'
        path.write_text(json.dumps(content))
        cv2.imwrite(str(folder / f'{split}2017/1.png'), np.zeros((64, 64, 3), np.uint8))


@pytest.mark.slow
def test_categories_that_match_no_class(demo, tmp_path):
    write_coco(tmp_path / 'data', [(1, 'tumour'), (2, 'nodule')])
    runner = Runner.from_cfg(demo)
    with pytest.raises(UserError) as raised:
        runner.train()
    assert 'found in the file: tumour, nodule' in str(raised.value)
    assert 'expected some of:  person, stop sign' in str(raised.value)


@pytest.mark.slow
def test_another_number_of_classes(demo, tmp_path):
    write_coco(tmp_path / 'data', [(1, 'person')])
    demo.model.roi_head.bbox_head.num_classes = 3
    demo.experiment_name = 'classes'
    runner = Runner.from_cfg(demo)
    with pytest.raises(UserError) as raised:
        runner.train()
    message = str(raised.value)
    assert 'model.roi_head.bbox_head.num_classes is 3' in message
    assert 'the data set has 6 classes: person, stop sign' in message


@pytest.mark.slow
@pytest.mark.parametrize(
    ('change', 'message'),
    [
        (
            dict(neck=dict(arch='w32')),
            r'puts out \(16, 32, 64, 128\) channels, the neck',
        ),
        (
            dict(neck=dict(out_channels=32)),
            'the neck puts out 32 channels, model.rpn_head',
        ),
    ],
)
def test_channels_that_do_not_fit(demo, change, message):
    from mmdet.registry import MODELS
    from mmengine.registry import init_default_scope

    init_default_scope('mmdet')
    demo.merge_from_dict(dict(model=change))
    with pytest.raises(UserError, match=message):
        moments.model_built(MODELS.build(demo.model))


@pytest.mark.slow
@pytest.mark.parametrize('content', [b'no image', None])
def test_an_image_that_cannot_be_read_is_named(demo, tmp_path, capsys, content):
    write_coco(tmp_path / 'data', [(1, 'person')])
    image = tmp_path / 'data/train2017/1.png'
    if content is None:
        image.unlink()
    else:
        image.write_bytes(content)
    demo.experiment_name = f'unreadable {content}'
    with pytest.raises(SystemExit) as left, user_errors():
        Runner.from_cfg(demo).train()
    assert left.value.code == 2
    assert f'error: an image cannot be read: {image}\n' in capsys.readouterr().err


def test_missing_toolbox():
    cfg = Config(dict(default_scope='mmdet'))
    toolbox_can_be_imported(cfg)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr('importlib.util.find_spec', lambda name: None)
        with pytest.raises(UserError, match=r"pip install 'hrnet_mm\[det\]'"):
            toolbox_can_be_imported(cfg)


@pytest.mark.parametrize(
    ('amp', 'expected'),
    [(None, 'OptimWrapper'), ('bf16', 'hrnet_mm.Bf16OptimWrapper')],
)
def test_amp(amp, expected):
    cfg = Config(dict(optim_wrapper=dict(type='OptimWrapper')))
    switches.set_amp(cfg, amp)
    assert cfg.optim_wrapper.type == expected


def test_fp16_needs_an_accelerator(monkeypatch):
    monkeypatch.setattr(switches, 'get_device', lambda: 'cpu')
    cfg = Config(dict(optim_wrapper=dict(type='OptimWrapper')))
    with pytest.raises(UserError, match='on a CPU use --amp bf16'):
        switches.set_amp(cfg, 'fp16')
    switches.set_amp(cfg, 'auto')
    assert cfg.optim_wrapper.type == 'hrnet_mm.Bf16OptimWrapper'
    monkeypatch.setattr(switches, 'get_device', lambda: 'cuda')
    switches.set_amp(cfg, 'auto')
    assert cfg.optim_wrapper == dict(type='AmpOptimWrapper', loss_scale='dynamic')


def test_auto_scale_lr():
    cfg = Config(dict(auto_scale_lr=dict(enable=True, base_batch_size=16)))
    switches.set_auto_scale_lr(cfg, None)
    assert cfg.auto_scale_lr.enable is True
    switches.set_auto_scale_lr(cfg, False)
    assert cfg.auto_scale_lr == dict(enable=False, base_batch_size=16)
    with pytest.raises(UserError, match='base_batch_size=16'):
        switches.set_auto_scale_lr(Config(dict()), True)


class Points(Dataset):
    """Eight images, each with the number that a network should give for it."""

    metainfo = dict()  # noqa: RUF012

    def __init__(self, **_):
        generator = torch.Generator().manual_seed(0)
        self.images = torch.randn(8, 3, 32, 32, generator=generator)

    def __len__(self):
        return 8

    def __getitem__(self, i):
        return self.images[i], float(i)


class Regressor(BaseModel):
    """HRNet and one number, a loss that is a mean over the images."""

    def __init__(self, norm='BN', norm_eval=True, dtype=None):
        super().__init__()
        self.backbone = HRNet(
            'w18_small_v1', norm_eval=norm_eval, norm_cfg=dict(type=norm)
        )
        self.head = nn.Linear(16, 1)
        self.to(getattr(torch, dtype) if dtype else torch.get_default_dtype())

    def init_weights(self):
        torch.manual_seed(0)
        randomize(self.backbone)  # activations stay small with norms in eval mode

    def forward(self, image, target, mode='tensor'):
        features = self.backbone(torch.stack(list(image)).to(self.head.weight.dtype))
        lower = sum(f.mean((1, 2, 3)) for f in features[1:])
        value = self.head(features[0].mean((2, 3)) + lower[:, None])
        loss = (value.squeeze(1) - torch.tensor(target)).square().mean()
        return dict(loss=loss)


@pytest.fixture
def registered():
    DATASETS.register_module(name='Points', module=Points, force=True)
    MODELS.register_module(name='Regressor', module=Regressor, force=True)
    yield
    DATASETS.module_dict.pop('Points')
    MODELS.module_dict.pop('Regressor')


def regression(work_dir, batch_size, epochs=2, **model) -> Runner:
    return Runner.from_cfg(
        Config(
            dict(
                model=dict(type='Regressor', **model),
                work_dir=str(work_dir),
                launcher='none',
                experiment_name=f'{work_dir.name}',
                train_dataloader=dict(
                    batch_size=batch_size,
                    num_workers=0,
                    dataset=dict(type='Points'),
                    sampler=dict(type='DefaultSampler', shuffle=False),
                    collate_fn=dict(type='pseudo_collate'),
                ),
                train_cfg=dict(by_epoch=True, max_epochs=epochs),
                optim_wrapper=dict(optimizer=dict(type='SGD', lr=1e-3)),
                default_hooks=dict(logger=dict(type='LoggerHook', interval=1)),
                randomness=dict(seed=0),
                auto_scale_lr=dict(enable=False),
            )
        )
    )


def losses_of(runner) -> list[float]:
    return runner.message_hub.log_scalars['train/loss'].data[0].tolist()


@pytest.mark.usefixtures('registered')
def test_resumed_training_goes_on_where_it_was(tmp_path):
    whole = regression(tmp_path / 'whole', 4, epochs=2)
    whole.train()
    first = regression(tmp_path / 'first', 4, epochs=1)
    first.train()
    resumed = regression(tmp_path / 'resumed', 4, epochs=2)
    resumed._load_from = str(tmp_path / 'first/epoch_1.pth')
    resumed._resume = True
    resumed.train()
    assert losses_of(resumed) == losses_of(whole)


@pytest.mark.usefixtures('registered')
@pytest.mark.parametrize('norm_eval', [True, False])
@needs_fast
def test_fast_training_has_the_same_losses(tmp_path, norm_eval):
    losses = []
    for name in ('plain', 'fast'):
        # In float32 the statistics of few pixels amplify rounding: from the third step
        # on the readable network alone differs by 0.7 % between one and two threads.
        options = dict(norm_eval=norm_eval, dtype='float64')
        runner = regression(tmp_path / f'{name} {norm_eval}', 4, **options)
        if name == 'fast':
            runner.register_hook(dict(type='hrnet_mm.FastHook'))
        runner.train()
        losses.append(losses_of(runner))
        assert isinstance(runner.model.backbone, Fast) == (name == 'fast')
    assert losses[1] == pytest.approx(losses[0], rel=1e-9)
    state = read_checkpoint(tmp_path / f'fast {norm_eval}/epoch_2.pth')
    assert state['state_dict'].keys() == Regressor().state_dict().keys()


def test_fast_is_a_hook():
    cfg = Config(dict(custom_hooks=[dict(type='SyncBuffersHook')]))
    switches.set_fast(cfg, None)
    assert len(cfg.custom_hooks) == 1
    switches.set_fast(cfg, 'max')
    assert cfg.custom_hooks[1:] == [dict(type='hrnet_mm.FastHook', level='max')]


@pytest.mark.usefixtures('registered')
def test_a_checkpoint_of_another_model_is_refused(tmp_path):
    torch.save(dict(state_dict=HRNet('w18').state_dict()), tmp_path / 'w18.pth')
    runner = regression(tmp_path / 'run', 4)
    runner._load_from = str(tmp_path / 'w18.pth')
    with pytest.raises(
        UserError,
        match=r'w18.pth \(hrnet_w18\) does not fit Regressor .*: 81/428 tensors',
    ):
        runner.train()


def test_features_leave_bfloat16_in_float32():
    outputs = float32_outputs(None, (), (torch.ones(1, dtype=torch.bfloat16), [None]))
    assert outputs[0].dtype is torch.float32


@pytest.mark.slow
def test_operators_of_mmcv_work_under_bfloat16():
    from mmcv.ops import RoIAlign, nms

    model = nn.ModuleDict(dict(neck=nn.Conv2d(3, 8, 1)))
    wrapper = Bf16OptimWrapper(torch.optim.SGD(model.parameters(), lr=0.1))
    boxes = torch.tensor([[1.0, 1, 9, 9], [1, 1, 9, 8], [3, 3, 15, 15]])
    rois = torch.cat([torch.zeros(3, 1), boxes], 1)
    with wrapper.optim_context(model):
        features = model.neck(torch.randn(1, 3, 16, 16))
        raw = nn.functional.conv2d(features, torch.randn(8, 8, 1, 1))
        assert (features.dtype, raw.dtype) == (torch.float32, torch.bfloat16)
        pooled = RoIAlign(7, 1.0, 2)(raw, rois.bfloat16())
        kept, _ = nms(boxes.bfloat16(), torch.tensor([0.9, 0.8, 0.7]).bfloat16(), 0.5)
    assert pooled.dtype is torch.float32
    assert len(kept) == 2
    pooled.sum().backward()
    assert model.neck.weight.grad.dtype is torch.float32


DISTRIBUTED = """
import sys
sys.path.insert(0, {tests!r})
import pathlib, torch
from mmengine.dist import all_reduce
torch.set_num_threads(1)
torch.set_default_dtype(torch.float64)  # so that rounding is told from error
import test_runner as t
t.DATASETS.register_module(name='Points', module=t.Points)
t.MODELS.register_module(name='Regressor', module=t.Regressor)
launcher, norm, folder = sys.argv[1:4]
runner_of = t.Runner.from_cfg
def from_cfg(cfg):
    cfg.launcher = launcher
    return runner_of(cfg)
t.Runner.from_cfg = from_cfg
norm_eval = norm == 'BN'
size = 2 if launcher == 'pytorch' else 4
runner = t.regression(pathlib.Path(folder), size, norm=norm, norm_eval=norm_eval)
runner.train()
losses = torch.tensor(t.losses_of(runner))
all_reduce(losses, 'mean')
if runner.rank == 0:
    weights = runner.model.state_dict()
    weights = {{k.removeprefix('module.'): v for k, v in weights.items()}}
    torch.save(dict(losses=losses, weights=weights), folder + '/result.pth')
"""


def run_distributed(tmp_path, launcher, norm):
    script = tmp_path / 'script.py'
    script.write_text(DISTRIBUTED.format(tests=str(ROOT / 'tests')))
    folder = tmp_path / f'{launcher}_{norm}'
    folder.mkdir()
    starter = [sys.executable]
    if launcher == 'pytorch':
        port = str(29500 + np.random.default_rng().integers(5000))
        starter += ['-m', 'torch.distributed.run', '--nproc_per_node=2']
        starter += ['--master_port', port]
    run = subprocess.run(
        [*starter, str(script), launcher, norm, str(folder)],
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr[-3000:]
    return torch.load(folder / 'result.pth', weights_only=True), run.stdout + run.stderr


@pytest.mark.slow
def test_two_processes_train_as_one(tmp_path):
    one, _ = run_distributed(tmp_path, 'none', 'BN')
    two, _ = run_distributed(tmp_path, 'pytorch', 'BN')
    assert len(one['losses']) == len(two['losses']) == 4
    torch.testing.assert_close(one['losses'], two['losses'], rtol=1e-9, atol=0)
    for name, weight in one['weights'].items():
        torch.testing.assert_close(two['weights'][name], weight, rtol=1e-9, atol=1e-12)


@pytest.mark.slow
def test_sync_bn_falls_back_on_a_cpu_and_says_so(tmp_path):
    result, output = run_distributed(tmp_path, 'pytorch', 'SyncBN')
    assert 'SyncBN works on accelerators only' in output
    assert all(np.isfinite(result['losses']))


def test_custom_imports_of_the_command_line(tmp_path, monkeypatch):
    (tmp_path / 'imported_by_an_option.py').write_text('')
    (tmp_path / 'plain.py').write_text("default_scope = 'mmengine'\nmodel = {}\n")
    monkeypatch.syspath_prepend(tmp_path)
    opening.read_config(
        tmp_path / 'plain.py', {'custom_imports.imports': 'imported_by_an_option'}
    )
    assert 'imported_by_an_option' in sys.modules


@pytest.mark.usefixtures('registered')
def test_weights_alone_are_no_training_to_resume(tmp_path):
    runner = regression(tmp_path / 'run', 4)
    torch.save(dict(state_dict=runner.model.state_dict()), tmp_path / 'weights.pth')
    runner._load_from, runner._resume = str(tmp_path / 'weights.pth'), True
    with pytest.raises(UserError, match='weights.pth holds weights, but not'):
        runner.train()
