"""tools/convert.py: files in the forms of other people's code."""

from functools import cache

import pytest
import torch
from conftest import extra_of, randomize
from mmengine.registry import MODELS, init_default_scope
from parity_models import golden
from safetensors import safe_open

from hrnet_mm.cli.ending import user_errors
from hrnet_mm.cli.main import execute
from hrnet_mm.errors import UserError
from hrnet_mm.models import ARCHS, HRNet
from hrnet_mm.weights import read_checkpoint
from hrnet_mm.weights.formats import Recognized, convert, recognize

ARCH = 'w18_small_v1'
WIDTHS = list(ARCHS[ARCH][-1].out_channels)
BN = dict(type='BN')
CONCATENATED = dict(
    in_channels=WIDTHS,
    in_index=(0, 1, 2, 3),
    input_transform='resize_concat',
    norm_cfg=BN,
    num_classes=19,
)
FCN = dict(
    type='FCNHead',
    channels=sum(WIDTHS),
    kernel_size=1,
    num_convs=1,
    concat_input=False,
    **CONCATENATED,
)
OCR = dict(type='OCRHead', channels=64, ocr_channels=32, **CONCATENATED)
HEATMAPS = dict(
    type='HeatmapHead',
    in_channels=WIDTHS[0],
    out_channels=17,
    deconv_out_channels=None,
    loss=dict(type='KeypointMSELoss'),
)
FACES = dict(
    HEATMAPS,
    in_channels=sum(WIDTHS),
    conv_out_channels=(sum(WIDTHS),),
    conv_kernel_sizes=(1,),
)
MODELS_OF_OTHERS = {
    'official segmentation': ('mmseg', dict(type='EncoderDecoder', decode_head=FCN)),
    'official segmentation with OCR': (
        'mmseg',
        dict(type='CascadeEncoderDecoder', num_stages=2, decode_head=[FCN, OCR]),
    ),
    'official pose': ('mmpose', dict(type='TopdownPoseEstimator', head=HEATMAPS)),
    'official face': (
        'mmpose',
        dict(
            type='TopdownPoseEstimator',
            neck=dict(type='FeatureMapProcessor', concat=True),
            head=FACES,
        ),
    ),
    'official classification': (
        'mmpretrain',
        dict(
            type='ImageClassifier',
            neck=[
                dict(type='HRFuseScales', in_channels=WIDTHS),
                dict(type='GlobalAveragePooling'),
            ],
            head=dict(type='LinearClsHead', num_classes=10, in_channels=2048),
        ),
    ),
}


@cache
def tensors_of_toolbox(form):
    """A model with a toolbox's own HRNet and head, random weights; do not change it."""
    scope, model = MODELS_OF_OTHERS[form]
    pytest.importorskip(scope)
    init_default_scope(scope)
    extra = extra_of(ARCH)
    if form == 'official face':
        extra['stage4']['multiscale_output'] = True
    model = MODELS.build(dict(model, backbone=dict(type='HRNet', extra=extra)))
    return randomize(model).state_dict()


@pytest.fixture
def run(capsys):
    """Run the tool; what it prints."""

    def run(*words):
        execute('convert', [str(word) for word in words])
        return capsys.readouterr().out

    return run


@pytest.fixture
def official(tmp_path):
    """A training's checkpoint of the official segmentation code."""
    tensors = golden('segmentation').state_dict
    wrapped = {f'model.{k}': v for k, v in tensors.items()}
    wrapped['loss.criterion.weight'] = torch.ones(19)
    torch.save(dict(state_dict=wrapped, epoch=3), tmp_path / 'theirs.pth')
    return tmp_path / 'theirs.pth'


@pytest.mark.parametrize('form', MODELS_OF_OTHERS)
@pytest.mark.parametrize('suffix', ['pth', 'safetensors'])
def test_between_official_code_and_a_toolbox(form, suffix, run, tmp_path):
    scope, tensors = MODELS_OF_OTHERS[form][0], tensors_of_toolbox(form)
    torch.save(dict(state_dict=tensors, meta=dict(epoch=2)), tmp_path / 'a.pth')
    run(tmp_path / 'a.pth', tmp_path / f'b.{suffix}', '--to', 'official')
    written = read_checkpoint(tmp_path / f'b.{suffix}')
    assert recognize(written).format == form
    assert ('state_dict' in written) == (suffix == 'safetensors')
    printed = run(tmp_path / f'b.{suffix}', tmp_path / 'c.pth', '--to', scope)
    assert f'{form}, hrnet_{ARCH} (' in printed
    assert f'-> {scope}: {len(tensors)} tensors' in printed
    back = read_checkpoint(tmp_path / 'c.pth')
    assert back['meta']['hrnet_mm']['arch'] == ARCH
    assert set(back['state_dict']) == set(tensors)
    assert all(torch.equal(v, tensors[k]) for k, v in back['state_dict'].items())


