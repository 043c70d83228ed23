"""The rollups tell the truth: after any change the same as counted from scratch, however one cuts, and as on paper.

WUJIN_CHANGES=10000 pytest --timeout=0 tests/figures/test_tallies.py makes as many random changes; a small sample runs always.
"""

import os
from datetime import date, datetime, timedelta
from random import Random

import pytest
from fieldworld import World
from sqlalchemy import func, select

from wujin_field.config import STATION_ZONE
from wujin_field.db import db, writing
from wujin_field.figures import tallies
from wujin_field.figures.daily import CUTS
from wujin_field.figures.entries import entries
from wujin_field.models import Activity, ActivityTally, Area, DayTally, TallyUnit, VenueState, Visit, VisitTally
from wujin_field.models.journal import append_audit

CHANGES = int(os.environ.get("WUJIN_CHANGES", "40"))
PEOPLE = ["陈大山", "何长生", "周小禾", "郑毅", "何森林", "韩文英"]
DOORS = ["柳溪小学", "三组12户", "柳溪村消防宣传室", "石桥页岩矿", "新街12号副食店", "新街16号理发店", "小河加油站"]
UNITS = ["liuxi", "shiqiao", "xinjie", "station", "fire_brigade"]
RESULTS = ["pass", "pass_with_note", "unclear", "not_as_recorded", ""]


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    from wujin_field.cli import prepared
    from wujin_field.config import read_settings

    folder = tmp_path_factory.mktemp("tallies")
    (folder / "demo").touch()
    app = prepared(read_settings(env={}, data_dir=folder, public_url="http://localhost"))
    with app.app_context():
        world = World(app)
        for seed in range(CHANGES):
            change(world, Random(seed))
        yield world
        db.session.remove()
        db.engine.dispose()


def change(world, rng):
    """An outing of any kind, or something that happens to an old one; every few changes somebody reads."""
    known = db.session.scalars(select(Activity.id).order_by(Activity.id)).all()
    db.session.rollback()
    if known and rng.random() < 0.45:
        later(world, rng, rng.choice(known))
    else:
        world.happen(outing(rng))
    if rng.random() < 0.3:
        db.session.rollback()
        tallies.up_to_date(world.pack)


def outing(rng):
    day = datetime(2026, 9, 28, 9, tzinfo=STATION_ZONE) + timedelta(hours=rng.randrange(24 * 50))
    doors = rng.choices(DOORS, k=rng.choice([0, 1, 1, 2, 4]))
    ruled = [rng.choice(RESULTS) for _ in doors]
    return {
        "who": rng.choice(PEOPLE), "at": f"{day:%Y-%m-%d %H:%M}", "doors": doors, "ruled": ruled,
        "place_type": rng.choice(["village", "community", "school", "household", "enterprise"]),
        "context": rng.choice(["dedicated", "dedicated", "supervision", "enforcement", "recheck"]),
        "form": rng.choice(["safety_lecture", "evacuation_drill"]), "kind": rng.choice(["home_visit", "evacuation_drill"]),
        "roles": {"property_manager": rng.choice([0, 1])}, "organisers": rng.sample(["station", "shiqiao", "fire_brigade"], 1),
        "refused": rng.choices(["none", "nobody_home"], k=len(doors)), "photos": rng.choice([0, 3]),
        **late(rng, doors),
    }  # fmt: skip


def late(rng, doors):
    """Now and then a visit comes back as its next revision, or an activity stays on its way."""
    chance = rng.random()
    if doors and chance < 0.15:
        return {"again": 1, "ruled": ["unclear"]}
    return {"without_activity": True} if chance > 0.95 else {}


def later(world, rng, activity_id):
    """A late ruling, a void, its taking back, an acceptance, a venue that moves, closes or is merged with its double, a
    visit whose place is found out later, an erased one, a person who goes to another unit."""
    visits = db.session.scalars(select(Visit.id).where(Visit.activity_id == activity_id)).all()
    db.session.rollback()
    act = rng.choice(
        [*["rule"] * 3, "void", "restore", "accept", "move", "close", "merge", "link", "erase", "transfer"]
    )
    if act == "rule" and visits:
        world.rule([{"id": visit} for visit in visits], {"ruled": [rng.choice(RESULTS) for _ in visits]})
    elif act == "move":
        world.happen({"move": rng.choice(DOORS), "to": rng.choice(["liuxi", "xinjie"])})
    elif act == "close":
        world.happen({"close": rng.choice(DOORS)})
    elif act == "merge":
        door, elsewhere = rng.sample(DOORS, 2)
        double = world.double(door)
        world.happen(outing(rng) | {"doors": [double, elsewhere], "refused": ["none"] * 2, "ruled": [], "again": 0})
        world.merge(double, door)
    elif act == "link" and visits:
        world.link(rng.choice(visits), rng.choice(DOORS))
    elif act == "erase" and visits:
        world.erase(rng.choice(visits))
    elif act == "transfer":
        world.transfer(rng.choice(PEOPLE), rng.choice(UNITS))
    elif act in ("void", "restore", "accept"):
        world.say({"void": "记错了"} if act == "void" else {act: True}, activity_id)


