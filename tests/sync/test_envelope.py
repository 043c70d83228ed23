"""The shape of a claim: what is in the samples is taken, every deviation is refused with its status, code and field."""

import copy
import json
from pathlib import Path

import pytest

from wujin_field.canonical import canonical
from wujin_field.domain import load_pack
from wujin_field.sync.envelope import Refused, read_claim

CLAIMS = json.loads((Path(__file__).parent.parent / "samples" / "claims.json").read_text("utf-8"))
OF_KIND = {sample["kind"]: sample["value"] for sample in CLAIMS}
OTHER_ID = "01930c2e-0000-7000-8000-0000000000ff"
UNLISTED = "ab" * 32


def altered(kind, path, value):
    """The sample of that kind with one field changed: "photos.0.role"."""
    claim = copy.deepcopy(OF_KIND[kind])
    *way, last = path.split(".")
    spot = claim
    for step in way:
        spot = spot[int(step)] if isinstance(spot, list) else spot[step]
    spot[int(last) if isinstance(spot, list) else last] = value
    return claim


def refusal(kind, claim, subject_id=None):
    with pytest.raises(Refused) as raised:
        read_claim(kind, subject_id or OF_KIND[kind]["id"], canonical(claim), load_pack())
    return raised.value.status, raised.value.code, raised.value.at


@pytest.mark.parametrize("sample", CLAIMS, ids=[sample["kind"] for sample in CLAIMS])
def test_the_samples_are_taken_as_they_stand(sample):
    claim = read_claim(sample["kind"], sample["id"], sample["text"].encode(), load_pack())
    assert claim.id == sample["id"]
    assert claim.revision == 1


WRONG_SHAPE = [
    ("visit", "id", "not-an-id", "id"),
    ("visit", "id", OF_KIND["visit"]["id"].upper(), "id"),
    ("visit", "revision", 0, "revision"),
    ("visit", "revision", True, "revision"),
    ("visit", "seq", 0, "seq"),
    ("visit", "prev", "abc", "prev"),
    ("visit", "started_at", -1, "started_at"),
    ("visit", "ended_at", 4_102_444_800_001, "ended_at"),
    ("visit", "device", None, "device"),
    ("visit", "photos.0.sha256", "AB" * 32, "photos[0].sha256"),
    ("visit", "photos.0.role", "selfie", "photos[0].role"),
    ("visit", "photos.0.capture", "screenshot", "photos[0].capture"),
    ("visit", "photos.0.position.lat_e7", 910_000_000, "photos[0].position.lat_e7"),
    ("visit", "photos.0.position.lon_e7", -1_800_000_001, "photos[0].position.lon_e7"),
    ("visit", "photos.0.position.accuracy_m", -1, "photos[0].position.accuracy_m"),
    ("visit", "hazards.0.severity", "deadly", "hazards[0].severity"),
    ("visit", "hazards.0.text", "长" * 2001, "hazards[0].text"),
    ("visit", "answers.NS-20.value", "maybe", "answers[...].value"),
    ("visit", "refused", "sometimes", "refused"),
    ("visit", "note", "长" * 2001, "note"),
    ("visit", "place_text", 7, "place_text"),
    ("visit", "scanned_code", "2" * 17, "scanned_code"),
    ("visit", "venue_kind", "street shop", "venue_kind"),
    ("visit", "materials.leaflet", -1, "materials[...]"),
    ("visit", "team", ["me"], "team[0]"),
    ("visit", "enforcement", {"seal": 1}, "enforcement[...]"),
    ("activity", "topics", [], "topics"),
    ("activity", "people", -1, "people"),
    ("activity", "people", "12", "people"),
    ("activity", "online", 0, "online"),
    ("activity", "organisers", ["me"], "organisers[0]"),
    ("activity", "title", "长" * 301, "title"),
]