def test_weights_that_are_no_numbers(run, official, tmp_path):
    content = torch.load(official)
    content['state_dict']['model.conv1.weight'][0] = float('nan')
    torch.save(content, official)
    printed = run(official, tmp_path / 'made.pth', '--to', 'mmseg')
    message = 'NaN OR INFINITE: backbone.conv1.weight; its training had diverged'
    assert message in printed.splitlines()


def test_the_summary(run, official, tmp_path):
    body = len([k for k in golden('segmentation').state_dict if 'last_layer' not in k])
    printed = run(official, tmp_path / 'made.pth', '--to', 'mmseg')
    assert printed.splitlines() == [
        f'official segmentation, hrnet_{ARCH} (bilinear or bilinear, aligned): '
        f'{body} + 9 tensors -> mmseg: {body + 8} tensors',
        'folded into norms: last_layer.0.bias',
        'dropped: loss.criterion.weight',
        'WRONG FEATURES in the HRNet of mmseg, which up-samples bilinear, if these '
        'were trained with bilinear, aligned. '
        "type='hrnet_mm.HRNet' has all ways",
        f'written: {tmp_path / "made.pth"}',
    ]
    content = read_checkpoint(tmp_path / 'made.pth')
    assert content['meta']['hrnet_mm'] == dict(
        task='segmentation',
        arch=ARCH,
        upsample=['bilinear', 'bilinear, aligned'],
        source=str(official),
    )
    found = recognize(content)
    assert (found.format, found.upsample) == (
        'mmseg',
        ('bilinear', 'bilinear, aligned'),
    )


@pytest.mark.parametrize('to', ['mmpose', 'mmdet', 'mmpretrain', 'timm'])
@pytest.mark.parametrize('suffix', ['pth', 'safetensors'])
def test_a_backbone_for_another_task(to, suffix, run, official, tmp_path):
    printed = run(official, tmp_path / f'made.{suffix}', '--to', to)
    assert f'-> {to}: the backbone alone, ' in printed
    assert 'left aside: 8 of the segmentation head' in printed
    content = read_checkpoint(tmp_path / f'made.{suffix}')
    names = {k for k in golden('segmentation').state_dict if 'last_layer' not in k}
    assert set(content.get('state_dict', content)) == names
    found = recognize(content)
    assert found.format == 'backbone'
    stored = to != 'timm' or suffix == 'safetensors'
    assert found.task == ('segmentation' if stored else None)
    assert len(found.upsample) == (2 if stored else 0)


def test_published_files_are_known_by_their_names(run, tmp_path, monkeypatch):
    monkeypatch.setattr(Recognized, 'arch_name', 'w48')  # as the published one
    name = 'hrnet_cocostuff_3617_torch04.pth'
    tensors = golden('segmentation').state_dict
    torch.save(tensors, tmp_path / name)
    printed = run(tmp_path / name, tmp_path / 'made.pth', '--to', 'mmseg')
    assert '(bilinear, aligned): ' in printed
    assert 'which up-samples bilinear, as these were trained' in printed


def test_weights_to_start_from_need_no_warning(run, tmp_path):
    torch.save(golden('classification').state_dict, tmp_path / 'imagenet.pth')
    printed = run(tmp_path / 'imagenet.pth', tmp_path / 'made.pth', '--to', 'mmseg')
    assert 'WRONG' not in printed
    assert 'the backbone alone' in printed


def test_what_a_toolbox_stored_is_kept(run, tmp_path):
    tensors = {f'backbone.{k}': v for k, v in HRNet(ARCH).state_dict().items()}
    tensors['head.final_layer.weight'] = torch.ones(17, 16, 1, 1)
    meta = dict(dataset_meta=dict(dataset_name='coco'))
    torch.save(dict(state_dict=tensors, meta=meta), tmp_path / 'a.pth')
    run(tmp_path / 'a.pth', tmp_path / 'b.pth', '--to', 'hrnet_mm')
    content = read_checkpoint(tmp_path / 'b.pth')
    assert content['meta']['dataset_meta'] == dict(dataset_name='coco')
    assert content['meta']['hrnet_mm']['upsample'] == ['nearest']
    assert set(content['state_dict']) == set(tensors)


