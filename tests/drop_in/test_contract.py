"""Our classes keep what the toolboxes promise of the classes that they replace.

CONTRACT has a row for each thing that the test suites of mmdet, mmseg, mmpose and
mmpretrain check of HRNet and its necks. The tests after it go further than those do:
names, signatures, base classes, and what Python does with the objects.
"""

import copy
import inspect
import io
import pickle
from functools import partial
from typing import NamedTuple

import pytest
import torch
from conftest import extra_of, needs_fast
from test_drop_in import OURS, TOOLBOXES, switches  # noqa: F401  a fixture
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from hrnet_mm.models import HRNet

SMALL = 'w18_small_v1'  # its streams have 16, 32, 64, 128 channels
CHANNELS = (16, 32, 64, 128)
NETWORKS = [(toolbox, 'HRNet') for toolbox in TOOLBOXES]
CLASSES = [*NETWORKS, ('mmdet', 'HRFPN'), ('mmpretrain', 'HRFuseScales')]


class Both(NamedTuple):
    """A class of a toolbox, and the one that takes its place."""

    theirs: type[nn.Module]
    ours: type[nn.Module]

    def build(self, **arguments) -> tuple[nn.Module, nn.Module]:
        return self.theirs(**copy.deepcopy(arguments)), self.ours(**arguments)


@pytest.fixture(scope='module')
def both(switches):  # noqa: F811
    """The classes by toolbox and name."""
    return {
        (toolbox, name): Both(switches[toolbox].theirs[name], ours)
        for toolbox in TOOLBOXES
        for name, ours in switches[toolbox].ours.items()
    }


def arguments_of(name):
    """Return the arguments that build a class for the small network."""
    return {
        'HRNet': dict(extra=extra_of(SMALL)),
        'HRFPN': dict(in_channels=list(CHANNELS), out_channels=8),
        'HRFuseScales': dict(in_channels=CHANNELS, out_channels=32),
    }[name]


def streams():
    return tuple(torch.randn(2, c, 32 >> r, 32 >> r) for r, c in enumerate(CHANNELS))


def started(hrnet, **arguments):
    """A network with its initial weights, in training mode."""
    model = hrnet(**{'extra': extra_of(SMALL), **arguments})
    model.init_weights()
    model.train()
    return model


def shapes(maps):
    return [tuple(x.shape) for x in maps]


def four_stages_are_asked_for(hrnet):
    extra = extra_of(SMALL)
    del extra['stage4']
    with pytest.raises(ValueError, match='stage4'):
        hrnet(extra=extra)


def one_entry_per_branch_is_asked_for(hrnet):
    extra = extra_of(SMALL)
    extra['stage4']['num_branches'] = 3
    with pytest.raises(ValueError, match='num_branches is 3'):
        hrnet(extra=extra)


def all_streams_come_out(hrnet):
    maps = started(hrnet)(torch.randn(1, 3, 64, 64))
    assert shapes(maps) == [(1, c, 16 >> r, 16 >> r) for r, c in enumerate(CHANNELS)]


def the_highest_stream_can_come_out_alone(hrnet):
    model = started(hrnet, multiscale_output=False)
    assert shapes(model(torch.randn(1, 3, 64, 64))) == [(1, 16, 16, 16)]


def the_highest_stream_comes_out_in_a_tuple(hrnet):
    maps = started(hrnet)(torch.randn(2, 3, 64, 64))
    assert type(maps) is tuple
    assert shapes(maps) == [(2, 16, 16, 16)]


def stages_are_frozen(number, hrnet):
    model = started(hrnet, frozen_stages=number)
    assert not model.norm1.training
    assert not model.norm2.training
    frozen = [model.conv1, model.norm1, model.conv2, model.norm2, model.layer1]
    frozen += [getattr(model, f'stage{n}') for n in range(2, number + 1)]
    frozen += [getattr(model, f'transition{n}') for n in range(1, min(number, 3) + 1)]
    layers = [layer for part in frozen for layer in part.modules()]
    assert not any(m.training for m in layers if isinstance(m, _BatchNorm))
    assert not any(p.requires_grad for part in frozen for p in part.parameters())
    rest = [p for p in model.parameters() if p.requires_grad]
    assert bool(rest) == (number < 4)


def residual_units_can_start_as_shortcuts(hrnet):
    model = started(hrnet, zero_init_residual=True)
    bottlenecks = [m for m in model.modules() if is_unit(m) and m.expansion == 4]
    assert len(bottlenecks) == 1
    for unit in bottlenecks:
        assert not unit.norm3.weight.any()
        assert not unit.norm3.bias.any()
    assert shapes(model(torch.randn(2, 3, 64, 64))) == [(2, 16, 16, 16)]


