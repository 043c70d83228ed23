"""The decision table of field data: whatever a phone sends, however often, in whatever order, the answer is the same."""

import copy
import hashlib
import itertools
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import rfc8785
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from sqlalchemy import func, select

from wujin_field import review
from wujin_field.cast import activity_claim, phone, sealed, visit_claim
from wujin_field.db import db, local_day, to_ms, utc_now, uuid7, writing
from wujin_field.domain import load_pack
from wujin_field.models import (
    Activity,
    ActivityOrganiser,
    AuditRow,
    Claim,
    Device,
    Hazard,
    Photo,
    Receipt,
    SetAside,
    Visit,
    VisitPhoto,
)  # fmt: skip
from wujin_field.models.journal import GENESIS
from wujin_field.sync.envelope import Refused
from wujin_field.sync.gate import Header
from wujin_field.sync.intake import Sender
from wujin_field.sync.receipt import from_base64url, verifies

pytestmark = pytest.mark.usefixtures("town")
PICTURES = [hashlib.sha256(name).hexdigest() for name in (b"overview", b"close", b"interaction")]
START = datetime(2026, 11, 3, 1, 0, tzinfo=UTC)
STARTED = to_ms(START)


@pytest.fixture
def intake(app):
    return app.extensions["intake"]


@pytest.fixture
def chen(town):
    """陈大山's phone, as the intake sees it."""
    return enrolled(town, "陈大山")


@pytest.fixture
def tang(town):
    """The phone of 唐玉梅, of another village."""
    return enrolled(town, "唐玉梅")


def enrolled(town, name):
    with writing() as session:
        device, _ = phone(session, town.person(name))
    return Sender(device.id, device.person_id)


@pytest.fixture
def visit(town, chen):
    """visit(note=…) → a claim from 陈大山's phone about 禾丰粮油加工厂, with these fields."""

    def make(photos=PICTURES, **fields):
        lines = [photo_line(sha256, place) for place, sha256 in enumerate(photos)]
        made = visit_claim(Device(id=chen.device_id), town.venue("禾丰粮油加工厂"), at=START)
        return made | {"photos": lines} | fields

    return make


@pytest.fixture
def outing(town, chen):
    """outing(people=…) → an activity from 陈大山's phone in 柳溪村."""

    def make(**fields):
        return activity_claim(Device(id=chen.device_id), town.areas["liuxi"], at=START) | fields

    return make


def photo_line(sha256, place):
    role = ("overview", "close", "interaction")[place % 3]
    return {
        "sha256": sha256,
        "role": role,
        "taken_at": STARTED + place * 1000,
        "mono_ms": place,
        "capture": "camera",
        "no_position": "indoors",
    }


def put(intake, sender, claim, **more):
    return intake.take_claim(claim["kind"], claim["id"], sealed(claim), sender, **more)


def take(intake, sender, sha256):
    return intake.take_photo(sha256, 1000, Header("image/jpeg", 40, 30), sender)


def count(table, *where):
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(table).where(*where))


def held(visit_id):
    db.session.rollback()
    return db.session.get(Visit, visit_id, populate_existing=True)


def rule(town, visit_id, result, reason="照片看不清"):
    with writing() as session:
        review.rule(session, session.get_one(Visit, visit_id), town.person("罗静"), result, reason, "请重拍")


# unknown, same, other


def test_an_unknown_id_is_stored_and_receipted(intake, chen, visit):
    claim = visit()
    outcome = put(intake, chen, claim)
    assert outcome.status == 201
    assert outcome.receipt["digest"] == hashlib.sha256(sealed(claim)).hexdigest()
    assert (outcome.receipt["kind"], outcome.receipt["id"], outcome.receipt["revision"]) == ("visit", claim["id"], 1)
    assert held(claim["id"]).author_id == chen.person_id


def test_the_very_bytes_are_kept(intake, chen, visit):
    claim = visit(weather="a field of a later version")
    put(intake, chen, claim)
    assert db.session.scalar(select(Claim.body).where(Claim.subject_id == claim["id"])) == sealed(claim)


