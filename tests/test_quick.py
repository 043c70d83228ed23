"""A prepared statement answers what SQLAlchemy's own answers, or it is not prepared."""

import pytest
from sqlalchemy import bindparam, insert, select

from wujin_field.cast import settle
from wujin_field.db import db, uuid7, writing
from wujin_field.models import Area, Unit
from wujin_field.quick import prepare, quick
from wujin_field.sync import statements as ask

UNITS = Unit.__table__
OF_IDS = select(UNITS.c.id, UNITS.c.zh).where(UNITS.c.id.in_(bindparam("ids", expanding=True)), UNITS.c.active)
ADD = insert(UNITS)
prepare([OF_IDS, ADD])


@pytest.fixture
def line(app):
    with app.app_context(), writing() as session:
        settle(session)
    with app.app_context(), db.engine.connect() as connection:
        yield connection


@pytest.mark.parametrize("count", [0, 1, 3])
def test_a_list_inside_a_statement_finds_its_members(line, count):
    ids = line.execute(select(Unit.id).order_by(Unit.id).limit(count)).scalars().all()
    asked = {"ids": [*ids, uuid7()][: count + 1] if count else []}
    told, plain = quick(line).execute(OF_IDS, asked).all(), line.execute(OF_IDS, asked).all()
    assert sorted(map(tuple, told)) == sorted(map(tuple, plain))
    assert len(told) == count


def test_what_a_column_is_by_default_is_written(line):
    area_id, unit_id = line.execute(select(Area.id)).scalars().first(), uuid7()
    quick(line).execute(ADD, {"id": unit_id, "code": "x", "zh": "新单位", "unit_kind": "company", "area_id": area_id})
    assert line.execute(select(Unit.zh, Unit.active, Unit.parent_id).where(Unit.id == unit_id)).one() == (
        "新单位",
        True,
        None,
    )


def test_a_visit_is_written_the_short_way(app, line):
    """A column whose default must be worked out would quietly send the longest statement of all the long way round."""
    short = quick(line)
    assert line.dialect.name != "sqlite" or short._plan(ask.ADD[ask.Visit], {"id": "", "revision": 1})