def held():
    tables = (ActivityTally, TallyUnit, VisitTally, VenueState, DayTally)
    return {table.__tablename__: sorted(map(repr, db.session.execute(select(*table.__table__.c)))) for table in tables}


def test_kept_up_to_date_and_counted_from_scratch_are_the_same(world):
    db.session.rollback()
    tallies.up_to_date(world.pack)
    kept = held()
    with writing() as session:
        tallies.rebuild(session, world.pack)
    scratch = held()
    assert kept["activity_tally"]
    for table in kept:
        assert kept[table] == scratch[table], table


def test_four_ways_to_cut_the_number_and_by_kind_add_up_to_the_same(world):
    tallies.up_to_date(world.pack)
    rows = db.session.execute(
        select(
            DayTally.scope_id, DayTally.day, DayTally.cut, func.sum(DayTally.progress), func.sum(DayTally.final)
        ).group_by(DayTally.scope_id, DayTally.day, DayTally.cut)
    )
    sums = {(scope, day, cut): (done, final) for scope, day, cut, done, final in rows}
    assert sums
    for (scope, day, cut), numbers in sums.items():
        if cut == "all":
            assert {sums[scope, day, other] for other in CUTS} == {numbers}, (scope, day)


def test_the_papers_print_what_the_figures_count(world):
    tallies.up_to_date(world.pack)
    area = world.town.areas["qinghe"]
    for first in (date(2026, 9, 28), date(2026, 10, 12), date(2026, 11, 2)):
        last = first + timedelta(days=13)
        rows = select(func.sum(DayTally.progress), func.sum(DayTally.visits), func.sum(DayTally.pictures))
        rows = rows.where(DayTally.scope_id == area.id, DayTally.cut == "all", DayTally.day.between(first, last))
        printed = entries(db.session(), world.pack, area.path, first, last)
        said = len(printed), sum(entry.visits for entry in printed), sum(len(entry.photos) for entry in printed)
        assert said == tuple(n or 0 for n in db.session.execute(rows).one())


def test_nothing_is_written_when_nothing_changed(world):
    tallies.up_to_date(world.pack)
    db.session.rollback()
    assert not tallies.is_behind(db.session(), world.pack)


def test_who_goes_to_another_unit_leaves_the_old_visits_where_they_were(world):
    world.transfer("陈大山", "liuxi")
    world.transfer("赵春兰", "liuxi")
    record = {"who": "陈大山", "visited_by": "赵春兰", "at": "2026-08-05 09:00", "area": "liuxi", "doors": ["柳溪小学"]}
    world.happen(record)
    world.transfer("赵春兰", "shiqiao")
    with writing() as session:
        tallies.rebuild(session, world.pack)
    assert counted(world, "liuxi", date(2026, 8, 5)) == 1


def test_a_group_that_moves_to_another_village_takes_what_was_counted_with_it(world):
    world.transfer("陈大山", "liuxi")
    world.happen({"who": "陈大山", "at": "2026-08-03 09:00", "area": "liuxi-3", "doors": ["三组12户"]})
    day = date(2026, 8, 3)
    db.session.rollback()
    tallies.up_to_date(world.pack)
    assert (counted(world, "liuxi", day), counted(world, "shiqiao", day)) == (1, 0)
    with writing() as session:
        group, village = (session.get_one(Area, world.town.areas[code].id) for code in ("liuxi-3", "shiqiao"))
        group.parent_id, group.path = village.id, f"{village.path}liuxi-3/"
        append_audit(session, datetime.now(STATION_ZONE), None, "moved", "area", group.id)
    tallies.up_to_date(world.pack)
    assert (counted(world, "liuxi", day), counted(world, "shiqiao", day)) == (0, 1)


def counted(world, code, day):
    here = DayTally.scope_id == world.town.areas[code].id, DayTally.cut == "all", DayTally.day == day
    return db.session.scalar(select(DayTally.progress).where(*here)) or 0