def test_the_same_again_gets_the_very_same_receipt(intake, chen, visit):
    claim = visit()
    first = put(intake, chen, claim)
    again = [put(intake, chen, claim, now=utc_now() + timedelta(days=day)) for day in range(3)]
    assert [outcome.status for outcome in again] == [200, 200, 200]
    assert [outcome.receipt for outcome in again] == [first.receipt] * 3
    assert count(Visit) == count(Receipt) == count(Claim) == 1


def test_other_bytes_under_the_same_id_are_a_conflict_and_both_are_kept(intake, chen, visit):
    claim = visit(note="第一版")
    put(intake, chen, claim)
    outcome = put(intake, chen, claim | {"note": "第二版"})
    assert (outcome.status, outcome.code, outcome.receipt) == (409, "conflict", {})
    assert held(claim["id"]).note == "第一版"
    aside = db.session.scalars(select(SetAside)).one()
    assert (aside.subject_id, aside.reason, aside.body) == (claim["id"], "conflict", sealed(claim | {"note": "第二版"}))


def test_a_conflict_told_twice_is_kept_once(intake, chen, visit):
    claim = visit()
    put(intake, chen, claim)
    for _ in range(3):
        assert put(intake, chen, claim | {"note": "另一版"}).status == 409
    assert count(SetAside) == 1


def test_after_a_conflict_the_first_is_still_the_first(intake, chen, visit):
    claim = visit()
    first = put(intake, chen, claim)
    put(intake, chen, claim | {"note": "另一版"})
    assert put(intake, chen, claim).receipt == first.receipt


def test_eight_at_once_make_one_visit_and_equal_receipts(intake, chen, visit):
    claim = visit()
    with ThreadPoolExecutor(8) as threads:
        outcomes = list(threads.map(lambda _: put(intake, chen, claim), range(8)))
    assert sorted(outcome.status for outcome in outcomes) == [200] * 7 + [201]
    assert all(outcome.receipt == outcomes[0].receipt for outcome in outcomes)
    assert count(Visit) == count(Receipt) == count(Claim) == 1


def test_eight_versions_at_once_make_one_visit_and_seven_set_aside(intake, chen, visit):
    claim = visit()
    with ThreadPoolExecutor(8) as threads:
        outcomes = list(threads.map(lambda number: put(intake, chen, claim | {"note": f"{number}"}), range(8)))
    assert sorted(outcome.status for outcome in outcomes) == [201] + [409] * 7
    assert (count(Visit), count(SetAside)) == (1, 7)


def test_a_claim_from_another_persons_phone_is_kept_aside(intake, chen, tang, visit):
    claim = visit()  # says that it is 陈大山's phone
    outcome = put(intake, tang, claim)
    assert (outcome.status, outcome.code) == (409, "other_person")
    assert count(Visit) == 0
    aside = db.session.scalars(select(SetAside)).one()
    assert (aside.device_id, aside.body) == (tang.device_id, sealed(claim))
    assert put(intake, chen, claim).status == 201  # and keeps nobody from sending their own


def test_somebodys_second_phone_may_send_what_the_first_recorded(intake, town, visit):
    assert put(intake, enrolled(town, "陈大山"), visit()).status == 201


def test_a_refused_claim_leaves_nothing(intake, chen, visit):
    with pytest.raises(Refused):
        put(intake, chen, visit(venue_kind="no_such_kind"))
    assert (
        count(Visit)
        == count(Claim)
        == count(SetAside)
        == count(Receipt)
        == count(AuditRow, AuditRow.what == "took_in")
        == 0
    )


def test_a_claim_over_the_limit_is_refused_before_it_is_read(intake, chen):
    with pytest.raises(Refused) as raised:
        intake.take_claim("visit", uuid7(), b"[" * (256 * 1024 + 1), chen)
    assert (raised.value.status, raised.value.code) == (413, "claim_too_large")


# corrections


