"""How far from the venue; a flag is never raised against a coarse reading."""

import pytest
from sqlalchemy import select

from wujin_field.cast import phone, photo_line, picture, sealed, visit_claim
from wujin_field.db import db, utc_now, writing
from wujin_field.domain import load_pack
from wujin_field.evidence.examination import CHECKS, Examination
from wujin_field.evidence.found import spelled
from wujin_field.evidence.place import Place, allowed_m, distance_m, place_of
from wujin_field.models import Finding, Venue, VisitPhoto
from wujin_field.sync.intake import Sender
from wujin_field.sync.receipt import from_base64url

DEGREE_M = 111_195  # one degree of a great circle on the mean sphere
SHOP = (301_000_000, 1_191_000_000)
SLACK_M = load_pack()["flag"]["far_from_venue"]["slack_m"]


def photo(metres_north=0, accuracy_m=0, **more):
    here = {"lat_e7": SHOP[0] + round(metres_north / DEGREE_M * 1e7), "lon_e7": SHOP[1]}
    return VisitPhoto(**{**here, "accuracy_m": accuracy_m, "no_position": None, **more})


def venue(radius_m=60, point_accuracy_m=10, **more):
    return Venue(
        **{"lat_e7": SHOP[0], "lon_e7": SHOP[1], "radius_m": radius_m, "point_accuracy_m": point_accuracy_m, **more}
    )


@pytest.mark.parametrize(
    ("one", "other", "metres"),
    [
        ((0, 0), (0, 0), 0),
        ((0, 0), (10_000_000, 0), 111_195),
        ((0, 0), (0, 10_000_000), 111_195),
        ((600_000_000, 0), (600_000_000, 10_000_000), 55_597),  # half as long at 60° north
        ((0, 1_799_999_000), (0, -1_799_999_000), 22),  # across the date line
        ((900_000_000, 0), (-900_000_000, 0), 20_015_112),  # half way round
        ((399_042_000, 1_164_074_000), (312_304_000, 1_214_737_000), 1_067_300),  # Beijing to Shanghai
    ],
)
def test_distances_that_can_be_looked_up(one, other, metres):
    assert distance_m(*one, *other) == pytest.approx(metres, rel=2e-3, abs=1)
    assert distance_m(*other, *one) == pytest.approx(distance_m(*one, *other))


def test_a_photo_at_the_door_is_within():
    assert place_of(photo(5, accuracy_m=8), venue()) == Place(5, 8, True)


def test_a_photo_taken_elsewhere_is_not():
    place = place_of(photo(800, accuracy_m=12), venue())
    assert (place.distance_m, place.within) == (800, False)


def test_the_limit_is_radius_and_both_accuracies_and_slack():
    allowed = 60 + 10 + 25 + SLACK_M
    assert allowed_m(photo(accuracy_m=25), venue()) == allowed
    assert place_of(photo(allowed - 1, accuracy_m=25), venue()).within is True
    assert place_of(photo(allowed + 2, accuracy_m=25), venue()).within is False


def test_a_coarse_reading_accuses_nobody():
    assert place_of(photo(2_500, accuracy_m=3_000), venue()).within is True


def test_a_venue_that_nobody_surveyed_accuses_nobody():
    nowhere = venue(lat_e7=None, lon_e7=None)
    assert place_of(photo(800, accuracy_m=12), nowhere) == Place(None, 12, None, "venue_not_surveyed")
    assert place_of(photo(accuracy_m=12), None).reason == "venue_not_surveyed"


@pytest.mark.parametrize(("said", "reason"), [("indoors", "indoors"), ("refused", "refused"), (None, "no_signal")])
def test_a_photo_without_position_carries_its_reason(said, reason):
    nowhere = photo(lat_e7=None, lon_e7=None, accuracy_m=None, no_position=said)
    assert place_of(nowhere, venue()) == Place(None, None, None, reason)


def test_a_point_on_the_equator_is_a_point():
    origin = venue(lat_e7=0, lon_e7=0)
    assert place_of(photo(lat_e7=0, lon_e7=0, accuracy_m=5), origin) == Place(0, 5, True)


def test_a_reading_that_says_nothing_is_noted_and_accuses_nobody(app, town):
    body, at = picture(1, utc_now()), utc_now()
    where = {"lat_e7": SHOP[0], "lon_e7": SHOP[1], "accuracy_m": 320, "age_ms": 0}
    with writing() as session:
        device, _ = phone(session, town.person("陈大山"))
    claim = visit_claim(device, town.venue("禾丰粮油加工厂"), photos=[photo_line(body, at, position=where)])
    app.extensions["intake"].take_claim("visit", claim["id"], sealed(claim), Sender(device.id, device.person_id))
    Examination(db.engine, from_base64url(app.extensions["signer"].public_key)).examine_waiting()
    found = {row.code: (row.level, row.detail) for row in db.session.scalars(select(Finding))}
    assert found["poor_accuracy"] == ("none", {"metres": 320})


def test_every_flag_of_the_pack_has_a_check():
    assert set(load_pack()["flag"]) == {code for codes in CHECKS.values() for code in codes}


@pytest.mark.parametrize(
    ("minutes", "zh", "en"),
    [
        (119, "119 分钟", "119 minutes"),
        (120, "2 小时", "2 hours"),
        (2879, "47 小时", "47 hours"),
        (2880, "2 天", "2 days"),
    ],
)
def test_a_span_is_said_as_people_say_it(minutes, zh, en):
    assert (spelled(minutes, "zh_Hans_CN"), spelled(minutes, "en")) == (zh, en)
