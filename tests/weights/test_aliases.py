"""OpenMMLab's names of checkpoints stand for URLs."""

import pytest

from hrnet_mm.weights import aliases


@pytest.mark.parametrize(
    ('name', 'end'),
    [
        ('open-mmlab://msra/hrnetv2_w32', '/hrnetv2_w32-dc9eeb4f.pth'),
        ('openmmlab://msra/hrnetv2_w32', '/hrnetv2_w32-dc9eeb4f.pth'),
        ('openmmlab://resnet50_caffe', '/resnet50_caffe-788b5fa3.pth'),  # an old name
        pytest.param(
            *('torchvision://resnet50', '/resnet50-0676ba61.pth'),
            marks=pytest.mark.slow,  # imports torchvision
        ),
        pytest.param(
            *('modelzoo://resnet50', '/resnet50-0676ba61.pth'),
            marks=pytest.mark.slow,
        ),
        ('mmcls://vgg11', '/vgg11_batch256_imagenet_20210208-4271cd6c.pth'),
        ('weights.pth', 'weights.pth'),
    ],
)
def test_aliases_stand_for_urls(name, end):
    assert aliases.address_of(name).endswith(end)


def test_names_of_the_users_own_list(tmp_path, monkeypatch):
    monkeypatch.setenv('MMENGINE_HOME', str(tmp_path))
    (tmp_path / 'open_mmlab.json').write_text('{"mine": "weights/mine.pth"}')
    assert aliases.address_of('open-mmlab://mine') == str(tmp_path / 'weights/mine.pth')
