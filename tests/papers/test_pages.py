"""The index of the configs is written as pages."""

import yaml

from hrnet_mm.weights.published import weights_for
from papers.entries import Entry, Figure
from papers.pages import pages


def test_pages():
    name = 'fcos_hrnetv2p_w18_1x_mmdet'
    figure = Figure(
        'Table 1 of arXiv 1904.04514', 'val2017', {'AP': 39.6, 'AP50': 61.0}
    )
    numbers = ('mmdet', 'COCO', (800, 1216), 17_500_000, 180_000_000_000)
    entry = Entry(name, 'FCOS', (figure,), *numbers, weights_for(name))
    made = {str(path): text for path, text in pages([entry]).items()}
    (weights,) = weights_for(name)
    line = made['configs/README.md'].splitlines()[-1]
    assert '| [AP 39.6](https://arxiv.org/abs/1904.04514) (val2017) |' in line
    assert '| 800 x 1216 | 17.50 | 180.00 |' in line
    assert weights.urls[0] in line
    (model,) = yaml.safe_load(made['configs/metafile.yml'])['Models']
    assert model['Name'] == name
    assert model['Config'] == f'configs/{name}.py'
    assert model['Weights'] == weights.urls[0]
    assert model['Results'][0]['Metrics'] == {'box AP': 35.3}  # the weights' own
    assert yaml.safe_load(made['model-index.yml']) == {
        'Import': ['configs/metafile.yml']
    }
