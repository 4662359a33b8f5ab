"""A config whose toolbox or folder is not there says what to do."""

import builtins

import pytest
from mmengine.config import Config

from hrnet_mm.checks import config_file
from hrnet_mm.checks.config_file import (
    schedule_is_as_long,
    splits_are_whole,
    steps_are_counted,
    toolbox_can_be_imported,
    values_have_their_kind,
    work_dir_can_be_written,
)
from hrnet_mm.errors import UserError


def test_work_dir_that_cannot_be_written(tmp_path):
    (tmp_path / 'file').write_text('')
    with pytest.raises(UserError, match='cannot write to the work folder .*--work-dir'):
        work_dir_can_be_written(Config(dict(work_dir=str(tmp_path / 'file' / 'below'))))


def test_a_split_with_one_part_of_three():
    whole = dict(val_dataloader={}, val_cfg={}, val_evaluator={}, train_cfg=None)
    splits_are_whole(Config(whole))
    with pytest.raises(UserError) as raised:
        splits_are_whole(Config(dict(whole, val_dataloader=None)))
    assert str(raised.value) == (
        'None has val_cfg and val_evaluator, but no val_dataloader. Give all three, or '
        'none:\n  --cfg-options val_dataloader=None val_cfg=None val_evaluator=None'
    )
    with pytest.raises(UserError, match='but no train_dataloader and optim'):
        splits_are_whole(Config(dict(train_cfg={})))


def test_missing_toolbox():
    cfg = Config(dict(default_scope='mmdet'))
    toolbox_can_be_imported(cfg)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr('importlib.util.find_spec', lambda name: None)
        with pytest.raises(UserError, match=r"pip install 'hrnet_mm\[det\]'"):
            toolbox_can_be_imported(cfg)


MESSAGES = [
    'AssertionError: MMCV==2.2.0 is used but incompatible. Please install mmcv>=2.0.0',
    'RuntimeError: operator torchvision::nms does not exist',
    "ModuleNotFoundError: No module named 'ftfy'",
    'ImportError: ',
]


@pytest.mark.parametrize('message', MESSAGES)
@pytest.mark.parametrize('broken', ['mmseg', 'mmseg.models'])
def test_a_config_of_a_toolbox_that_cannot_be_imported(monkeypatch, message, broken):
    kind, _, text = message.partition(': ')

    def import_module(name):
        if name == broken:
            raise getattr(builtins, kind)(text and f'first\n{text}\n')

    monkeypatch.setattr('importlib.util.find_spec', lambda name: True)
    monkeypatch.setattr('importlib.import_module', import_module)
    toolbox_can_be_imported(dict(default_scope='mmdet'))
    toolbox_can_be_imported(dict(default_scope='hrnet_mm'))
    toolbox_can_be_imported({})
    with pytest.raises(UserError) as raised:
        toolbox_can_be_imported(dict(default_scope='mmseg'))
    assert str(raised.value).splitlines() == [
        'this config needs mmseg, which cannot be imported here:',
        f'  {message}',
        'See what mends it with',
        '  hrnet doctor seg --fix',
    ]


def test_a_config_of_a_toolbox_that_is_missing(monkeypatch):
    monkeypatch.setattr('importlib.util.find_spec', lambda name: None)
    with pytest.raises(UserError) as raised:
        toolbox_can_be_imported(dict(default_scope='mmpose'))
    assert str(raised.value).splitlines()[1:] == [
        "  pip install 'hrnet_mm[pose]'",
        '  pip install --no-deps mmpose==1.3.2',
        'or, which also mends what does not fit,',
        '  hrnet doctor pose --fix',
    ]


@pytest.mark.parametrize(
    ('change', 'message'),
    [
        (dict(data_root=5), "data_root is '5'; expected is text"),
        (dict(train_dataloader=[None]), 'train_dataloader is .*; expected is a dict'),
        (dict(custom_hooks=5), "custom_hooks is '5'; expected is a list or a tuple"),
        (
            dict(val_dataloader=dict(dataset=dict(ann_file='a', metainfo='x'))),
            "val_dataloader.dataset.metainfo is 'x'; expected is a dict",
        ),
        (
            dict(train_dataloader=dict(dataset=dict(ann_file='a', pipeline='x'))),
            'train_dataloader.dataset.pipeline .*; expected is a list or a tuple',
        ),
        (
            dict(train_dataloader=dict(dataset=dict(ann_file='a', pipeline=['x']))),
            "train_dataloader.dataset.pipeline has the step 'x'; expected is a dict",
        ),
    ],
)
def test_a_value_of_another_kind(change, message):
    with pytest.raises(UserError, match=message):
        values_have_their_kind(Config(change))


def test_values_of_their_kind():
    values_have_their_kind(
        Config(dict(data_root='a', custom_hooks=None, model=dict(type='A'), other=5))
    )


@pytest.mark.parametrize('interval', [0, -1, 'x', 1.5])
def test_an_interval_of_evaluations_that_is_none(interval):
    with pytest.raises(UserError, match='train_cfg.val_interval is .* whole number'):
        steps_are_counted(Config(dict(train_cfg=dict(val_interval=interval))))


def test_a_learning_rate_for_no_batch():
    with pytest.raises(UserError, match='auto_scale_lr.base_batch_size=16'):
        steps_are_counted(Config(dict(auto_scale_lr=dict(enable=True))))
    steps_are_counted(Config(dict(auto_scale_lr=dict(enable=False))))
    steps_are_counted(Config(dict(train_cfg=dict(max_epochs=3))))


@pytest.mark.parametrize(('epochs', 'said'), [(4, False), (5, False), (60, True)])
def test_a_cosine_that_is_shorter_than_the_training(monkeypatch, epochs, said):
    lines = []
    monkeypatch.setattr(config_file, 'print_log', lambda text, _: lines.append(text))
    cosine = dict(type='CosineAnnealingLR', by_epoch=True, begin=1, T_max=4)
    warmup = dict(type='LinearLR', by_epoch=False, end=20)
    cfg = dict(train_cfg=dict(max_epochs=epochs), param_scheduler=[warmup, cosine])
    schedule_is_as_long(Config(cfg))
    assert ('param_scheduler.1.T_max=60' in ''.join(lines)) is said
