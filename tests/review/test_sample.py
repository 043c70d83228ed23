"""The draw: same seed, same sample; what must be drawn is; chance is fair."""

from collections import Counter
from dataclasses import replace
from random import Random

import pytest

from wujin_field.domain import load_pack
from wujin_field.periods import NoPeriod, read_drawn
from wujin_field.review.sample import Candidate, sample

RULES = load_pack().files["spot_check"]["sampling"]
# Upper 0.1 % of chi-square with 39 degrees of freedom (tables; 40 visits in a stratum).
CHI_SQUARE_39 = 72.06


def week(*, visits=40, area="liuxi", certain=None):
    return [
        Candidate(f"{area}-{n:03}", f"person-{n % 5}", f"{area} 2026-W47", (certain or {}).get(n))
        for n in range(visits)
    ]


def drawn(lines):
    return {line.candidate.visit_id: line.reason for line in lines if line.reason}


def test_the_same_seed_draws_the_same_sample_whatever_the_order_of_rows():
    rows = week()
    shuffled = Random(3).sample(rows, len(rows))
    assert sample(rows, "station-2026-W47-1", RULES) == sample(shuffled, "station-2026-W47-1", RULES)
    assert drawn(sample(rows, "1", RULES)) != drawn(sample(rows, "2", RULES))


@pytest.mark.parametrize(("visits", "expected"), [(1, 1), (2, 2), (9, 3), (30, 3), (31, 4), (100, 10)])
def test_ten_in_a_hundred_and_at_least_three_of_each_area(visits, expected):
    lines = sample([*week(visits=visits), *week(visits=50, area="shiqiao")], "s", RULES)
    assert sum(1 for visit_id in drawn(lines) if visit_id.startswith("liuxi")) == expected
    assert sum(1 for visit_id in drawn(lines) if visit_id.startswith("shiqiao")) == 5


def test_flags_serious_hazards_and_new_people_are_drawn_whatever_the_seed():
    certain = {0: "look_always", 1: "serious_hazard", 2: "new_person"}
    for seed in ("a", "b", "c"):
        found = drawn(sample(week(certain=certain), seed, RULES))
        assert {n: found[f"liuxi-{n:03}"] for n in certain} == certain


def test_one_in_twenty_is_read_twice_and_one_in_ten_called():
    lines = sample(week(visits=400), "s", RULES)
    assert (sum(line.second for line in lines), sum(line.call_back for line in lines)) == (2, 4)
    assert all(line.reason for line in lines if line.second or line.call_back)


def test_nobody_is_left_unseen_in_a_month():
    rows = week(visits=40)
    lines = sample(rows, "s", RULES | {"random_share": 0, "random_min_per_area_week": 0}, {"person-1", "person-4"})
    assert Counter(drawn(lines).values()) == {"person_month": 2}
    assert {line.candidate.author_id for line in lines if line.reason} == {"person-1", "person-4"}


def uniformity(draws):
    """Chi-square of how often each of 40 visits was drawn, fixed seeds; corrected for drawing four without putting back."""
    rows, times = week(), Counter()
    for seed in range(draws):
        times.update(drawn(sample(rows, f"seed-{seed}", RULES)).keys())
    expected = draws * 4 / 40
    return sum((times[row.visit_id] - expected) ** 2 / expected for row in rows) / (1 - 4 / 40) * (39 / 40)


def test_chance_is_fair_within_an_area():
    assert uniformity(1000) < CHI_SQUARE_39


@pytest.mark.parametrize("period", ["2026-W54", "2025-W53", "2026-13", "november", "2026-W1", "2026", ""])
def test_what_is_no_period_is_refused(period):
    with pytest.raises(NoPeriod):
        read_drawn(period)


def test_twenty_in_a_hundred_while_a_campaign_is_new():
    new = [replace(one, rollout=True) for one in week(visits=40)]
    assert len(drawn(sample(new, "s", RULES))) == 8


if __name__ == "__main__":
    print(f"chi-square over 10,000 draws: {uniformity(10_000):.1f}, allowed {CHI_SQUARE_39}")
