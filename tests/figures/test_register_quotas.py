"""Works, cases and pilots against their quotas: written from domain.md D (R98, R196, R200), by hand."""

from datetime import date

import pytest

from wujin_field.db import db, writing
from wujin_field.domain import load_pack
from wujin_field.figures.quotas import lines_of
from wujin_field.models import RegisterEntry, Unit

DAY = date(2026, 6, 15)


@pytest.fixture
def station(town):
    """A department with a branch below it, and a way to record something for either."""
    with writing() as session:
        area = town.areas["anhe"].id
        department = Unit(code="housing", zh="住建局", unit_kind="department", area_id=area)
        session.add(department)
        session.flush()
        session.add(Unit(code="branch", zh="住建所", unit_kind="department", area_id=area, parent_id=department.id))
    yield town
    db.session.rollback()


def record(town, unit, kind, day, state, **values):
    with writing() as session:
        found = session.query(Unit).filter_by(code=unit).one()
        entry = RegisterEntry(kind=kind, unit_id=found.id, title="x", day=day, values=values, state=state)
        entry.author_id = town.person("何敏").id
        session.add(entry)


def line(quota, unit="housing", day=DAY):
    pack = load_pack()
    units = [db.session.query(Unit).filter_by(code=unit).one()]
    lines = lines_of(db.session(), pack, pack["quota"][quota], units, day)
    return {one.place_type: (one.done, one.final, one.missing) for one in lines}


def test_a_submitted_work_is_progress_an_accepted_one_is_final(station):
    record(station, "housing", "work_submission", date(2026, 3, 1), "draft")
    assert line("works_per_year") == {None: (0, 0, 1)}
    record(station, "housing", "work_submission", date(2026, 3, 2), "submitted")
    assert line("works_per_year") == {None: (1, 0, 0)}
    record(station, "housing", "work_submission", date(2026, 3, 3), "accepted")
    assert line("works_per_year") == {None: (2, 1, 0)}
    assert line("cases_per_year") == {None: (0, 0, 1)}


def test_last_year_s_work_is_last_year_s(station):
    record(station, "housing", "work_submission", date(2025, 12, 31), "accepted")
    assert line("works_per_year") == {None: (0, 0, 1)}


def test_one_pilot_in_total_may_be_of_any_type_and_of_a_branch(station):
    record(station, "branch", "demonstration_site", date(2026, 2, 1), "chosen", place_type="school")
    assert line("pilot_total") == {None: (0, 0, 1)}
    record(station, "branch", "demonstration_site", date(2025, 2, 1), "cultivating", place_type="school")
    assert line("pilot_total") == {None: (1, 1, 0)}
    assert line("pilot_total", "branch") == {None: (1, 1, 0)}


def test_a_withdrawn_pilot_counts_no_more(station):
    record(station, "housing", "demonstration_site", date(2026, 2, 1), "withdrawn", place_type="school")
    assert line("pilot_total") == {None: (0, 0, 1)}


def test_the_safety_month_asks_for_one_of_each_of_three(station):
    for place_type in ("enterprise", "enterprise", "school"):
        record(station, "housing", "demonstration_site", date(2026, 6, 1), "cultivating", place_type=place_type)
    assert line("creation_pilots") == {"enterprise": (2, 2, 0), "community": (0, 0, 1), "school": (1, 1, 0)}
