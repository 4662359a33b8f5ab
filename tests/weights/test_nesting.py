"""Values without an end in sight are refused before anything walks through them."""

import pytest

from hrnet_mm.errors import UserError
from hrnet_mm.weights.nesting import check_nesting


def test_values_in_themselves():
    ring: list = []
    ring.append({'a': (ring,)})
    with pytest.raises(UserError, match='contains itself'):
        check_nesting(ring)


def test_deep_values():
    deep: list = []
    for _ in range(1000):
        deep = [deep]
    with pytest.raises(UserError, match='nested more than 100 deep'):
        check_nesting(deep)


def test_few_values_that_stand_for_many():
    many: list = ['x']
    for _ in range(20):
        many = [many] * 10
    with pytest.raises(UserError, match='stand for 2e.20'):
        check_nesting(many)


def test_what_real_files_share():
    classes = [str(n) for n in range(80)]
    check_nesting([dict(classes=classes, n=n) for n in range(100_000)])


def test_numbers_that_nobody_can_write():
    check_nesting([1 << 8000])
    with pytest.raises(UserError, match='too long to be written'):
        check_nesting([1 << 9000])
