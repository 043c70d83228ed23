"""What hangs at the town's places, what was said about a poster, what the station changed in the data it was given."""

from datetime import date, timedelta
from pathlib import Path

from flask import Flask
from sqlalchemy.orm import Session

from ..db import local_day, utc_now, writing
from ..domain import Pack, load_pack
from ..models import CodeScan, Equipment, care
from ..models.amendments import begin_draft, publish
from ..models.changes import note
from ..models.outlines import Outline
from ..sheets.outlines import match, read_outlines
from ..sync.intake import Sender
from .claims import phone, sealed, visit_claim
from .town import Town

CLERK, FOUND_BY, FOUND = "何敏", "陈大山", "桥头修车铺"
# kind, years since it was made, years since it was serviced, where it hangs
GEAR = [
    ("extinguisher_powder", 6, None, "门口"), ("extinguisher_powder", 3, None, "柜台旁"), ("extinguisher_powder", 11, 1, "仓库"),
    ("extinguisher_water", 4, 0, "厨房"), ("extinguisher_co2", 2, None, "配电箱旁"), ("hydrant", 8, None, "院子里"),
    ("smoke_detector", 1, None, "楼梯间"),
]  # fmt: skip


def furnish(app: Flask, town: Town, today: date | None = None) -> None:
    today = today or local_day(utc_now())
    with app.app_context(), writing() as session:
        _gear(session, town, today)
        _posters(session, town, today)
        _amendments(session, town)
        _outlines(session, town, load_pack())
        device, _ = phone(session, town.person(FOUND_BY))
    _found_on_the_way(app, town, Sender(device.id, device.person_id), device)


def _outlines(session: Session, town: Town, pack: Pack) -> None:
    """Invented like the town itself."""
    rules, station = pack.files["sheets"]["outline"], town.units["station"]
    shapes = read_outlines((Path(__file__).parent / "villages.geojson").read_bytes(), rules)
    session.add_all(Outline(town_id=station.area_id, area_id=area.id if area else None, name=shape.name,
                            polygons=shape.polygons, added_by_id=town.person(CLERK).id)
                    for shape, area in match(shapes, list(town.areas.values()), rules))  # fmt: skip


def _gear(session: Session, town: Town, today: date) -> None:
    places = [venue for venue in town.venues.values() if venue.privacy == "open"][::4]
    for number, venue in enumerate(places):
        kind, made, serviced, spot = GEAR[number % len(GEAR)]
        row = Equipment(venue_id=venue.id, kind=kind, count=1 + number % 3, spot=spot, made_on=_ago(today, made, number),
                        serviced_on=None if serviced is None else _ago(today, serviced, number), revision=1)  # fmt: skip
        session.add(row)
        session.flush()
        note(session, row, "added", {}, town.person(CLERK).id)


def _ago(today: date, years: int, number: int) -> date:
    return today - timedelta(days=365 * years + 17 * number)


def _posters(session: Session, town: Town, today: date) -> None:
    codes = [venue.codes[-1] for venue in town.venues.values() if venue.privacy == "open"]
    session.add_all(CodeScan(code_id=code.id, day=today - timedelta(days=back), count=1 + (place + back) % 5)
                    for place, code in enumerate(codes[:20]) for back in range(1, 4))  # fmt: skip
    care.doubt(session, codes[3], "torn")


def _amendments(session: Session, town: Town) -> None:
    """A day of the town's own in force, a trade that worries it, and a checklist that somebody is still changing."""
    clerk = town.person(CLERK).id
    fair = {
        "code": "local_1",
        "zh": "青禾赶场日宣传",
        "en": "Market day in Qinghe",
        "date": "12-20",
        "topics": ["fire_safety"],
    }
    karaoke = load_pack()["venue_kind"]["entertainment"] | {"worry": True}
    publish(
        session,
        [
            begin_draft(session, "day", "local_1", fair, clerk),
            begin_draft(session, "venue_kind", "entertainment", karaoke, clerk),
        ],
    )
    shop = load_pack()["template"]["small_shop"]
    items = [dict(item) for item in shop["item"]]
    items[0] |= {"guidance": "赶场天人多，先看门口和通道。"}
    begin_draft(session, "template", "small_shop", shop | {"item": items}, clerk)


def _found_on_the_way(app: Flask, town: Town, sender: Sender, device) -> None:  # type: ignore[no-untyped-def]
    """Somewhere that the list does not have yet."""
    near = town.venue("禾丰粮油加工厂")
    claim = visit_claim(device, near, scanned_code=None, place_text=FOUND, note="新开的，门口堆着轮胎。") | {
        "venue": None
    }
    outcome = app.extensions["intake"].take_claim("visit", claim["id"], sealed(claim), sender)
    assert outcome.status == 201, outcome
