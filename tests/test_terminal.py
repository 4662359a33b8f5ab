"""Whole paths are printed, however narrow the terminal is."""

from hrnet_mm.terminal import print_paths


def test_a_path_stands_on_one_line(monkeypatch, capsys):
    monkeypatch.setenv('COLUMNS', '40')
    path = '/'.join(['work_dirs'] * 9) + '/predictions [1].png'
    print_paths({'predictions': path, 'curves': 'curves.png'})
    assert capsys.readouterr().out.splitlines() == [
        f'predictions  {path}',
        'curves       curves.png',
    ]
