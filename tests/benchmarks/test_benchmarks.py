"""What the benchmark says of itself: figures of known functions, files, refusals."""

import gc
import json
import weakref

import pytest
import torch
from conftest import ROOT
from torch import nn

from benchmarks import (
    cases,
    measure,
    networks,
    rows,
)
from benchmarks import (
    output as report,
)
from benchmarks import (
    quotes as figures,
)
from benchmarks import (
    rounds as run,
)
from benchmarks.__main__ import main
from benchmarks.accuracy import Reference, difference
from benchmarks.cases import CASES, QUICK, Case
from benchmarks.limits import Limits
from benchmarks.tables import markdown, summary
from hrnet_mm.errors import UserError
from hrnet_mm.models.archs import ARCHS, hrnet_arch

TINY = Case('tiny', 'detection', 'w4', (1, 64, 64))
TRAINED = Case('tiny_train', 'detection', 'w4', (2, 64, 64), training=True)
MEGA = 1_000_000


@pytest.fixture(autouse=True)
def _tiny_arch(monkeypatch):
    arch = hrnet_arch(4, (1, 1, 1, 1), (1, 1, 1, 1), stage1_width=8)
    monkeypatch.setitem(ARCHS, 'w4', arch)


def raw(**by_row):
    """A case's raw figures, made from the seconds of each row."""
    return dict(
        kind='detection',
        task='detection',
        arch='w4',
        training=False,
        shape=[2, 32, 32],
        operations=600,
        limits=dict(float32=[100.0, 200.0], bfloat16=[400.0, 300.0], copy=[1.0, 2.0]),
        rows={
            name.replace('_', ' '): dict(
                seconds=seconds, first_seconds=10.0, peak_bytes=len(name) * MEGA
            )
            for name, seconds in by_row.items()
        },
    )


