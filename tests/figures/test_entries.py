"""One line per activity, however many doors it knocked at; what was returned stays off the paper."""

import hashlib
from datetime import UTC, date, datetime

import pytest

from wujin_field import review
from wujin_field.cast import activity_claim, phone, sealed, settle, visit_claim
from wujin_field.db import db, to_ms, writing
from wujin_field.domain import load_pack
from wujin_field.figures.entries import entries
from wujin_field.models import Visit
from wujin_field.sync.intake import Sender

START = datetime(2026, 11, 3, 1, 0, tzinfo=UTC)
NOVEMBER = date(2026, 11, 1), date(2026, 11, 30)
LIUXI = "anhe/qinghe/liuxi/"


class Field:
    """陈大山 out and about in 柳溪村."""

    def __init__(self, app):
        self.intake = app.extensions["intake"]
        with writing() as session:
            self.town = settle(session)
            self.device, _ = phone(session, self.town.person("陈大山"))
            self.neighbour, _ = phone(session, self.town.person("何长生"))  # of 石桥村

    def send(self, claim, device=None):
        sender = Sender((device or self.device).id, (device or self.device).person_id)
        assert self.intake.take_claim(claim["kind"], claim["id"], sealed(claim), sender).status == 201
        return claim["id"]

    def outing(self, *places, start=START, photos=(), **fields):
        """An activity with one visit at each of these places, each with photos of these roles."""
        claim = activity_claim(self.device, self.town.areas["liuxi"], start) | fields
        activity = self.send(claim)
        visits = [
            self.send(visit_claim(self.device, self.town.venue(place), activity, start, photos=lines(place, photos)))
            for place in places
        ]
        return activity, visits

    def rule(self, visit_id, result):
        with writing() as session:
            review.rule(session, session.get_one(Visit, visit_id), self.town.person("罗静"), result, "看不清", "请重拍")

    def printed(self, path=LIUXI, first=NOVEMBER[0], last=NOVEMBER[1]):
        db.session.rollback()
        return entries(db.session(), load_pack(), path, first, last)


def lines(place, roles):
    return [
        {"sha256": digest(place, number), "role": role, "taken_at": to_ms(START), "mono_ms": number, "capture": "camera"}
        for number, role in enumerate(roles)
    ]  # fmt: skip


def digest(place, number):
    return hashlib.sha256(f"{place}{number}".encode()).hexdigest()


@pytest.fixture
def field(app):
    with app.app_context():
        yield Field(app)


def test_three_doors_are_one_entry(field):
    activity, _ = field.outing("柳溪小学", "禾丰粮油加工厂", "柳溪院落")
    [entry] = field.printed()
    assert (entry.id, entry.visits, entry.day) == (activity, 3, date(2026, 11, 3))


def test_a_returned_visit_is_left_out(field):
    _, visits = field.outing("柳溪小学", "禾丰粮油加工厂", photos=["overview"])
    field.rule(visits[0], "unclear")
    [entry] = field.printed()
    assert entry.visits == 1
    assert entry.photos == (digest("禾丰粮油加工厂", 0),)


def test_an_outing_whose_every_visit_was_returned_is_left_out(field):
    _, visits = field.outing("柳溪小学", "柳溪院落")
    for visit_id in visits:
        field.rule(visit_id, "unclear")
    assert field.printed() == []


@pytest.mark.parametrize("result", ["pass", "pass_with_note", "not_as_recorded"])
def test_what_was_not_returned_is_printed(field, result):
    _, [visit_id] = field.outing("柳溪小学")
    field.rule(visit_id, result)
    assert len(field.printed()) == 1


def test_the_newest_ruling_counts(field):
    _, [visit_id] = field.outing("柳溪小学")
    field.rule(visit_id, "unclear")
    assert field.printed() == []
    field.rule(visit_id, "pass")
    assert len(field.printed()) == 1


def test_a_broadcast_knocks_at_no_door_and_is_printed(field):
    field.outing(activity_kind="broadcast", entry_text="村村响广播用火安全提示")
    [entry] = field.printed()
    assert (entry.visits, entry.photos, entry.text) == (0, (), "村村响广播用火安全提示")


def test_photos_stand_in_the_papers_order_not_the_phones(field):
    field.outing("柳溪小学", photos=["interaction", "other", "close", "overview"])
    [entry] = field.printed()
    assert entry.photos == tuple(digest("柳溪小学", number) for number in (3, 2, 0, 1))


def test_a_photo_of_two_visits_is_printed_once(field):
    activity, _ = field.outing("柳溪小学", photos=["overview"])
    shared = lines("柳溪小学", ["overview"])
    field.send(visit_claim(field.device, field.town.venue("柳溪院落"), activity, START, photos=shared))
    [entry] = field.printed()
    assert (entry.visits, entry.photos) == (2, (digest("柳溪小学", 0),))


@pytest.mark.parametrize(("hour_utc", "days"), [(15, [date(2026, 11, 3)]), (16, [date(2026, 11, 4)])])
def test_an_evening_belongs_to_the_stations_day(field, hour_utc, days):
    field.outing("柳溪小学", start=datetime(2026, 11, 3, hour_utc, 30, tzinfo=UTC))
    assert [entry.day for entry in field.printed()] == days


def test_both_ends_of_the_span_are_in_and_their_neighbours_out(field):
    for day in (2, 3, 4, 5, 6):
        field.outing("柳溪小学", start=datetime(2026, 11, day, 1, tzinfo=UTC))
    assert [entry.day.day for entry in field.printed(first=date(2026, 11, 3), last=date(2026, 11, 5))] == [3, 4, 5]


def test_another_village_keeps_its_own(field):
    field.outing("柳溪小学")
    field.send(activity_claim(field.neighbour, field.town.areas["shiqiao"], START), field.neighbour)
    assert len(field.printed()) == 1
    assert len(field.printed("anhe/qinghe/")) == 2
    assert field.printed("anhe/qinghe/liu") == field.printed()  # a prefix of the path; callers pass whole codes
    assert field.printed("anhe/_inghe/") == field.printed("%") == []


def test_a_sentence_of_the_author_stands_as_written(field):
    field.outing("柳溪小学", entry_text="  组织学生疏散演练。 ")
    assert field.printed()[0].text == "组织学生疏散演练。"


def test_without_one_a_plain_sentence_says_where_what_and_how_many(field):
    field.outing("柳溪小学", "柳溪院落", entry_text="", people=12)
    kind = load_pack().name("activity_kind", "home_visit")
    assert field.printed()[0].text == f"柳溪小学、柳溪院落：{kind}，参加12人"


def test_a_long_walk_names_three_places(field):
    field.outing("柳溪小学", "柳溪院落", "禾丰粮油加工厂", "柳溪农资经营部", entry_text="", people=0)
    text = field.printed()[0].text
    assert "等4处" in text
    assert sum(name in text for name in ("柳溪小学", "柳溪院落", "禾丰粮油加工厂", "柳溪农资经营部")) == 3


def test_a_home_is_not_named_on_paper(field):
    field.outing("三组12户", "三组7户", entry_text="", people=2)
    [entry] = field.printed()
    assert "12户" not in entry.text
    assert "7户" not in entry.text
    assert entry.text.startswith(field.town.venue("三组12户").area.zh) or entry.text.startswith("柳溪村")


def test_entries_stand_in_the_order_of_time(field):
    for hour in (5, 1, 3):
        field.outing("柳溪小学", start=START.replace(hour=hour), entry_text=str(hour))
    assert [entry.text for entry in field.printed()] == ["1", "3", "5"]
