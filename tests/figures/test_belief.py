"""The interval beside a rate is Wilson's."""

import pytest

from wujin_field.figures.belief import Share, wilson


# Newcombe 1998, table I, method 3 (score without continuity correction); the first two are in every textbook.
@pytest.mark.parametrize(
    ("many", "of", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (29, 29, 0.8830, 1.0)],
)
def test_the_interval_is_the_published_one(many, of, low, high):
    assert wilson(many, of) == pytest.approx((low, high), abs=0.0001)


def test_fewer_than_ten_give_no_rate():
    assert not Share(9, 9, 10).known
    assert Share(10, 10, 10).known
