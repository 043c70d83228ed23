"""The look-alike search misses nothing and finds nothing else."""

import sys
from pathlib import Path
from random import Random

import pytest

from wujin_field.evidence.likeness import Likeness, tells_nothing

sys.path.insert(0, str(Path(__file__).parent.parent / "bench"))

import likeness as bench


@pytest.mark.parametrize("count", [0, 1, 70_000])
def test_it_is_exact_against_a_full_scan(count):
    rng = Random(count)
    asked, photos = bench.filled(count, rng)
    assert len(asked) == count
    for _ in range(3):
        dhash = bench.crowded(rng)
        assert set(asked.near(dhash, bench.MOST)) == bench.full_scan(photos, dhash)


def test_a_picture_without_contours_is_like_every_other_and_says_nothing():
    assert tells_nothing(0) and tells_nothing(2**64 - 1) and not tells_nothing(0x0F0F0F0F0F0F0F0F)
    assert Likeness().near(5, 10) == []
