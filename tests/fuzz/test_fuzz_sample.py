"""A sample of the fuzz run for every commit; the whole of it: python tests/fuzz/run.py --cases 50000."""

import resource
from pathlib import Path
from tempfile import NamedTemporaryFile

import every_route
import judge_pictures
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pictures_hostile import SCRIPT, encoded, everything, few

from wujin_field.cast.claims import sha256
from wujin_field.config import PHOTO_BYTES_MAX

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:PIL")  # what it thinks of our Exif
CASES = 1200  # a handful a route: the first of each is always the plainest
EVERY = 4  # of the hostile pictures; the heavy ones are left to the whole run


@pytest.fixture(scope="module")
def town():
    with every_route.a_town() as town:
        yield town


def test_nothing_that_anybody_sends_breaks_any_route(town):
    done = every_route.run(town, CASES, number=2026)
    assert done >= CASES
    assert town.faults == {}


def test_the_sample_reaches_past_the_doors(town):
    """A fuzz run that is refused everywhere proves nothing."""
    assert {200, 201, 302, 404, 422} <= set(town.answered)
    assert len(town.ids) > 1  # beside the one it was given: something was taken in


@pytest.mark.parametrize("spot", ["hazard", "activity", "team", "photo", "answer", "venue"])
def test_a_line_end_behind_an_id_is_refused_and_no_page_breaks(town, spot):
    """Python's `$` lets it through: such a visit was taken in once, and its page and the whole queue were gone."""
    claim = every_route.whole_claim(town, "visit", "volunteer")
    holder, key = {
        "hazard": (claim["hazards"][0], "id"),
        "activity": (claim, "activity"),
        "team": (claim["team"], 0),
        "photo": (claim["photos"][0], "sha256"),
        "venue": (claim, "venue"),
        "answer": (claim["photos"][0], "item"),
    }[spot]
    holder[key] += "\n"
    body = every_route.packed(claim)
    path = f"/sync/visits/{claim['id']}"
    case = every_route.Case("volunteer", "PUT", path, path, headers=every_route.announced(body), body=body)
    assert town.ask(case) == 422
    assert town.ask(every_route.Case("supervisor", "GET", "/supervisor/", "/supervisor/")) == 200


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 415),
        (b"\xff", 415),
        (b"\xff\xd8\xff\xd9", 415),
        (bytes(PHOTO_BYTES_MAX + 1), 413),
        (SCRIPT, 415),
        (few()[7], 413),
    ],
    ids=["nothing", "one byte", "start and end", "limit + 1", "script", "bomb"],
)
def test_what_is_refused_leaves_no_file(town, body, status):
    """I10, I5: 4xx, and neither in the vault nor in its porch does anything stay."""
    root = town.app.extensions["vault"].root
    before = sorted(path for path in root.rglob("*") if path.is_file())
    path = f"/sync/photos/{sha256(body)}"
    length = {"Content-Length": str(len(body))}
    assert town.ask(every_route.Case("volunteer", "PUT", path, path, headers=length, body=body)) == status
    assert sorted(path for path in root.rglob("*") if path.is_file()) == before


def test_hostile_pictures_end_as_the_table_says(tmp_path):
    """Here in this process, without a limit of memory; run.py does all of them in a child that may hold 512 MB."""
    judge, chosen = judge_pictures.Judge(tmp_path), [one for one in everything() if "megapixel" not in one.name]
    verdicts = [judge.of(one, number) for number, one in enumerate(chosen) if number % EVERY == 0]
    assert len(verdicts) >= 130
    assert [verdict for verdict in verdicts if verdict.wrong] == []
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < 2 * 1024 * 1024  # kB: no bomb went off


def test_there_are_five_hundred_of_them_and_no_two_alike():
    every = everything()
    assert len(every) >= 500
    assert len({one.name for one in every}) == len(every)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_the_gate_says_one_of_three_things_of_any_bytes(data):
    body = bytearray(encoded(data.draw(st.sampled_from(["JPEG", "PNG", "WEBP"]))))
    for at, byte in data.draw(st.lists(st.tuples(st.integers(0, 300), st.integers(0, 255)), max_size=8)):
        body[at % len(body)] = byte
    with NamedTemporaryFile() as file:
        file.write(bytes(body))
        file.flush()
        said = judge_pictures.said_by_the_gate(Path(file.name))
    assert said in ("taken", "not_a_picture", "too_many_pixels")
