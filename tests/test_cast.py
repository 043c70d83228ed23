"""青禾镇 itself: everybody has a role, every kind of place a door, and a month of work that the real intake took in."""

import io
from collections import Counter
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from random import Random

import pytest
from PIL import Image
from sqlalchemy import func, select

from wujin_field.cast import activity_claim, fieldwork, phone, photo_line, picture, sealed, settle, visit_claim
from wujin_field.cast.outings import outings
from wujin_field.cast.pictures import PHOTOS
from wujin_field.cli import prepared
from wujin_field.config import STATION_ZONE, read_settings
from wujin_field.db import db, writing
from wujin_field.domain import load_pack
from wujin_field.figures.entries import entries
from wujin_field.models import (
    Activity,
    AuditRow,
    Batch,
    Claim,
    Finding,
    PlanTable,
    Receipt,
    Ruling,
    SetAside,
    Visit,
    VisitPhoto,
)
from wujin_field.models.codes import read_code
from wujin_field.models.rulings import latest_result, state_of
from wujin_field.reports.weeks import report_weeks
from wujin_field.review import may_rule
from wujin_field.sync.envelope import read_claim
from wujin_field.sync.intake import Sender

TODAY = date(2026, 11, 23)
NOW = datetime.combine(TODAY, time(16), STATION_ZONE)
FIRST = date(2026, 10, 1)
DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """(app, town) after a month and a bit of fieldwork. Only read."""
    folder = tmp_path_factory.mktemp("qinghe")
    (folder / "demo").touch()
    app = prepared(read_settings(env={}, data_dir=folder))
    with app.app_context(), writing() as session:
        town = settle(session, TODAY)
    fieldwork(app, town, TODAY, NOW)
    return app, town


@pytest.fixture(scope="module")
def town(told):
    return told[1]


@pytest.fixture
def session(told):
    with told[0].app_context():
        yield db.session()


# --- the place and its people


@pytest.mark.parametrize("table", ["venue_kind", "place_type"])
def test_every_kind_of_place_stands_in_the_town(town, table):
    assert {getattr(venue, table) for venue in town.venues.values()} == set(load_pack()[table])


def test_every_village_and_community_has_places_of_several_types(town):
    assert len(town.committees()) == 11
    for unit in town.committees():
        venues = town.venues_of(unit)
        assert len(venues) >= 5 and len({venue.place_type for venue in venues}) >= 3, unit.zh


def test_every_code_is_valid_and_hangs_once(town):
    codes = [row.code for venue in town.venues.values() for row in venue.codes]
    assert len(set(codes)) == len(codes)
    assert [code for code in codes if read_code(code) != code] == []


def test_one_door_had_an_older_poster_and_one_place_was_never_surveyed(town):
    reprinted = [venue for venue in town.venues.values() if len(venue.codes) == 2]
    assert [venue.zh for venue in reprinted] == ["新街12号副食店"]
    assert [row.state for row in reprinted[0].codes] == ["retired", "active"]
    assert [venue.zh for venue in town.venues.values() if venue.lat_e7 is None] == ["山里人家农家乐"]


def test_a_home_is_a_number_and_never_a_person(town):
    homes = [venue for venue in town.venues.values() if venue.place_type == "household"]
    assert homes and all(venue.privacy == "strict" and venue.zh.endswith(("户", "室")) for venue in homes)
    assert [venue.zh for venue in town.venues.values() for name in town.people if name in venue.zh] == []


def test_areas_are_prefixes_of_what_lies_in_them(town):
    assert town.areas["liuxi"].path == "anhe/qinghe/liuxi/"
    assert town.venue("柳溪村三组").area.path == "anhe/qinghe/liuxi/liuxi-3/"
    by_id = {area.id: area for area in town.areas.values()}
    assert all(area.path.startswith(by_id[area.parent_id].path) for area in by_id.values() if area.parent_id)


def test_everybody_may_do_what_their_role_says(town):
    roles = load_pack()["field_role"]
    assert all(person.access == roles[person.field_role]["access"] for person in town.people.values())
    assert {
        "field",
        "field_lead",
        "village_clerk",
        "station_clerk",
        "supervisor",
        "reporter",
        "lead_view",
        "coordinator",
    } <= {person.access for person in town.people.values()}


def test_every_committee_has_planned_both_months(session, town):
    tables = session.scalars(select(PlanTable)).all()
    assert {table.unit_id for table in tables} == {unit.id for unit in town.committees()}
    for table in tables:
        months = Counter(row.first_day.month for row in table.rows)
        assert (table.year, table.kind, months) == (2026, "fire", {10: 5, 11: 5})


# --- what tests build with


