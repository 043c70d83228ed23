"""What the station keeps: venues, the codes on their doors, equipment, people."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, joinedload

from ...db import local_day
from ...domain import Pack, load_pack
from ...models import Area, Equipment, Person, Unit, Venue, VenueCode
from ...models.equipment import dates_of
from ..choosing import people_chosen, venues_chosen
from .shelf import AREA, ID, KIND, NAME, PLACE, STATE, UNIT, VENUE, Shelf, Wanted, degrees, told, within

CODE_STATES = {"printed": "已印", "active": "在用", "lost": "丢失", "retired": "停用"}
GEAR_STATES = {"scrap": "该报废了", "service": "该维修了", "soon": "快到期", "unknown": "没有出厂日期", "ok": "正常"}


def _venues(wanted: Wanted) -> Select:
    rows = within(select(Venue).join(Area).where(Venue.privacy == "open"), wanted, None, Venue.place_type)
    return venues_chosen(rows, wanted.name, "", wanted.kind, wanted.state).options(joinedload(Venue.area))


def _venue(pack: Pack, line: Any) -> dict:
    one: Venue = line[0]
    return {"id": one.id, "name": one.zh, "area": one.area.zh, "place_type": pack.name("place_type", one.place_type),
            "venue_kind": pack.name("venue_kind", one.venue_kind), "address": one.address or "", "focus": int(one.focus),
            "active": int(one.active)} | degrees(one)  # fmt: skip


def _codes(wanted: Wanted) -> Select:
    rows = within(
        select(VenueCode).join(Venue).join(Area).where(Venue.privacy == "open"), wanted, None, Venue.place_type
    )
    rows = rows.where(VenueCode.state == wanted.state) if wanted.state else rows
    return rows.options(joinedload(VenueCode.venue).joinedload(Venue.area))


def _code(pack: Pack, line: Any) -> dict:
    one: VenueCode = line[0]
    return {"id": one.id, "code": one.code, "venue": one.venue.zh, "area": one.venue.area.zh, "version": one.version,
            "state": CODE_STATES[one.state], "printed": told(local_day(one.printed_at))}  # fmt: skip


def _equipment(session: Session, pack: Pack, wanted: Wanted) -> Iterator[dict]:
    """By area and venue; its state is worked out from its dates."""
    rows = within(select(Equipment).join(Venue).join(Area), wanted, None, Venue.place_type)
    rows = rows.where(Equipment.active, Venue.active, Venue.privacy == "open").order_by(
        Area.path, Venue.zh, Equipment.id
    )
    for one in session.scalars(rows.options(joinedload(Equipment.venue).joinedload(Venue.area))):
        dates = dates_of(one, load_pack()["equipment_kind"].get(one.kind, {}), wanted.today)
        if not wanted.state or dates.state == wanted.state:
            yield {"id": one.id, "venue": one.venue.zh, "area": one.venue.area.zh, "kind": pack.name("equipment_kind", one.kind),
                   "count": one.count, "spot": one.spot, "made": told(one.made_on), "serviced": told(one.serviced_on),
                   "service_due": told(dates.service_due), "scrap_due": told(dates.scrap_due),
                   "state": GEAR_STATES[dates.state]}  # fmt: skip


def _people(wanted: Wanted) -> Select:
    rows = select(Person).join(Unit, Unit.id == Person.unit_id).join(Area, Area.id == Unit.area_id)
    rows = people_chosen(within(rows, wanted), load_pack(), wanted.name, wanted.unit, wanted.kind, wanted.state)
    return rows.options(joinedload(Person.unit))


def _person(pack: Pack, line: Any) -> dict:
    """What a roster needs; no telephone, no document, no mark, no phone of theirs."""
    one: Person = line[0]
    return {"id": one.id, "name": one.name, "unit": one.unit.zh, "role": pack.name("field_role", one.field_role),
            "access": pack.name("access", one.access), "since": told(local_day(one.created_at)),
            "active": int(one.active)}  # fmt: skip


SHELVES = (
    Shelf("venues", "场所", "Venues", {
        "id": ID, "name": NAME, "area": AREA, "place_type": PLACE, "venue_kind": KIND, "address": ("地址", "Address"),
        "focus": ("重点", "Focus"), "active": ("在用", "In use"), "lat": ("纬度（WGS-84）", "Latitude (WGS-84)"),
        "lon": ("经度（WGS-84）", "Longitude (WGS-84)")},
        _venues, _venue, Venue.id, ("place_type", "name", "kind", "state"), placed=True),
    Shelf("codes", "海报编码", "Poster codes", {
        "id": ID, "code": ("编码", "Code"), "venue": VENUE, "area": AREA, "version": ("版次", "Version"), "state": STATE,
        "printed": ("印制日期", "Printed")}, _codes, _code, VenueCode.id, ("place_type", "state")),
    Shelf("equipment", "消防器材", "Fire equipment", {
        "id": ID, "venue": VENUE, "area": AREA, "kind": ("器材", "Equipment"), "count": ("数量", "Number"),
        "spot": ("位置", "Where"), "made": ("出厂日期", "Made"), "serviced": ("上次维修", "Last service"),
        "service_due": ("该维修", "Service due"), "scrap_due": ("该报废", "To be scrapped"), "state": STATE},
        filters=("place_type", "state"), listed=_equipment),
    Shelf("people", "人员", "People", {
        "id": ID, "name": ("姓名", "Name"), "unit": UNIT, "role": ("身份", "Role"), "access": ("权限", "Access"),
        "since": ("录入日期", "Entered"), "active": ("在岗", "Here")},
        _people, _person, Person.id, ("name", "kind", "state", "unit"), outward=False),
)  # fmt: skip
