"""A small sample of each drill; the full counts by the commands in fraud.py and mutations.py."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import fraud
import mutations


def test_at_least_twelve_of_fourteen_frauds_are_flagged_or_refused(tmp_path):
    caught = fraud.frauds(tmp_path / "frauds", 1)
    assert len(caught) == 14
    assert sum(caught.values()) >= 12, [name for name, was in caught.items() if not was]


def test_hardly_an_honest_visit_is_flagged(tmp_path):
    flagged, codes = fraud.honest(tmp_path / "honest", 60, 1)
    assert flagged <= 2, codes


@pytest.mark.parametrize("kind", list(mutations.KINDS), ids=lambda kind: kind.__name__)
def test_what_is_changed_behind_our_back_is_found(town_of_mutations, kind):
    town, bundles, rng = town_of_mutations
    for _ in range(4):
        name, found = kind(town, rng, bundles) if kind is mutations.mutate_bundle else kind(town, rng)
        assert found, name


@pytest.fixture(scope="module")
def town_of_mutations(tmp_path_factory):
    town = mutations.Town(tmp_path_factory.mktemp("mutations") / "town")
    yield town, mutations.some_bundles(town, 2), mutations.Random(5)
    town.connection.close()


def test_nobody_cries_wolf_after_honest_days_and_erasures(tmp_path):
    assert mutations.clean_sets(tmp_path / "clean", 5, 2) == []
