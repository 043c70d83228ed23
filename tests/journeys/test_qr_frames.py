"""The scanner reads what the decoder alone reads, and nothing wrongly: a frame of each kind (all: tests/bench/qr_frames.py)."""

import sys
from pathlib import Path

import pytest
from test_the_river import enrol

sys.path.insert(0, str(Path(__file__).parents[1] / "bench"))

pytestmark = pytest.mark.needs("chromium")


def test_a_frame_of_each_kind_is_read_at_least_as_well_as_by_the_decoder_alone(station, new_phone):
    from qr_frames import frames, read_all

    page = new_phone(service_workers="block").open(station.link_for("陈大山"))
    enrol(page)
    ours, plain, wrong = read_all(page, station.url, frames()[1::5])
    assert wrong == 0
    assert ours.total() >= max(plain.total(), 8)