def test_safetensors_say_what_they_are(run, official, tmp_path):
    run(official, tmp_path / 'made.safetensors', '--to', 'official')
    with safe_open(tmp_path / 'made.safetensors', 'pt') as file:
        assert file.metadata()['format'] == 'pt'
        assert '"task": "segmentation"' in file.metadata()['hrnet_mm']


# Errors


def test_nothing_is_overwritten(run, official, tmp_path):
    target = tmp_path / 'there.pth'
    target.write_bytes(b'precious')
    with pytest.raises(UserError, match=r'there.pth exists; .* --overwrite'):
        run(official, target, '--to', 'mmseg')
    assert target.read_bytes() == b'precious'
    run(official, target, '--to', 'mmseg', '--overwrite')
    assert read_checkpoint(target)['state_dict']
    before = official.read_bytes()
    for same in (official, tmp_path / 'x/../theirs.pth'):
        with pytest.raises(UserError, match='is the file to convert'):
            run(official, same, '--to', 'mmseg', '--overwrite')
    assert official.read_bytes() == before


def test_a_failure_leaves_nothing(run, official, tmp_path, monkeypatch):
    target = tmp_path / 'there.pth'
    target.write_bytes(b'precious')

    def fail(content, path):
        path.write_bytes(b'half')
        raise OSError('no space left')

    monkeypatch.setattr(torch, 'save', fail)
    with pytest.raises(UserError, match=r'cannot write .*there.pth: no space left'):
        run(official, target, '--to', 'mmseg', '--overwrite')
    assert target.read_bytes() == b'precious'
    assert sorted(p.name for p in tmp_path.iterdir()) == ['theirs.pth', 'there.pth']


def test_what_cannot_be_converted(run, official, tmp_path, capsys):
    with pytest.raises(UserError, match=r'made.onnx; expected .pth or .safetensors'):
        run(official, tmp_path / 'made.onnx', '--to', 'mmseg')
    with pytest.raises(UserError, match='not of mmdet: it looks like official segm'):
        run(official, tmp_path / 'a.pth', '--to', 'mmseg', '--from', 'mmdet')
    torch.save({'fc.weight': torch.ones(2)}, tmp_path / 'resnet.pth')
    message = 'nothing to convert: the checkpoint is no HRNet.* names are fc.weight'
    with pytest.raises(UserError, match=message):
        run(tmp_path / 'resnet.pth', tmp_path / 'a.pth', '--to', 'mmseg')
    with pytest.raises(UserError, match=r'no checkpoint .*nowhere.pth: it is neither'):
        run(tmp_path / 'nowhere.pth', tmp_path / 'a.pth', '--to', 'mmseg')
    with pytest.raises(SystemExit):
        run(official, tmp_path / 'a.pth')
    assert 'required: --to' in capsys.readouterr().err
    assert not (tmp_path / 'a.pth').exists()
    found = recognize(read_checkpoint(official))
    with pytest.raises(UserError, match="cannot convert to 'mmcls'; expected official"):
        convert(found, 'mmcls')
    with pytest.raises(SystemExit, match='2'), user_errors():
        run(official, official, '--to', 'mmseg')


def test_one_of_several_networks(run, tmp_path):
    body = randomize(HRNet(ARCH)).state_dict()
    other = {f'teacher.{k}': v for k, v in randomize(HRNet(ARCH)).state_dict().items()}
    both = tmp_path / 'both.pth'
    torch.save({**{f'student.{k}': v for k, v in body.items()}, **other}, both)
    with pytest.raises(UserError, match='2 HRNets, .* --prefix of hrnet convert'):
        run(both, tmp_path / 'made.pth', '--to', 'mmseg')
    run(both, tmp_path / 'made.pth', '--to', 'mmseg', '--prefix', 'student.')
    made = torch.load(tmp_path / 'made.pth', weights_only=True)['state_dict']
    assert made.keys() == body.keys()
    assert all(torch.equal(made[name], value) for name, value in body.items())
