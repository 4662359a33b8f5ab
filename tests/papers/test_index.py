"""The index names every config."""

from conftest import ROOT

CONFIGS = sorted((ROOT / 'configs').glob('*.py'))


def test_the_index_names_every_config():
    text = (ROOT / 'configs/README.md').read_text()
    assert not [path.name for path in CONFIGS if f']({path.name})' not in text]