def test_a_claim_of_the_cast_is_taken_in(app):
    with app.app_context(), writing() as session:
        town = settle(session)
        who, venue = town.person("陈大山"), town.venue("柳溪村三组")
        device, token = phone(session, who)
    at = datetime(2026, 11, 3, 9, tzinfo=STATION_ZONE)
    activity = activity_claim(device, venue.area, at)
    lines = [photo_line(picture(1, at, venue.lat_e7, venue.lon_e7), at)]
    visit = visit_claim(device, venue, activity["id"], at, seq=2, photos=lines)
    take, sender = app.extensions["intake"].take_claim, Sender(device.id, who.id)
    outcomes = [take(claim["kind"], claim["id"], sealed(claim), sender) for claim in (visit, activity)]
    assert [outcome.status for outcome in outcomes] == [201, 201]
    assert outcomes[0].missing == (lines[0]["sha256"],) and len(token) > 40


def test_a_picture_has_new_exif_and_the_old_pixels(town):
    at = datetime(2026, 11, 3, 9, 30, 5, tzinfo=STATION_ZONE)
    for number, path in enumerate(PHOTOS):
        body = picture(number, at, 295_512_000, -1_062_034_000)
        with Image.open(io.BytesIO(body)) as ours, Image.open(path) as shipped:
            assert ours.tobytes() == shipped.tobytes()
            exif = ours.getexif()
            assert exif[306] == "2026:11:03 09:30:05"
            assert exif.get_ifd(0x8825)[3] == "W" and exif.get_ifd(0x8825)[4] == (106.0, 12.0, 12.24)


def test_no_two_pictures_are_alike_and_the_same_one_comes_out_the_same():
    at = datetime(2026, 11, 3, 9, 30, tzinfo=STATION_ZONE)
    assert picture(2, at) == picture(2 + len(PHOTOS), at)
    assert len({picture(2, at + timedelta(milliseconds=turn)) for turn in range(50)}) == 50


# --- a month and a bit of fieldwork


def test_every_claim_was_accepted_and_says_what_its_address_says(session):
    claims = session.scalars(select(Claim)).all()
    assert session.scalar(select(func.count()).select_from(SetAside)) == 0
    assert len(claims) == count(session, Activity) + count(session, Visit) > 250
    for claim in claims:
        read_claim(claim.kind, claim.subject_id, claim.body, load_pack())


def test_every_phone_has_one_unbroken_signed_chain(session):
    for device in session.scalars(select(Claim.device_id).distinct()):
        links = session.scalars(select(Claim).where(Claim.device_id == device).order_by(Claim.seq)).all()
        assert [link.seq for link in links] == list(range(1, len(links) + 1))
        assert links[0].prev is None and all(later.prev == link.digest for link, later in pairwise(links))
    assert session.scalar(select(func.count()).where(~Visit.signed)) == 0


def test_nothing_lies_in_the_future_or_before_last_month(session):
    for table in (Activity, Visit):
        first, last, ended, received = session.execute(
            select(func.min(table.day), func.max(table.day), func.max(table.ended_at), func.max(table.received_at))
        ).one()
        assert first >= FIRST and last <= TODAY and ended <= NOW and received <= NOW
    assert session.scalar(select(func.max(VisitPhoto.taken_at))) <= NOW
    assert session.scalar(select(func.max(Receipt.received_at))) <= NOW


def test_everybody_is_in_one_place_at_a_time(session):
    rows = session.scalars(select(Visit).order_by(Visit.author_id, Visit.started_at)).all()
    assert all(
        visit.ended_at <= later.started_at for visit, later in pairwise(rows) if visit.author_id == later.author_id
    )


def test_every_activity_is_counted_once(session, town):
    def counted(area):
        return [entry.id for entry in entries(session, load_pack(), town.areas[area].path, FIRST, TODAY)]

    whole, parts = counted("qinghe"), [entry for unit in town.committees() for entry in counted(unit.code)]
    assert len(set(whole)) == len(whole) and sorted(whole) == sorted(parts)
    assert set(whole) | wholly_returned(session) == set(session.scalars(select(Activity.id)))


def test_a_village_month_is_a_full_paper(session, town):
    lines = entries(session, load_pack(), town.areas["liuxi"].path, FIRST, date(2026, 10, 31))
    assert len(lines) >= 8 and {len(line.photos) for line in lines if line.visits} <= {2, 3}
    assert any(line.day.day > 28 for line in lines)
    weeks = report_weeks(2026, 10, "sunday")
    assert all(any(line.day in week and line.day.day <= 28 for line in lines) for week in weeks)