def every_architecture_has_a_name(hrnet):
    for width in (18, 30, 32, 40, 44, 48, 64):
        with torch.device('meta'):
            model = hrnet(arch=f'w{width}').train()
            maps = model(torch.empty(3, 3, 224, 224))
        assert all(m.training for m in model.modules() if isinstance(m, _BatchNorm))
        assert type(maps) is tuple
        assert shapes(maps) == [(3, width << r, 56 >> r, 56 >> r) for r in range(4)]


def stages_can_differ_in_blocks_depths_and_widths(hrnet):
    extra = extra_of('w18')
    extra['stage3'].update(block='BOTTLENECK', num_blocks=(4, 4, 2))
    extra['stage4'].update(num_blocks=(4, 3, 4, 4), num_channels=(18, 36, 76, 144))
    model = started(hrnet, extra=extra)
    assert all(m.training for m in model.modules() if isinstance(m, _BatchNorm))
    maps = model(torch.randn(1, 3, 64, 64))
    channels = (18, 36, 76, 144)
    assert shapes(maps) == [(1, c, 16 >> r, 16 >> r) for r, c in enumerate(channels)]


def streams_become_one_map(neck):
    maps = neck(in_channels=CHANNELS, out_channels=24)(streams())
    assert type(maps) is tuple
    assert shapes(maps) == [(2, 24, 4, 4)]


CONTRACT = [
    *(
        (toolbox, 'HRNet', check)
        for toolbox in ('mmdet', 'mmseg')
        for check in (
            four_stages_are_asked_for,
            one_entry_per_branch_is_asked_for,
            all_streams_come_out,
            the_highest_stream_can_come_out_alone,
        )
    ),
    *(
        (toolbox, 'HRNet', partial(stages_are_frozen, number))
        for toolbox in ('mmseg', 'mmpose')
        for number in (1, 2, 3, 4)
    ),
    ('mmpose', 'HRNet', the_highest_stream_comes_out_in_a_tuple),
    ('mmpose', 'HRNet', residual_units_can_start_as_shortcuts),
    pytest.param(
        'mmpretrain', 'HRNet', every_architecture_has_a_name, marks=pytest.mark.slow
    ),
    ('mmpretrain', 'HRNet', stages_can_differ_in_blocks_depths_and_widths),
    ('mmpretrain', 'HRFuseScales', streams_become_one_map),
]


def label(value):
    """A test's name is that of its check, with its number if it has one."""
    if isinstance(value, partial):
        return f'{value.func.__name__}_{value.args[0]}'
    return getattr(value, '__name__', value)


@pytest.mark.parametrize(('toolbox', 'name', 'check'), CONTRACT, ids=label)
def test_contract(both, toolbox, name, check):
    check(both[toolbox, name].ours)


# Names that parts of theirs have and parts of ours have not.
LEFT_OUT = {
    *('init_cfg', 'init_weights', 'is_init'),  # the network has them
    *('forward_plugin', 'make_block_plugins'),  # an HRNet has no plugins
    *('relu', 'drop_path'),  # layers without weights
}
PLAIN = (bool, int, float, str, list, tuple, dict, type(None))
OTHER_OBJECTS = {'downsample', 'blocks_dict', 'arch_zoo'}  # an Identity for None; below


def is_unit(module):
    return hasattr(module, 'downsample')


def named_parts(model):
    """Modules and residual units by key, on either side; the network's key is ''."""
    return {
        key: part
        for key, part in model.named_modules()
        if part is model or is_unit(part) or hasattr(part, 'fuse_layers')
    }


def public(module):
    return {name for name in dir(module) if not name.startswith('_')}


def plain(value):
    return list(value) if isinstance(value, tuple) else value


@pytest.mark.parametrize('with_cp', [False, True])
@pytest.mark.parametrize(('toolbox', 'name'), [*NETWORKS, ('mmdet', 'HRFPN')])
def test_names(both, toolbox, name, with_cp):
    """Every public name of theirs is one of ours, and has the same value."""
    arguments = dict(arguments_of(name), with_cp=with_cp)
    theirs, ours = map(named_parts, both[toolbox, name].build(**arguments))
    for key, part in theirs.items():
        names = public(part) - (LEFT_OUT if key else set())
        assert not names - public(ours[key]), key
        if (toolbox, key[:6]) == ('mmpretrain', 'layer1'):
            names -= {'with_cp'}  # is forgotten there
        for each in names - OTHER_OBJECTS:
            expected, found = getattr(part, each), getattr(ours[key], each)
            if isinstance(expected, PLAIN):
                assert plain(found) == plain(expected), (key, each)