def test_what_was_not_returned_cannot_be_corrected(intake, chen, visit):
    claim = visit()
    put(intake, chen, claim)
    outcome = put(intake, chen, claim | {"revision": 2, "note": "改过"})
    assert (outcome.status, outcome.code) == (409, "not_returned")
    assert (held(claim["id"]).revision, count(SetAside)) == (1, 1)


@pytest.mark.parametrize("result", ["pass", "pass_with_note", "not_as_recorded"])
def test_a_ruling_that_returns_nothing_opens_no_correction(intake, town, chen, visit, result):
    claim = visit()
    put(intake, chen, claim)
    rule(town, claim["id"], result)
    assert put(intake, chen, claim | {"revision": 2}).code == "not_returned"


def test_after_a_return_the_next_revision_replaces_the_row_and_both_claims_stay(intake, town, chen, visit):
    claim = visit(note="看不清")
    put(intake, chen, claim)
    rule(town, claim["id"], "unclear")
    outcome = put(intake, chen, claim | {"revision": 2, "note": "重拍了", "photos": [photo_line(PICTURES[0], 0)]})
    assert (outcome.status, outcome.receipt["revision"]) == (201, 2)
    row = held(claim["id"])
    assert (row.revision, row.note, [photo.sha256 for photo in row.photos]) == (2, "重拍了", PICTURES[:1])
    assert sorted(db.session.scalars(select(Claim.revision).where(Claim.subject_id == claim["id"]))) == [1, 2]


def test_a_correction_sent_twice_is_one_correction(intake, town, chen, visit):
    claim = visit()
    first = put(intake, chen, claim)
    rule(town, claim["id"], "unclear")
    better = claim | {"revision": 2, "note": "重拍了"}
    made, again = put(intake, chen, better), put(intake, chen, better)
    assert (made.status, again.status, again.receipt) == (201, 200, made.receipt)
    assert put(intake, chen, claim).receipt == first.receipt  # the old revision keeps its own


def test_one_return_allows_one_correction(intake, town, chen, visit):
    claim = visit()
    put(intake, chen, claim)
    rule(town, claim["id"], "unclear")
    put(intake, chen, claim | {"revision": 2})
    assert put(intake, chen, claim | {"revision": 3}).code == "not_returned"


@pytest.mark.parametrize("revision", [3, 7])
def test_a_correction_that_skips_one_is_kept_aside(intake, town, chen, visit, revision):
    claim = visit()
    put(intake, chen, claim)
    rule(town, claim["id"], "unclear")
    assert put(intake, chen, claim | {"revision": revision}).code == "not_the_next_revision"


def test_a_correction_of_what_never_came_is_kept_aside(intake, chen, visit):
    outcome = put(intake, chen, visit(revision=2))
    assert (outcome.status, outcome.code, count(Visit), count(SetAside)) == (409, "not_the_next_revision", 0, 1)


def test_nobody_corrects_another_persons_visit(intake, town, chen, tang, visit):
    claim = visit()
    put(intake, chen, claim)
    rule(town, claim["id"], "unclear")
    assert put(intake, tang, claim | {"revision": 2, "device": tang.device_id}).code == "other_person"
    assert held(claim["id"]).revision == 1


# in any order


def test_a_visit_may_come_before_its_activity(intake, chen, visit, outing):
    day_out = outing()
    stop = visit(activity=day_out["id"])
    assert put(intake, chen, stop).status == 201
    assert put(intake, chen, day_out).status == 201
    assert held(stop["id"]).activity_id == day_out["id"]
    assert db.session.get_one(Activity, day_out["id"]).day == local_day(START)


def test_the_photos_still_to_come_are_counted_down(intake, chen, visit):
    claim = visit()
    assert put(intake, chen, claim).missing == tuple(PICTURES)
    assert held(claim["id"]).missing == 3
    for left, sha256 in ((2, PICTURES[1]), (1, PICTURES[0]), (0, PICTURES[2])):
        assert take(intake, chen, sha256).status == 201
        assert held(claim["id"]).missing == left
        assert len(put(intake, chen, claim).missing) == left


