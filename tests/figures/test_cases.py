"""The worked cases of cases.toml: records in through the real intake, numbers out, on both databases."""

import copy
import tomllib
from datetime import date
from pathlib import Path

import pytest
from fieldworld import World
from sqlalchemy import func, select

from wujin_field.cli import prepared
from wujin_field.config import read_settings
from wujin_field.db import db, writing
from wujin_field.domain import Pack
from wujin_field.figures import tallies
from wujin_field.figures.coverage import drills_by_trade, programmes_served
from wujin_field.figures.quotas import lines_of
from wujin_field.models import Activity, DayTally, Person, Unit
from wujin_field.models.activities import label_activity
from wujin_field.periods import Period, half_year_of

CASES = tomllib.loads((Path(__file__).parent / "cases.toml").read_text(encoding="utf-8"))["case"]


def bent(pack, changes):
    """The pack with some fields of its quotas changed, as a station may change them."""
    files = copy.deepcopy(pack.files)
    for quota in files["quotas"]["quota"]:
        quota |= changes.get(quota["code"], {})
    return Pack(files)


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.needs("postgres"))])
def world(request, tmp_path_factory):
    env = {}
    if request.param == "postgres":
        env["WUJIN_DATABASE_URL"] = request.getfixturevalue("postgres").fresh()
    folder = tmp_path_factory.mktemp("cases")
    (folder / "demo").touch()
    app = prepared(read_settings(env=env, data_dir=folder, public_url="http://localhost"))
    with app.app_context():
        yield World(app)
        db.session.remove()
        db.engine.dispose()


@pytest.mark.parametrize("case", CASES, ids=[case["title"] for case in CASES])
def test_it_counts_as_domain_md_d_says(world, case):
    world.forget()
    for record in case["records"]:
        world.happen(record)
    pack = bent(world.pack, case.get("bend", {}))
    db.session.rollback()
    tallies.up_to_date(pack)
    for asked in case["expect"]:
        said = told(world, pack, asked)
        assert {name: said[name] for name in asked if name in said} == {
            name: asked[name] for name in asked if name in said
        }, case["why"]


def test_r069_r100_a_drill_counts_once_in_all_and_a_label_makes_no_second_activity(world):
    world.forget()
    for doors in (["柳溪小学", "百合商业广场"], ["柳溪小学"], ["三组12户"]):
        world.happen({"who": "陈大山", "at": "2026-11-03 09:00", "doors": doors, "form": "evacuation_drill"})
    with writing() as session:
        drill = session.scalars(select(Activity).order_by(Activity.id)).first()
        label_activity(session, drill, session.get_one(Person, drill.author_id), ["safe_town", "civilised"])
    tallies.up_to_date(world.pack)
    said = db.session(), world.pack, world.town.areas["qinghe"].path, Period(date(2026, 11, 1), date(2026, 11, 30))
    whole, trades = drills_by_trade(*said)
    assert (whole, trades["campus"], trades["mall"], trades[""]) == (3, 2, 1, 1)
    assert {code: n for code, (n, _) in programmes_served(*said).items() if n} == {"safe_town": 1, "civilised": 1}


def test_there_are_at_least_sixty_of_them():
    assert len(CASES) >= 60
    assert all(case["why"] and case["expect"] for case in CASES)


def told(world, pack, asked):
    if "quota" in asked:
        return told_quota(world, pack, asked)
    scope = world.town.areas.get(asked["scope"])
    ids = [scope.id] if scope else [world.units[asked["scope"]].id]
    period = half_year_of(pack, date.fromisoformat(asked["on"])) if "half" in asked else None
    first, last = (period.first, period.last) if period else map(date.fromisoformat, (asked["from"], asked["to"]))
    names = ("progress", "final", "visits", "pictures", "short", "people", "registrations", "reach")
    rows = select(*(func.coalesce(func.sum(getattr(DayTally, name)), 0) for name in names))
    rows = rows.where(
        DayTally.scope_id.in_(ids), DayTally.cut == asked.get("cell", "all"), DayTally.day.between(first, last)
    )
    rows = rows.where(DayTally.code == asked["code"]) if "code" in asked else rows
    numbers = dict(zip(("done", *names[1:]), map(int, db.session.execute(rows).one()), strict=True))
    return numbers | ({"half": period.key} if period else {})


def told_quota(world, pack, asked):
    quota, unit = pack["quota"][asked["quota"]], db.session.get(Unit, world.units[asked["unit"]].id)
    found = (
        lines_of(db.session(), pack, quota, [unit], date.fromisoformat(asked["on"]))
        if quota.get("enabled", True)
        else []
    )
    found = [one for one in found if asked.get("group") in (None, one.place_type)]
    if not found:
        return {"absent": True, "lines": 0, "done": None}
    one = found[0]
    return {"absent": False, "lines": len(found), "done": one.done, "final": one.final, "wanted": one.wanted, "most": one.most,
            "missing": one.missing, "out_of": one.out_of, "scored": one.scored, "first": one.period.first.isoformat(),
            "last": one.period.last.isoformat()}  # fmt: skip