def test_one_village_has_a_week_without_activity(session, town):
    days = {entry.day for entry in entries(session, load_pack(), town.areas["gaoping"].path, FIRST, TODAY)}
    mondays = [date(2026, 10, 5) + 7 * DAY * week for week in range(4)]
    assert [monday for monday in mondays if not any(monday + DAY * more in days for more in range(7))] == [
        date(2026, 10, 12)
    ]


def test_every_photo_arrived_and_is_itself(told, session):
    vault = told[0].extensions["vault"]
    digests = session.scalars(select(VisitPhoto.sha256)).all()
    assert len(set(digests)) == len(digests) and all(vault.has(digest) for digest in digests)
    assert session.scalar(select(func.count()).where(Visit.missing != 0)) == 0
    assert sum(vault.path(digest).stat().st_size for digest in digests) < 60_000_000


def test_some_photos_lack_a_position_and_say_why(session):
    rows = session.execute(select(VisitPhoto.lat_e7, VisitPhoto.no_position)).all()
    assert all((lat is None) == bool(reason) for lat, reason in rows)
    assert 0 < sum(lat is None for lat, _ in rows) < len(rows) / 4


def test_sentences_fit_a_line_and_name_no_home(session, town):
    homes = [venue.zh for venue in town.venues.values() if venue.privacy == "strict"]
    texts = session.scalars(select(Activity.entry_text)).all()
    assert all(30 <= len(text) <= 80 for text in texts)
    assert len(set(texts)) > 0.95 * len(texts)
    assert [text for text in texts if any(home in text for home in [*homes, *town.people])] == []


def test_broadcasts_have_no_visits(session):
    without = session.scalars(select(Activity.activity_kind).where(~Activity.id.in_(select(Visit.activity_id)))).all()
    assert without and set(without) == {"broadcast"}


def test_the_newest_wait_and_one_came_back_to_the_volunteer(session, town):
    rows = session.execute(select(Visit, latest_result().scalar_subquery()).order_by(Visit.received_at, Visit.id)).all()
    last_week = [result for visit, result in rows if visit.received_at >= NOW - timedelta(days=7, hours=NOW.hour)]
    assert len(last_week) > 15
    assert set(last_week) == {None}
    assert town.person("陈大山").id in {visit.author_id for visit, result in rows if state_of(result) == "returned"}
    supervisor = town.person("罗静")
    assert sum(may_rule(visit, supervisor) for visit, _ in rows) > 0.9 * len(rows)
    assert set(session.scalars(select(Ruling.decided_by_id))) <= {supervisor.id, town.person("冯远").id, None}


def test_a_batch_is_closed_and_this_mondays_is_open(session):
    older, newer = session.scalars(select(Batch).order_by(Batch.drawn_at)).all()
    assert (older.period, bool(older.closed_at), newer.period, newer.closed_at) == ("2026-W46", True, "2026-W47", None)
    by_rule = session.scalars(select(Ruling).where(Ruling.kind == "rule")).all()
    assert {ruling.visit_id for ruling in by_rule} <= {line.visit_id for line in older.visits if not line.reason}
    assert {"look_always", "random"} <= {line.reason for line in newer.visits}


def test_the_checks_have_something_to_say_and_not_about_everybody(session):
    codes = {
        code for code, level in session.execute(select(Finding.code, Finding.level)) if level in ("strong", "medium")
    }
    assert {"far_from_venue", "time_outside_visit"} <= codes
    assert not {"same_photo_exact", "same_photo_near"} & codes


def test_the_audit_chain_has_no_gap(session):
    links = session.scalars(select(AuditRow).order_by(AuditRow.seq)).all()
    assert all(later.prev == link.hash for link, later in pairwise(links))


@pytest.mark.parametrize("today", [date(2027, 1, 1), date(2027, 3, 1), date(2028, 3, 31), date(2026, 8, 15)])
def test_there_is_a_last_month_on_any_day(town, today):
    made = outings(town, today, Random(1))
    first = (today.replace(day=1) - DAY).replace(day=1)
    assert all(first <= outing.start.date() <= today for outing in made)
    assert {outing.unit.code for outing in made if outing.start.month == first.month} == {
        u.code for u in town.committees()
    }
    assert len(made) < 200


def test_a_town_may_settle_in_january(app):
    with app.app_context(), writing() as session:
        settle(session, date(2027, 1, 9))
        assert sorted(set(session.scalars(select(PlanTable.year)))) == [2026, 2027]


def wholly_returned(session) -> set[str]:
    """Activities whose every visit came back: they print nowhere."""
    states: dict[str, set[str]] = {}
    for activity, result in session.execute(select(Visit.activity_id, latest_result().scalar_subquery())):
        states.setdefault(activity, set()).add(state_of(result))
    return {activity for activity, found in states.items() if found == {"returned"}}


def count(session, table) -> int:
    return session.scalar(select(func.count()).select_from(table))