def test_names_of_the_classification_neck(both):
    theirs, ours = both['mmpretrain', 'HRFuseScales'].build(in_channels=CHANNELS)
    assert not public(theirs) - public(ours)
    assert ours.norm_cfg == theirs.norm_cfg
    for stage, stage_of_ours in zip(theirs.increase_layers, ours.increase_layers):
        assert not public(stage[0]) - public(stage_of_ours[0]) - LEFT_OUT
        assert stage_of_ours[0].norm3 is stage_of_ours[0].bn3


def test_norms_have_the_names_of_their_attributes(both):
    norm_cfg = dict(type='GN', num_groups=2)
    model = both['mmseg', 'HRNet'].ours(extra_of(SMALL), norm_cfg=norm_cfg)
    for part in (model, model.layer1[0], model.stage2[0].branches[0][0]):
        assert part.norm_cfg == norm_cfg
        for norm in ('norm1', 'norm2', 'norm3'):
            if hasattr(part, norm):
                found = getattr(part, norm)
                assert found is getattr(part, getattr(part, f'{norm}_name'))
                assert isinstance(found, nn.GroupNorm)


def test_names_follow_the_layers(both):
    model = both['mmdet', 'HRNet'].ours(extra_of(SMALL))
    unit = model.layer1[0]
    unit.bn3 = nn.SyncBatchNorm.convert_sync_batchnorm(unit.bn3)
    assert isinstance(unit.norm3, nn.SyncBatchNorm)


def test_names_of_mmpretrain(both):
    theirs, ours = both['mmpretrain', 'HRNet']
    model = ours(arch='w18')
    for name, stages in theirs.arch_zoo.items():
        assert ours.arch_zoo[name] == stages
        assert model.parse_arch(name) == theirs.parse_arch(model, name)
    extra = extra_of(SMALL)
    assert model.parse_arch('w18', extra) == extra
    with pytest.raises(ValueError, match='known are'):
        model.parse_arch('w19')


@pytest.mark.parametrize('toolbox', TOOLBOXES)
def test_blocks_by_name(both, toolbox):
    extra = extra_of(SMALL)
    model = both[toolbox, 'HRNet'].ours(extra=extra)
    assert type(model.layer1[0]) is model.blocks_dict[extra['stage1']['block']]
    unit = model.stage2[0].branches[0][0]
    assert type(unit) is model.blocks_dict[extra['stage2']['block']]


@pytest.mark.parametrize(('toolbox', 'name'), CLASSES)
def test_signatures(both, toolbox, name):
    """Arguments have their names, order and defaults; inputs their names."""

    def arguments(function):
        parameters = inspect.signature(function).parameters.values()
        return [(p.name, p.kind, p.default) for p in parameters]

    theirs, ours = both[toolbox, name]
    assert arguments(ours.__init__) == arguments(theirs.__init__)
    assert arguments(ours.forward) == arguments(theirs.forward)


@pytest.mark.parametrize(('toolbox', 'name'), CLASSES)
def test_inputs_by_keyword(both, toolbox, name):
    theirs, ours = both[toolbox, name].build(**arguments_of(name))
    ours.load_state_dict(theirs.state_dict())
    inputs = torch.randn(2, 3, 64, 64) if name == 'HRNet' else streams()
    (keyword,) = list(inspect.signature(theirs.forward).parameters)
    expected = theirs(inputs)
    found = ours(**{keyword: inputs})
    assert type(found) is type(expected)
    assert all(torch.equal(x, y) for x, y in zip(found, expected))


@pytest.mark.parametrize(('toolbox', 'name'), CLASSES)
def test_instances(both, toolbox, name):
    """Who asks for a class of theirs, takes ours; so does who asks for its bases."""
    theirs, ours = both[toolbox, name].build(**arguments_of(name))
    ours_by_key = named_parts(ours)
    for key, part in named_parts(theirs).items():
        for base in type(part).__mro__:
            assert isinstance(ours_by_key[key], base)
    assert isinstance(ours, OURS)


@pytest.mark.parametrize('toolbox', ['mmpose', 'mmpretrain'])
def test_the_base_class_is_inherited(both, toolbox):
    theirs, ours = both[toolbox, 'HRNet']
    package = theirs.__module__.rpartition('.')[0]
    bases = {f'{base.__module__}.{base.__name__}' for base in ours.__mro__}
    assert f'{package}.base_backbone.BaseBackbone' in bases
    assert str(ours(extra=extra_of(SMALL))).count('init_cfg=') == 1