@pytest.mark.parametrize(
    ("kind", "path", "value", "field"), WRONG_SHAPE, ids=[f"{line[0]}.{line[1]}" for line in WRONG_SHAPE]
)
def test_a_wrong_field_is_named(kind, path, value, field):
    status, code, at = refusal(kind, altered(kind, path, value))
    assert (status, code) == (422, "wrong_shape")
    assert at == field


@pytest.mark.parametrize(
    "name",
    [
        "id",
        "revision",
        "device",
        "seq",
        "prev",
        "started_at",
        "ended_at",
        "sent_clock",
        "activity",
        "area",
        "venue_kind",
    ],
)
def test_a_missing_field_is_named(name):
    claim = {key: value for key, value in OF_KIND["visit"].items() if key != name}
    status, code, at = refusal("visit", claim)
    assert (status, code, at) == (422, "wrong_shape", name)


@pytest.mark.parametrize(
    ("kind", "field"),
    [("visit", name) for name in ("place_type", "venue_kind", "template")]
    + [("activity", name) for name in ("place_type", "delivery", "form", "context", "activity_kind")],
)
def test_an_unknown_code_is_named(kind, field):
    assert refusal(kind, altered(kind, field, "no_such_code")) == (422, "unknown_code", field)


@pytest.mark.parametrize(
    ("kind", "field", "value"),
    [
        ("activity", "topics", ["fire_safety", "astrology"]),
        ("activity", "audiences", {"martians": 3}),
        ("activity", "channels", {"telepathy": 1}),
        ("visit", "materials", {"telepathy": 1}),
    ],
)
def test_an_unknown_code_in_a_list_is_named(kind, field, value):
    assert refusal(kind, altered(kind, field, value)) == (422, "unknown_code", field)


def test_the_address_and_the_claim_name_the_same_thing():
    assert refusal("visit", OF_KIND["visit"], OTHER_ID) == (422, "other_address", "id")
    assert refusal("activity", OF_KIND["visit"], OF_KIND["visit"]["id"]) == (422, "other_address", "id")


def test_it_refuses_a_kind_that_nobody_knows():
    status, code, _ = refusal("visit", altered("visit", "kind", "rumour"))
    assert (status, code) == (422, "wrong_shape")


def test_it_refuses_an_end_before_the_start():
    claim = altered("visit", "ended_at", OF_KIND["visit"]["started_at"] - 1)
    assert refusal("visit", claim) == (422, "ends_before_it_starts", "ended_at")


def test_it_refuses_the_same_photo_twice():
    photo = OF_KIND["visit"]["photos"][0]
    assert refusal("visit", altered("visit", "photos", [photo, photo, OF_KIND["visit"]["photos"][1]])) == (
        422,
        "photo_twice",
        "photos",
    )


def test_it_refuses_an_answer_with_a_photo_that_is_not_listed():
    assert refusal("visit", altered("visit", "answers.NS-20.photos", [UNLISTED])) == (
        422,
        "photo_not_listed",
        "answers",
    )


def test_it_refuses_a_hazard_with_a_photo_that_is_not_listed():
    assert refusal("visit", altered("visit", "hazards.0.photo", UNLISTED)) == (422, "photo_not_listed", "hazards")


def test_a_newer_phones_extra_fields_lock_nobody_out():
    body = canonical(altered("visit", "weather", "rain"))
    assert read_claim("visit", OF_KIND["visit"]["id"], body, load_pack()).note == OF_KIND["visit"]["note"]


@pytest.mark.parametrize(
    ("body", "code"),
    [(b"{", "not_json"), (b'{"a":NaN}', "not_an_integer"), (b"[" * 5000, "too_deep"), (b'{"a": 1}', "not_canonical")],
)
def test_bad_bytes_are_400(body, code):
    with pytest.raises(Refused) as raised:
        read_claim("visit", OF_KIND["visit"]["id"], body, load_pack())
    assert (raised.value.status, raised.value.code) == (400, code)
