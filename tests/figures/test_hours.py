"""Hours of service: the station and the phone count one span of time alike (tests/js/outbox/hours.test.mjs)."""

import json
from datetime import datetime
from pathlib import Path

import pytest

from wujin_field.figures.service import hours_of

SAMPLE = json.loads((Path(__file__).parent.parent / "samples/hours.json").read_text())


@pytest.mark.parametrize("span", SAMPLE["spans"], ids=lambda span: span["why"])
def test_by_half_hours_and_over_at_midnight(span):
    assert hours_of(*(datetime.fromisoformat(span[end]) for end in ("start", "end"))) == span["hours"]
