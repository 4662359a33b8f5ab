"""Names of a left and a right are compared with what a mirror image exchanges."""

from __future__ import annotations

import pytest

from hrnet_mm.data.look import Look
from hrnet_mm.data.look.sides import check_classes, check_sides, partners

PEOPLE = ['hat', 'Left-arm', 'Right-arm', 'left leg', 'right leg']


@pytest.mark.parametrize(
    ('names', 'pairs'),
    [
        (PEOPLE, [(1, 2), (3, 4)]),
        (['l_eye', 'R_eye', 'r_ear'], [(0, 1)]),
        (['R Ankle', 'L Ankle'], [(0, 1)]),
        (['paw.l.front', 'paw.r.front'], [(0, 1)]),
        (['left', 'right'], [(0, 1)]),
        (['left_upper_left_tooth', 'right_upper_right_tooth'], [(0, 1)]),
        (list('klmqrs'), []),  # letters of an alphabet
        (['bright', 'bleft_', 'copyright', 'ball', 'barr', 'left hand'], []),
    ],
)
def test_partners(names, pairs):
    assert partners(names) == pairs


def sides(exchanged) -> Look:
    look = Look('train', '')
    check_sides(look, PEOPLE, exchanged, remedy='Write {}')
    return look


def test_what_is_exchanged():
    right = sides([(2, 1), (3, 4), (4, 3)])
    assert right.errors == right.warnings == []
    assert sides([(1, 3)]).errors == [
        'train: a mirror image exchanges Left-arm (1) with left leg (3).\n'
        '  Write [(1, 2), (3, 4)]'
    ]
    assert sides([(1, 2), (3, 5)]).errors == [
        'train: a mirror image exchanges 3 with 5, but the last is 4.\n'
        '  Write [(1, 2), (3, 4)]'
    ]
    stays = sides([(1, 2)])
    assert stays.errors == []
    assert stays.warnings == [
        'train: in a mirror image left leg stays left leg, though it is right leg '
        'there (1 such pairs).\n  Write [(1, 2), (3, 4)]'
    ]


@pytest.mark.parametrize(
    ('flip', 'warned'),
    [
        (dict(prob=0.5), True),
        (dict(prob=[0.3, 0.3], direction=['horizontal', 'vertical']), True),
        (dict(prob=0.5, direction='vertical'), False),
        (dict(prob=0.0), False),
        (dict(prob=0.5, swap_seg_labels=[(0, 1)]), False),
        ({}, False),
    ],
)
def test_flips(flip, warned):
    for names in (
        dict(classes=['left_lane', 'right_lane']),
        dict(folders=['left_lane', 'right_lane']),
    ):
        look = Look('train', '', **names)
        check_classes(look, flip, 'Set prob=0.0')
        assert bool(look.warnings) == warned