def test_peak_is_what_is_held_at_one_time():
    def call():
        first = torch.empty(MEGA)  # 4 MB
        second = torch.empty(2 * MEGA)
        del first
        third = torch.empty(MEGA // 2)
        return second, third

    torch.empty(MEGA)  # freed before: not its own
    assert measure.peak_bytes(call, 'cpu') == 12 * MEGA


def test_saved_bytes_are_those_for_the_backward_pass():
    layer = nn.Linear(8, 4, bias=False)
    x = torch.randn(16, 8)

    def forward():
        product = layer(x)  # keeps x; the weight is a parameter
        copied = layer.weight * 2  # a scalar factor keeps nothing
        return (product.sin() + product.cos()).sum() + (x @ copied.t()).sum()

    kept = 16 * 8 + 16 * 4  # x once, product once for both functions
    assert measure.saved_bytes(forward, layer) == 4 * kept


def test_a_copy_of_a_parameter_is_counted():
    layer = nn.Linear(8, 4, bias=False)
    x = torch.randn(16, 8, requires_grad=True)

    def forward():
        return x @ (layer.weight * 2).t()

    assert measure.saved_bytes(forward, layer) == 4 * (16 * 8 + 4 * 8)


def test_counting_does_not_keep_the_graph():
    layer, outputs = nn.Linear(8, 4), []

    def forward():
        out = layer(torch.randn(16, 8)).relu()  # which keeps its own output
        outputs.append(weakref.ref(out))
        return out

    measure.saved_bytes(forward, layer)
    gc.collect()
    assert outputs[0]() is None


def test_operations_are_two_for_a_multiply_add():
    layer = nn.Conv2d(3, 4, 3, padding=1, bias=False).to('meta')
    once = 2 * (8 * 8) * (3 * 4 * 9)
    assert measure.operations(layer, (1, 3, 8, 8), training=False) == once
    # The image needs no gradient, the weight does.
    assert measure.operations(layer, (1, 3, 8, 8), training=True) == 2 * once


def test_short_calls_are_repeated():
    assert measure.calls_of(0.02) == 5
    assert measure.calls_of(3.0) == 1


def test_speed_up_is_the_median_of_the_ratios_of_each_round():
    # The clock halves in the second round: the medians' ratio would be 1.5.
    found = figures.speedup([2.0, 4.0, 2.2], [1.0, 2.0, 2.0])
    assert found.median == 2.0
    assert found.low == pytest.approx(1.55)
    assert found.high == 2.0
    assert figures.spread([5.0]) == (5.0, 5.0, 5.0)


def test_quoted_figures():
    case = raw(toolbox=[4.0, 2.0, 4.0], fast=[2.0, 2.0, 1.0], fast_bf16=[1.0] * 3)
    found = figures.quoted(case)
    assert found['fast'].seconds.median == 2.0
    assert found['fast'].startup == 8.0
    assert found['fast'].images == 1.0
    assert found['fast'].speedup.median == 2.0
    assert found['fast'].peak_ratio == pytest.approx(4 / 7)
    assert found['fast'].share == 600 / 2.0 / 200  # the best float32 rate
    assert found['fast bf16'].share == 600 / 1.0 / 400
    assert found['toolbox'].speedup == (1, 1, 1)


def test_without_the_toolbox_there_is_no_speed_up():
    found = figures.quoted(raw(ours=[1.0, 1.0]))['ours']
    assert found.speedup is None
    assert found.peak_ratio is None


def test_a_line_and_what_is_not_on_it():
    x = [1e4, 2e4, 4e4]
    fit = figures.line(x, [3 + 2e-3 * v for v in x])
    assert fit.constant == pytest.approx(3)
    assert fit.slope == pytest.approx(2e-3)
    assert fit.deviation < 1e-9
    assert figures.line(x, [1, 2, 8]).deviation > 0.1


def test_results_of_several_runs_are_in_the_order_of_the_cases():
    found = dict(quick_det=1, area_w32_256=2, train_det_w32=3, det_w18_512x640=4)
    names = ['det_w18_512x640', 'train_det_w32', 'area_w32_256', 'quick_det']
    assert list(cases.in_order(found)) == names
    assert cases.in_order(found) == found


def test_names_are_chosen_by_patterns():
    assert [c.name for c in cases.choose(CASES, ['det_w32_*', 'seg_w48'])] == [
        'det_w32_512x640',
        'det_w32_800x1344',
        'seg_w48',
    ]
    with pytest.raises(UserError, match=r'--cases dte_\* is none of: det_w18_512x640'):
        cases.choose(CASES, ['dte_*'])
    assert list(rows.choose(['*compile'], 'cpu')) == [
        'fast + compile',
        'fast bf16 + compile',
    ]
    with pytest.raises(UserError, match='--rows slow is none of: toolbox, ours, fast'):
        rows.choose(['slow'], 'cpu')


@pytest.mark.parametrize('known', [CASES, QUICK])
def test_cases(known):
    assert len({case.name for case in known}) == len(known)
    kinds = {'detection', 'pose', 'segmentation', 'classification', 'training', 'area'}
    assert {case.kind for case in known} == kinds
    shown = {name for case in known for name in rows.of_case(rows.ROWS, case)}
    compiled = {name for name, row in rows.ROWS.items() if row.compiled}
    assert shown == set(rows.ROWS) - (compiled if known is cases.QUICK else set())


def test_each_device_has_its_rows(monkeypatch):
    monkeypatch.setattr(rows, 'has_bfloat16', lambda: False)
    on_cpu = rows.choose(None, 'cpu')
    assert 'fast + graph' not in on_cpu
    assert 'fast bf16' not in on_cpu
    assert 'fast bf16' in rows.choose(['fast*'], 'cpu')
    assert 'fast bf16' in rows.choose(None, 'cpu', sparing=False)
    assert {'fast max', 'fast max + graph'} <= set(rows.choose(None, 'cuda'))


def test_outputs_stay_of_the_order_of_one():
    model = networks.set_mode(networks.ours(TINY), TINY)
    with torch.no_grad():
        outputs = model(torch.randn(1, 3, 64, 96))
    assert all(0.1 < x.std() < 30 for x in outputs)
    norms = [m for m in model.modules() if isinstance(m, nn.BatchNorm2d)]
    assert all(0 < norm.weight.std() < 0.3 and norm.bias.any() for norm in norms)
    assert not any(norm.training for norm in norms)


def test_difference_is_relative_to_the_largest_value():
    exact = torch.tensor([0.0, -4.0, 2.0], dtype=torch.float64)
    assert difference(torch.tensor([0.0, -4.0, 2.5]), exact) == 0.125


@pytest.mark.parametrize('case', [TINY, TRAINED])
def test_the_reference_is_in_double_precision(case):
    source = networks.set_mode(networks.ours(case), case)
    image = torch.randn(2, 3, *case.shape[1:])
    reference = Reference(case, source, image)
    assert reference.images == (2 if case.training else 1)
    assert all(x.dtype == torch.float64 for x in reference.outputs)
    step = rows.Step(source, image, case.training)
    assert 0 < reference.of_outputs(step()) < 1e-4
    if case.training:
        found = {name: p.grad for name, p in source.named_parameters()}
        largest, together = reference.of_gradients(found)
        assert 0 < together < 1e-3
        assert largest > together / 2
        assert reference.of_gradients({'renamed': image}) is None


def measured(case, names):
    """Raw figures of some rows through the benchmark's own loop, in two rounds."""
    limits = Limits('cpu', side=32)
    used = {name: rows.ROWS[name] for name in names}
    settings = run.Settings(repeats=2)
    group = run.measure_group([case], used, limits, settings, lambda case: None)
    return group[case.name]


def results_of(**found):
    return dict(
        date='2026-01-01T00:00:00+00:00',
        commit=None,
        machine=dict(
            system='Linux', processor='P', flags=[], cores=2, usable_cores=1, threads=1
        ),
        versions=dict(torch='2'),
        settings=dict(device='cpu', repeats=2),
        cases=found,
    )


def test_points_of_the_curve_take_turns(monkeypatch):
    alone, *points = (
        TINY,
        *(
            TINY._replace(name=f'area_{side}', shape=(1, 3, side), curve=True)
            for side in (32, 64)
        ),
    )
    assert run.groups([points[0], alone, points[1]]) == [[alone], points]
    order = []

    def prepared(case, rows, device, tick):
        entry = run.Entry(lambda: order.append(case.name), 1)
        found = dict(rows=dict(ours=dict(seconds=[])))
        return run.Prepared(case, dict(ours=entry), found)

    monkeypatch.setattr(run, 'prepare_case', prepared)
    found = dict(run.measure_all(points, {}, run.Settings(repeats=2)))
    assert order == ['area_32', 'area_64'] * 2
    assert list(found) == ['area_32', 'area_64']
    for point in found.values():
        assert len(point['rows']['ours']['seconds']) == 2
        assert len(point['limits']['float32']) == 2
        assert point['kind'] == 'area'


def test_a_row_that_fails_is_noted(monkeypatch, tmp_path):
    def broken(model, **options):
        raise RuntimeError('no compiler\n  a long trace')

    monkeypatch.setattr(rows, 'optimize', broken)
    found = measured(TINY, ['ours', 'fast'])
    assert found['rows']['fast'] == dict(note='RuntimeError: no compiler')
    assert len(found['rows']['ours']['seconds']) == 2
    page = markdown(results_of(tiny=dict(found, kind='detection')))
    assert '- `tiny`, fast: RuntimeError: no compiler' in page


def test_options_reach_the_fast_path(monkeypatch):
    seen = []

    def recorded(model, **options):
        seen.append(options)
        return model

    monkeypatch.setattr(rows, 'optimize', recorded)
    with torch.device('meta'):
        image, model = torch.empty(1, 3, 32, 32), nn.Conv2d(3, 4, 1)
    for name in ('fast max', 'fast bf16 + compile'):
        rows.prepare(rows.ROWS[name], TINY, model, image)
    trained = rows.prepare(rows.ROWS['fast bf16'], TRAINED, model, image)
    half = dict(inference=True, dtype=torch.bfloat16, compile=True)
    assert seen == [dict(inference=True, level='max'), half, dict(inference=False)]
    assert trained.dtype == torch.bfloat16  # autocast


@pytest.mark.slow
def test_from_the_models_to_the_files(tmp_path):
    pytest.importorskip('mmdet')
    names = ['toolbox', 'ours', 'fast']
    found = {
        case.name: dict(measured(case, names), kind=case.kind)
        for case in (TINY, TRAINED)
    }
    trained = found['tiny_train']['rows']
    for key in ('output_difference', 'gradient_differences', 'saved_bytes'):
        assert trained['ours'][key] == trained['toolbox'][key]
    assert trained['fast']['saved_bytes'] > 0
    output = report.Output(str(tmp_path / 'out'))
    results = results_of(**found)
    output.write(results)
    output.render(results)
    page = (tmp_path / 'out/benchmark.md').read_text()
    heading = '| case | row | seconds | start-up s | peak MB |'
    assert f'{heading} speed-up | of limit | difference |\n' in page
    assert f'{heading} saved MB | speed-up | of limit | difference |' in page
    assert '| tiny_train | fast | ' in page
    assert (tmp_path / 'out/benchmark.png').stat().st_size > 1000
    written = report.read(str(tmp_path / 'out/benchmark.json'))
    assert written == json.loads(json.dumps(results))


@pytest.mark.slow
@pytest.mark.parametrize('task', ['segmentation', 'classification'])
def test_timm_has_the_same_outputs(task):
    pytest.importorskip('timm')
    case = TINY._replace(task=task, arch='w18_small_v1')
    source = networks.set_mode(networks.ours(case), case)
    model = networks.set_mode(networks.timm(case, source), case)
    image = torch.randn(1, 3, 64, 96)
    with torch.no_grad():
        for ours, theirs in zip(*(networks.flat(m(image)) for m in (source, model))):
            assert difference(theirs, ours.double()) < 1e-5


def test_list_shows_cases_and_rows(capsys):
    main(['--list', '--cases', 'pose_*', '--rows', 'toolbox', 'fast*'])
    shown = capsys.readouterr().out
    assert 'pose_w32_b32' in shown
    assert '32 x 256 x 192' in shown
    assert 'fast + compile' in shown
    assert 'det_w32_512x640' not in shown
    assert 'timm' not in shown


def test_earlier_results_are_not_overwritten(tmp_path):
    (tmp_path / 'benchmark.json').write_text('{}')
    with pytest.raises(UserError, match=r'earlier results \(benchmark.json\).*--overw'):
        main(['--quick', '--out', str(tmp_path)])
    assert report.Output(str(tmp_path), overwrite=True).folder == tmp_path
    with pytest.raises(UserError, match='is a file; name a folder'):
        report.Output(str(tmp_path / 'benchmark.json'))


def test_render_makes_tables_and_plot_again(tmp_path):
    curve = {
        f'area_{side}': dict(
            raw(fast=[side / 1e3] * 2), kind='area', shape=[1, side, side]
        )
        for side in (64, 128, 192)
    }
    case = raw(toolbox=[2.0, 2.0, 2.0], fast=[1.0, 1.0, 1.0])
    path = tmp_path / 'benchmark.json'
    path.write_text(json.dumps(results_of(one=case, **curve)))
    main(['--render', str(path)])
    page = (tmp_path / 'benchmark.md').read_text()
    assert '| one | fast | 1.000 | 9.0 | 4 (0.57x) | 2.00 | 300% | - |' in page
    assert '| row | ms | ms per Mpixel | farthest |' in page
    assert (tmp_path / 'benchmark.png').is_file()
    path.write_text('[]')
    with pytest.raises(UserError, match=r'is no benchmark.json of this tool'):
        main(['--render', str(path)])


@pytest.mark.skipif(torch.cuda.is_available(), reason='there is a GPU')
def test_cuda_without_a_gpu(tmp_path):
    with pytest.raises(UserError, match='torch finds no GPU'):
        main(['--quick', '--device', 'cuda', '--out', str(tmp_path / 'out')])


def test_a_run_goes_on_only_where_it_was(tmp_path):
    results = results_of(quick=raw(toolbox=[1.0]))
    report.Output(str(tmp_path)).write(results)
    with pytest.raises(UserError, match='go on with --resume, or replace'):
        report.Output(str(tmp_path))
    output = report.Output(str(tmp_path), resume=True)
    machine, versions = results['machine'], results['versions']
    assert output.earlier(machine, versions)['cases'].keys() == {'quick'}
    with pytest.raises(UserError, match='of another machine or of other versions'):
        output.earlier(machine, dict(torch='3'))
    fresh = report.Output(str(tmp_path / 'new'), resume=True)
    assert fresh.earlier(machine, versions) == dict(cases={})


def test_the_summary():
    row = raw(toolbox=[2.0, 4.0, 3.0], fast=[1.0, 2.0, 2.0])
    text = summary(results_of(quick=row))
    assert text.splitlines()[2:] == [
        '| detection, w4, 2 x 32 x 32 | 3.000 | 2.00x | - | 0.57x |'
    ]
    del row['rows']['toolbox']
    assert '| - | - | - | - |' in summary(results_of(quick=row))


def test_the_readme_has_the_figures_of_the_kept_run():
    results = report.read(ROOT / 'docs/benchmarks/xeon_2_cores/benchmark.json')
    assert summary(results) in (ROOT / 'README.md').read_text()
    page = ROOT / 'docs/benchmarks/xeon_2_cores/benchmark.md'
    assert markdown(results) == page.read_text()