def test_a_photo_sent_again_counts_once(intake, chen, visit):
    claim = visit()
    put(intake, chen, claim)
    first, again = take(intake, chen, PICTURES[0]), take(intake, chen, PICTURES[0])
    assert (first.status, again.status, again.receipt) == (201, 200, first.receipt)
    assert held(claim["id"]).missing == 2


def test_a_photo_gone_bad_over_here_is_healed_by_the_phone(intake, chen):
    take(intake, chen, PICTURES[0])
    with writing() as session:
        session.get_one(Photo, PICTURES[0]).fault = "damaged"
    assert take(intake, chen, PICTURES[0]).status == 200
    db.session.rollback()
    assert db.session.get_one(Photo, PICTURES[0]).fault is None


def test_photos_may_come_before_their_visit(intake, chen, visit):
    for sha256 in PICTURES:
        take(intake, chen, sha256)
    claim = visit()
    assert put(intake, chen, claim).missing == ()
    assert held(claim["id"]).missing == 0


def test_one_photo_in_two_visits_completes_both(intake, chen, visit):
    one, other = visit(photos=PICTURES[:1]), visit(photos=PICTURES[:1])
    put(intake, chen, one)
    put(intake, chen, other)
    take(intake, chen, PICTURES[0])
    assert (held(one["id"]).missing, held(other["id"]).missing) == (0, 0)


def test_two_phones_with_the_same_photo_each_get_their_own_receipt(intake, chen, tang):
    mine, theirs = take(intake, chen, PICTURES[0]), take(intake, tang, PICTURES[0])
    assert (mine.status, theirs.status) == (201, 201)
    assert mine.receipt["server_seq"] != theirs.receipt["server_seq"]
    assert count(Photo) == 1


def test_a_correction_counts_its_own_photos(intake, town, chen, visit):
    claim = visit()
    put(intake, chen, claim)
    take(intake, chen, PICTURES[0])
    rule(town, claim["id"], "unclear")
    put(intake, chen, claim | {"revision": 2, "photos": [photo_line(PICTURES[0], 0), photo_line(PICTURES[2], 1)]})
    assert held(claim["id"]).missing == 1
    take(intake, chen, PICTURES[1])  # no longer listed
    assert held(claim["id"]).missing == 1
    take(intake, chen, PICTURES[2])
    assert held(claim["id"]).missing == 0


# what the server adds


CLOCK_S = load_pack()["flag"]["clock_wrong"]["correct_when_over_s"]


@pytest.mark.parametrize("wrong_s", [CLOCK_S + 60, -CLOCK_S - 60, 3 * 86_400, -20_000 * 86_400])
def test_a_wrong_clock_is_corrected(intake, chen, visit, wrong_s):
    now, off = utc_now().replace(microsecond=0), timedelta(seconds=wrong_s)
    claim = visit(photos=PICTURES[:1], started_at=to_ms(now), ended_at=to_ms(now) + 1)
    put(intake, Sender(chen.device_id, chen.person_id, now - off), claim, now=now)
    row = held(claim["id"])
    assert row.started_at == now + off
    assert row.day == local_day(now + off)
    assert row.clock_offset_ms == wrong_s * 1000
    assert row.photos[0].taken_at == START + off


@pytest.mark.parametrize("wrong_s", [0, CLOCK_S, -CLOCK_S, 5])
def test_a_clock_that_is_nearly_right_is_left_alone(intake, chen, visit, wrong_s):
    now = utc_now()
    claim = visit()
    put(intake, Sender(chen.device_id, chen.person_id, now - timedelta(seconds=wrong_s)), claim, now=now)
    assert to_ms(held(claim["id"]).started_at) == STARTED
    assert held(claim["id"]).clock_offset_ms == 0


def test_a_phone_that_names_no_time_is_believed(intake, chen, visit):
    claim = visit()
    put(intake, chen, claim)
    assert to_ms(held(claim["id"]).started_at) == STARTED


