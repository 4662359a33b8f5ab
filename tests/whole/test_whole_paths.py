"""Paths are printed in one piece, however narrow the terminal is: people copy them."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
from conftest import OLD_TORCH

from hrnet_mm.cli import doctor
from hrnet_mm.inference import print_summary
from hrnet_mm.toolboxes import TOOLBOXES
from hrnet_mm.training.report import ReportHook

FOLDER = 'with [bold] brackets, and longer than the terminal is wide, by the half of it'


@pytest.fixture
def folder(monkeypatch, tmp_path) -> Path:
    """A folder of a long path, where the terminal is narrow."""
    monkeypatch.setenv('COLUMNS', '40')
    path = tmp_path / FOLDER
    path.mkdir()
    assert len(str(path)) >= 80
    return path


def lines(capsys) -> list[str]:
    return capsys.readouterr().out.splitlines()


def test_of_what_a_training_leaves(folder, capsys):
    hook = ReportHook()
    hook.started -= 1  # times of files are coarse
    hook.metrics = {'coco/bbox_mAP': 0.5}
    for name in ('predictions.png', 'curves.png'):
        (folder / name).touch()
    hook._print(SimpleNamespace(work_dir=str(folder)))
    shown = lines(capsys)
    assert f'predictions  {folder}/predictions.png' in shown
    assert f'curves       {folder}/curves.png' in shown
    assert any('0.500' in line for line in shown)


def test_of_pictures_that_an_earlier_training_has_left(folder, capsys):
    (folder / 'curves.png').touch()
    hook = ReportHook()
    hook.started += 60
    hook._print(SimpleNamespace(work_dir=str(folder)))
    assert str(folder) not in '\n'.join(lines(capsys))


def test_of_what_a_prediction_leaves(folder, capsys):
    source = SimpleNamespace(problems=[f'{folder}/a.jpg is no image'], notes=[])
    output = SimpleNamespace(
        images=[{}], results=[], toolbox=TOOLBOXES['mmdet'], folder=folder
    )
    print_summary(source, output, started=0.0)
    shown = lines(capsys)
    assert f'problem: {folder}/a.jpg is no image' in shown
    assert f'pictures       {folder}' in shown
    assert f'results        {folder}/results.json' in shown
    assert f'ids and files  {folder}/images.json' in shown


@pytest.mark.skipif(OLD_TORCH, reason='hrnet_mm.fast needs a newer torch')
def test_of_what_a_benchmark_leaves(folder, capsys):
    from benchmarks import __main__ as tool

    tool.print_summary(dict(cases={}), SimpleNamespace(folder=folder))
    shown = lines(capsys)
    for name in tool.report.FILES:
        kind = Path(name).suffix[1:]
        assert f'{kind:<4}  {folder}/{name}' in shown


def test_of_what_the_doctor_finds_broken(folder, capsys):
    from rich.console import Console

    from hrnet_mm.environment.examination import Examination, Row

    library = f'{folder}/libtorch.so'.replace(' ', '_')
    row = Row('torchvision', '0.1', f'broken: {library}: undefined symbol')
    doctor.show(Examination([row], [], []), Console(width=40))
    shown = ''.join(
        line.split('│')[-2].strip() for line in lines(capsys) if '│' in line
    )
    assert library in shown
