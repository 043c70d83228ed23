"""The automatic half of the score sheet, worked by hand from assessment.toml and domain.md D."""

from datetime import date

import pytest

from wujin_field.db import db, utc_now, writing
from wujin_field.domain import load_pack
from wujin_field.figures import tallies
from wujin_field.figures.assessment import Mark, grade, halves, marks, sheet_period, total
from wujin_field.models import RegisterEntry, Submission, Unit

YEAR = sheet_period("2024")  # the cast lives today; nothing of it stands in the way of a year gone by
NOVEMBER = date(2024, 11, 25)


@pytest.fixture
def village(town):
    tallies.up_to_date(load_pack())
    sheet = Sheet(town, "liuxi")
    sheet.begins(YEAR.first)
    yield sheet
    db.session.rollback()


class Sheet:
    def __init__(self, town, unit):
        self.town, self.code = town, unit

    def marks(self, today=NOVEMBER, period=YEAR):
        unit = db.session.query(Unit).filter_by(code=self.code).one()
        return {mark.code: mark for mark in marks(db.session(), load_pack(), unit, period, today)}

    def begins(self, day):
        with writing() as session:
            session.query(Unit).filter_by(code=self.code).one().begun_on = day

    def sent(self, deadline, period, day):
        with writing() as session:
            who = self.town.person("何敏").id
            session.add(Submission(unit_id=self.town.units[self.code].id, deadline=deadline, period=period,
                                   electronic_at=day, noted_by_id=who, noted_at=utc_now()))  # fmt: skip


def test_a_village_is_not_asked_for_what_only_stations_and_communities_owe(village):
    found = village.marks()
    assert {code for code, mark in found.items() if not mark.asked} >= {
        "weekly",
        "coverage",
        "drill_training",
        "works_cases",
    }


def test_a_month_on_time_is_full_a_day_late_costs_one_point_a_missing_one_its_share(village):
    before = village.marks()["monthly"]
    assert (before.score, before.done, before.wanted) == (0, 0, 10), "ten months were due by 25 November"
    assert (before.points, before.open) == (15, 3), "18 points over twelve months; two are not due yet"
    village.sent("monthly_report", "2024-09", date(2024, 9, 28))
    assert village.marks()["monthly"].score == 1.5
    village.sent("monthly_report", "2024-10", date(2024, 10, 29))
    late = village.marks()["monthly"]
    assert (late.score, late.days_late, late.done) == (2, 1, 1)


def test_a_unit_is_not_scolded_for_the_months_before_it_began(village):
    village.begins(date(2024, 10, 9))
    found = village.marks()["monthly"]
    assert (found.done, found.wanted, found.points, found.open) == (0, 1, 6, 12), "October was due, two are to come"
    assert not village.marks()["plan_on_time"].asked, "the plan was due in August"


def test_what_is_not_due_yet_takes_nothing_away(village):
    assert (village.marks()["summary"].points, village.marks()["summary"].open) == (0, 4)
    after = village.marks(today=date(2024, 12, 29))["summary"]
    assert (after.points, after.score) == (4, 0)


def test_a_unit_without_hazards_or_with_few_checks_gives_the_points_to_the_rest(village):
    found = village.marks()
    assert not found["hazard_closed"].asked and not found["spot_check"].asked
    full = [mark for mark in found.values() if mark.asked]
    best = {mark.code: mark.points for mark in full}
    assert total(list(found.values()), best) == 100


def test_a_checked_mark_goes_before_the_automatic_one():
    sheet = [
        Mark("g", "a", points=10, score=4),
        Mark("g", "b", points=10, score=10),
        Mark("g", "c", points=5, asked=False),
    ]
    assert total(sheet) == 70
    assert total(sheet, {"a": 9.5}) == 97.5
    assert total([Mark("g", "c", asked=False)]) is None


def test_grades_begin_where_the_sheet_says():
    pack = load_pack()
    names = [grade(pack, points)["zh"] for points in (100, 90, 89.5, 60, 59.5, 0)]
    assert names == ["优秀", "优秀", "良好", "合格", "不合格", "不合格"]


@pytest.mark.parametrize(("points", "rounded"), [(1.24, 1.0), (1.25, 1.5), (7.75, 8.0), (0, 0)])
def test_marks_are_given_in_halves(points, rounded):
    assert halves(points) == rounded


@pytest.mark.parametrize("key", ["2026-Q5", "x", "2026-Q", "0-Q1"])
def test_a_period_that_is_none_is_refused(key):
    with pytest.raises(ValueError):
        sheet_period(key)


def test_a_station_s_works_earn_points_up_to_the_cap(town):
    with writing() as session:
        office = Unit(code="housing", zh="住建局", unit_kind="department", area_id=town.areas["anhe"].id)
        session.add(office)
        session.flush()
        who = town.person("何敏").id
        for _ in range(3):
            work = RegisterEntry(kind="work_submission", unit_id=office.id, title="x", day=date(2024, 5, 1), values={})
            work.state, work.author_id = "accepted", who
            session.add(work)
    mark = Sheet(town, "housing").marks()["works_cases"]
    assert (mark.score, mark.points, mark.done) == (8, 8, 3)