@pytest.mark.parametrize(("hour_utc", "day"), [(15, "2026-11-03"), (16, "2026-11-04"), (23, "2026-11-04")])
def test_the_day_is_the_stations_own(intake, chen, visit, hour_utc, day):
    start = to_ms(datetime(2026, 11, 3, hour_utc, 0, tzinfo=UTC))
    claim = visit(started_at=start, ended_at=start)
    put(intake, chen, claim)
    assert held(claim["id"]).day.isoformat() == day


def test_hazards_get_their_day_from_the_pack(intake, chen, visit):
    days = {row["severity"]: row["days"] for row in load_pack().files["quotas"]["hazard_due"]}
    found = [hazard(severity) for severity in days]
    put(intake, chen, visit(hazards=found))
    start = local_day(START)
    due = dict(db.session.execute(select(Hazard.severity, Hazard.due)).all())
    assert due == {severity: start + timedelta(days=number) for severity, number in days.items()}


def hazard(severity="general", **more):
    return {"id": uuid7(), "severity": severity, "category": "ebike", "text": "电动车进楼", "found_at": STARTED} | more


def test_a_correction_rewrites_its_hazard_and_adds_none(intake, town, chen, visit):
    found = hazard()
    claim = visit(hazards=[found])
    put(intake, chen, claim)
    rule(town, claim["id"], "unclear")
    put(intake, chen, claim | {"revision": 2, "hazards": [found | {"text": "写清楚了", "severity": "serious"}]})
    row = db.session.scalars(select(Hazard)).one()
    assert (row.text, row.severity) == ("写清楚了", "serious")


def test_a_venue_that_nobody_knows_keeps_its_words(intake, chen, visit):
    claim = visit(venue=uuid7(), place_text="桥头新开的面馆")
    assert put(intake, chen, claim).status == 201
    row = held(claim["id"])
    assert (row.venue_id, row.place_text) == (None, "桥头新开的面馆")
    assert row.area_id


def test_a_visit_takes_its_area_from_its_venue(intake, town, chen, visit):
    claim = visit(area=uuid7())
    put(intake, chen, claim)
    assert held(claim["id"]).area_id == town.venue("禾丰粮油加工厂").area_id


def test_an_area_that_nobody_knows_becomes_the_units_own(intake, town, chen, outing):
    claim = outing(area=uuid7())
    put(intake, chen, claim)
    assert db.session.get_one(Activity, claim["id"]).area_id == town.areas["liuxi"].id


def test_an_activity_counts_for_its_authors_unit_and_for_those_it_names_once(intake, town, chen, outing):
    own = town.units["liuxi"].id
    other = town.units["xinjie"].id
    claim = outing(organisers=[own, other, other, uuid7()])
    put(intake, chen, claim)
    rows = db.session.scalars(select(ActivityOrganiser.unit_id).where(ActivityOrganiser.activity_id == claim["id"]))
    assert sorted(rows) == sorted([own, other])


# signatures, receipts, chain


@pytest.fixture
def key(chen):
    key = ec.generate_private_key(ec.SECP256R1())
    form = serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    with writing() as session:
        session.get_one(Device, chen.device_id).public_key = key.public_key().public_bytes(*form)
    return key


def sign(key, body):
    r, s = decode_dss_signature(key.sign(body, ec.ECDSA(hashes.SHA256())))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def test_a_good_signature_is_noted(intake, chen, visit, key):
    claim = visit()
    put(intake, chen, claim, signature=sign(key, sealed(claim)))
    assert held(claim["id"]).signed is True


@pytest.mark.parametrize("forge", [lambda _key, _body: None, lambda _key, _body: bytes(64), lambda _key, _body: b"short",
                                   lambda key, body: sign(key, body + b" "),
                                   lambda _key, body: sign(ec.generate_private_key(ec.SECP256R1()), body)],
                         ids=["absent", "zeros", "short", "other bytes", "other key"])  # fmt: skip
def test_a_bad_signature_is_noted_and_the_visit_still_kept(intake, chen, visit, key, forge):
    claim = visit()
    assert put(intake, chen, claim, signature=forge(key, sealed(claim))).status == 201
    assert held(claim["id"]).signed is False