@pytest.mark.parametrize('toolbox', TOOLBOXES)
def test_zero_init_residual(both, toolbox):
    """The same norms start at zero: none, except in mmpose."""
    arguments = dict(extra=extra_of(SMALL), zero_init_residual=True)
    models = both[toolbox, 'HRNet'].build(**arguments)
    zeros = []
    for model in models:
        model.init_weights()
        parameters = model.state_dict().items()
        zeros.append([key for key, value in parameters if not value.any()])
    assert zeros[1] == zeros[0]
    assert bool([key for key in zeros[0] if key.endswith('weight')]) == (
        toolbox == 'mmpose'
    )
    assert models[1].zero_init_residual


def initialized(model):
    """The tensors that `init_weights` writes to."""
    before = copy.deepcopy(model.state_dict())
    model.init_weights()
    return [key for key, x in model.state_dict().items() if not x.equal(before[key])]


@pytest.mark.parametrize(('toolbox', 'name'), CLASSES)
def test_initial_weights(both, toolbox, name):
    theirs, ours = both[toolbox, name].build(**arguments_of(name))
    assert initialized(ours) == initialized(theirs) != []


@pytest.mark.parametrize('toolbox', ['mmpose', 'mmpretrain'])
def test_no_initialization(both, toolbox):
    for model in both[toolbox, 'HRNet'].build(extra=extra_of(SMALL), init_cfg=None):
        assert initialized(model) == []


def test_what_is_given_stays_with_the_caller(both):
    extra, hrnet = extra_of(SMALL), both['mmdet', 'HRNet'].ours
    model = hrnet(extra)
    extra['stage4']['num_branches'] = 3
    assert model.stage4_cfg['num_branches'] == 4
    model.norm_cfg['type'] = 'GN'
    assert hrnet(extra_of(SMALL)).norm_cfg == dict(type='BN')


@pytest.mark.parametrize('with_cp', [False, True])
@pytest.mark.parametrize('toolbox', TOOLBOXES)
def test_arithmetic_is_that_of_the_plain_class(both, toolbox, with_cp):
    ours = both[toolbox, 'HRNet'].ours(extra=extra_of(SMALL), with_cp=with_cp)
    plain_one = HRNet(
        extra=ours.extra,
        with_cp=with_cp,
        norm_eval=ours.norm_eval,
        upsample=ours.upsample_cfg,
        multiscale_output=toolbox != 'mmpose',
    )
    assert list(ours.state_dict()) == list(plain_one.state_dict())
    ours.load_state_dict(plain_one.state_dict())
    image = torch.randn(2, 3, 64, 64)
    for model in (ours.train(), plain_one.train()):
        sum(x.square().sum() for x in model(image)).backward()
    for mine, other in zip(ours.parameters(), plain_one.parameters(), strict=True):
        assert mine.grad.equal(other.grad)
    for mine, other in zip(ours.buffers(), plain_one.buffers(), strict=True):
        assert mine.equal(other)


def pickled(model):
    return pickle.loads(pickle.dumps(model))


def saved(model):
    file = io.BytesIO()
    torch.save(model, file)
    file.seek(0)
    return torch.load(file, weights_only=False)


@pytest.mark.parametrize('copied', [copy.deepcopy, pickled, saved])
@pytest.mark.parametrize(('toolbox', 'name'), CLASSES)
def test_copies(both, toolbox, name, copied):
    model = both[toolbox, name].ours(**arguments_of(name)).eval()
    twin = copied(model)
    inputs = torch.randn(1, 3, 64, 64) if name == 'HRNet' else streams()
    assert [type(m) for m in twin.modules()] == [type(m) for m in model.modules()]
    assert all(x.equal(y) for x, y in zip(twin(inputs), model(inputs)))
    assert twin.norm_cfg == model.norm_cfg


@needs_fast
@pytest.mark.parametrize('toolbox', TOOLBOXES)
def test_as_many_parts_become_fast(both, toolbox):
    from hrnet_mm.fast import optimize
    from hrnet_mm.fast.modules.fast_layers import Fast

    ours = both[toolbox, 'HRNet'].ours(extra=extra_of(SMALL)).eval()
    plain_one = HRNet(extra=ours.extra, multiscale_output=toolbox != 'mmpose')
    image = torch.randn(1, 3, 64, 64)
    with torch.no_grad():
        expected = ours(image)
    fast = [optimize(m, inference=True) for m in (ours, plain_one)]
    counts = [sum(isinstance(m, Fast) for m in model.modules()) for model in fast]
    assert counts[0] == counts[1]
    with torch.no_grad():
        found = ours(image)
    assert type(found) is type(expected)
    for x, y in zip(found, expected):
        torch.testing.assert_close(x, y, rtol=1e-4, atol=1e-4)
    assert ours.norm1 is ours.bn1
    assert ours.stage2[0].num_branches == 2
    assert isinstance(ours.layer1[0], ours.blocks_dict['BOTTLENECK'])