def test_a_phone_without_a_key_is_unsigned(intake, chen, visit):
    claim, stranger = visit(), ec.generate_private_key(ec.SECP256R1())
    put(intake, chen, claim, signature=sign(stranger, sealed(claim)))
    assert held(claim["id"]).signed is False


def statement(receipt):
    return rfc8785.dumps({name: value for name, value in receipt.items() if name != "sig"})


def test_every_receipt_verifies_and_no_altered_one_does(app, intake, chen, visit):
    public = from_base64url(app.extensions["signer"].public_key)
    for outcome in (put(intake, chen, visit()), take(intake, chen, PICTURES[0])):
        signature = from_base64url(outcome.receipt["sig"])
        assert verifies(public, signature, statement(outcome.receipt))
        for name in outcome.receipt.keys() - {"sig"}:
            assert not verifies(public, signature, statement(outcome.receipt | {name: "else"}))


def test_receipts_count_up(intake, chen, visit):
    numbers = [put(intake, chen, visit()).receipt["server_seq"] for _ in range(3)]
    assert numbers == list(range(numbers[0], numbers[0] + 3))


def links():
    db.session.rollback()
    return db.session.scalars(select(AuditRow).order_by(AuditRow.seq)).all()


def recomputed(row, prev):
    told = {
        "at": to_ms(row.at),
        "who": row.who,
        "what": row.what,
        "kind": row.kind,
        "subject_id": row.subject_id,
        "detail": row.detail,
    }
    return hashlib.sha256(prev.encode() + rfc8785.dumps(told)).hexdigest()


def test_every_link_of_the_chain_recomputes(intake, town, chen, visit):
    claim = visit()
    put(intake, chen, claim)
    put(intake, chen, claim | {"note": "另一版"})
    take(intake, chen, PICTURES[0])
    rule(town, claim["id"], "unclear")
    put(intake, chen, claim | {"revision": 2})
    prev = GENESIS
    for row in links():
        assert row.prev == prev
        assert row.hash == recomputed(row, prev)
        prev = row.hash
    assert [row.what for row in links()][-5:] == ["took_in", "set_aside", "took_in", "ruled", "took_in"]


def test_the_chain_holds_no_words_of_anybody(intake, town, chen, visit):
    put(intake, chen, visit(note="张大爷一个人住", place_text="三组12户"))
    told = json.dumps([[row.what, row.subject_id, row.detail] for row in links()], ensure_ascii=False)
    assert not [word for word in ("张大爷", "三组", "陈大山") if word in told]


# any order, any number of times


def test_every_order_ends_in_the_same_state(intake, chen, visit, outing):
    states = set()
    for order in itertools.permutations(range(4)):
        day_out = outing()
        pictures = [hashlib.sha256(f"{order}{n}".encode()).hexdigest() for n in range(2)]
        stop = visit(activity=day_out["id"], photos=pictures)
        sends = [lambda o=day_out: put(intake, chen, o), lambda s=stop: put(intake, chen, s),
                 *(lambda p=p: take(intake, chen, p) for p in pictures)]  # fmt: skip
        statuses = [sends[step]().status for step in order] + [sends[step]().status for step in order]
        row = held(stop["id"])
        states.add(
            (tuple(statuses), row.missing, row.revision, len(row.photos), count(Activity, Activity.id == day_out["id"]))
        )
    assert states == {((201,) * 4 + (200,) * 4, 0, 1, 2, 1)}


def test_a_visit_photo_line_keeps_its_reading(intake, chen, visit):
    where = {"lat_e7": 301_234_567, "lon_e7": 1_191_234_567, "accuracy_m": 12, "age_ms": 800}
    line = {**photo_line(PICTURES[0], 0), "position": where}
    del line["no_position"]
    claim = visit() | {"photos": [copy.deepcopy(line)]}
    put(intake, chen, claim)
    row = db.session.scalars(select(VisitPhoto).where(VisitPhoto.visit_id == claim["id"])).one()
    assert {name: getattr(row, name) for name in where} == where
