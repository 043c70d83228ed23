"""Every list that leaves the house: its columns, its filters, its rows, once for CSV, Excel, GeoJSON and the API.

Homes are in no list by name or position: what is said of them is their village (C4.14, design/evidence.md).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, joinedload

from ..domain import Pack
from ..models import Activity, Area, Hazard, Report, Unit, Venue, Visit
from ..models.reports import STATES
from ..models.rulings import latest_result, state_of

E7 = 10_000_000
CHUNK = 500


@dataclass(frozen=True)
class Wanted:
    """days: both ends included, None for open; place_type: a code or ''. after: the last id of the page before."""

    area_path: str
    first: date | None = None
    last: date | None = None
    place_type: str = ""
    after: str = ""


@dataclass(frozen=True)
class Shelf:
    """One list. rows gives dicts by column key; a position (WGS-84 degrees) only where `placed`."""

    code: str
    zh: str
    en: str
    columns: dict[str, tuple[str, str]]
    query: Callable[[Wanted], Select]
    row: Callable[[Pack, Any], dict]
    key: Any
    filters: tuple[str, ...] = ("first", "last", "place_type")
    placed: bool = False
    extra: dict = field(default_factory=dict)


def rows_of(session: Session, pack: Pack, shelf: Shelf, wanted: Wanted, limit: int | None = None) -> Iterator[dict]:
    """In the order of ids, which is that of time; read in chunks, so that a million rows need no memory."""
    after, left = wanted.after, limit
    while left is None or left > 0:
        query = shelf.query(wanted).order_by(shelf.key).limit(min(CHUNK, left or CHUNK))
        found = session.execute(query.where(shelf.key > after) if after else query).unique().all()
        yield from (shelf.row(pack, line) for line in found)
        if len(found) < CHUNK:
            return
        after, left = found[-1][0].id, None if left is None else left - len(found)
        session.expunge_all()


def _activities(wanted: Wanted) -> Select:
    rows = _inside(select(Activity).join(Area, Activity.area_id == Area.id), wanted, Activity.day, Activity.place_type)
    return rows.where(Activity.void_reason.is_(None)).options(joinedload(Activity.area), joinedload(Activity.unit))


def _activity(pack: Pack, line: Any) -> dict:
    one: Activity = line[0]
    return {"id": one.id, "day": one.day.isoformat(), "unit": one.unit.zh, "area": one.area.zh, "title": one.title,
            "place_type": pack.name("place_type", one.place_type), "form": pack.name("form", one.form),
            "delivery": pack.name("delivery", one.delivery), "context": pack.name("context", one.context),
            "kind": pack.name("activity_kind", one.activity_kind), "people": one.people,
            "leaflets": one.channels.get("leaflet", 0), "registrations": one.registrations, "text": one.entry_text}  # fmt: skip


def _visits(wanted: Wanted) -> Select:
    rows = select(Visit, latest_result().scalar_subquery()).join(Area, Visit.area_id == Area.id)
    rows = _inside(rows, wanted, Visit.day, Visit.place_type)
    return rows.options(joinedload(Visit.area), joinedload(Visit.venue), joinedload(Visit.photos))


def _visit(pack: Pack, line: Any) -> dict:
    one, result = line
    return {"id": one.id, "activity": one.activity_id, "day": one.day.isoformat(), "area": one.area.zh,
            "place_type": pack.name("place_type", one.place_type), "venue_kind": pack.name("venue_kind", one.venue_kind),
            "venue": _open_name(one.venue, one.place_text), "photos": len(one.photos), "state": state_of(result)}  # fmt: skip


def _open_name(venue: Venue | None, place_text: str = "") -> str:
    return "" if venue is not None and venue.privacy == "strict" else venue.zh if venue else place_text


def _venues(wanted: Wanted) -> Select:
    rows = select(Venue).join(Area).where(Venue.active, Venue.privacy == "open")
    rows = rows.where(Area.path.startswith(wanted.area_path, autoescape=True))
    rows = rows.where(Venue.place_type == wanted.place_type) if wanted.place_type else rows
    return rows.options(joinedload(Venue.area))


def _venue(pack: Pack, line: Any) -> dict:
    one: Venue = line[0]
    surveyed = one.lat_e7 is not None and one.lon_e7 is not None
    return {"id": one.id, "name": one.zh, "area": one.area.zh, "place_type": pack.name("place_type", one.place_type),
            "venue_kind": pack.name("venue_kind", one.venue_kind), "address": one.address or "", "focus": int(one.focus),
            "lat": (one.lat_e7 or 0) / E7 if surveyed else None, "lon": (one.lon_e7 or 0) / E7 if surveyed else None}  # fmt: skip


def _hazards(wanted: Wanted) -> Select:
    rows = select(Hazard, Visit, Venue).join(Visit, Hazard.visit_id == Visit.id).join(Area, Visit.area_id == Area.id)
    rows = _inside(rows.outerjoin(Venue, Hazard.venue_id == Venue.id), wanted, Visit.day, Visit.place_type)
    return rows.options(joinedload(Visit.area))


def _hazard(pack: Pack, line: Any) -> dict:
    hazard, visit, venue = line
    private = venue is not None and venue.privacy == "strict"
    return {"id": hazard.id, "day": visit.day.isoformat(), "area": visit.area.zh, "venue": _open_name(venue, visit.place_text),
            "category": hazard.category, "severity": hazard.severity, "text": "" if private else hazard.text,
            "due": hazard.due.isoformat(), "fixed_on_spot": int(hazard.fixed_on_spot)}  # fmt: skip


def _reports(wanted: Wanted) -> Select:
    rows = select(Report).join(Unit, Report.unit_id == Unit.id).join(Area, Unit.area_id == Area.id)
    rows = rows.where(Area.path.startswith(wanted.area_path, autoescape=True), Report.submitted_at.is_not(None))
    return rows.options(joinedload(Report.unit))


def _report(pack: Pack, line: Any) -> dict:
    one: Report = line[0]
    assert one.submitted_at and one.state in STATES
    return {"id": one.id, "unit": one.unit.zh, "kind": pack.name("report", one.kind), "period": one.period,
            "version": one.version, "state": one.state, "submitted_at": one.submitted_at.isoformat(timespec="seconds"),
            "paper_at": one.paper_at.isoformat() if one.paper_at else "",
            "electronic_at": one.electronic_at.isoformat() if one.electronic_at else "", "digest": one.digest or ""}  # fmt: skip


def _inside(rows: Select, wanted: Wanted, day: Any, place_type: Any) -> Select:
    rows = rows.where(Area.path.startswith(wanted.area_path, autoescape=True))
    rows = rows.where(day >= wanted.first) if wanted.first else rows
    rows = rows.where(day <= wanted.last) if wanted.last else rows
    return rows.where(place_type == wanted.place_type) if wanted.place_type else rows


ID, DAY, UNIT, AREA = ("编号", "Id"), ("日期", "Day"), ("单位", "Unit"), ("村（社区）或组", "Area")
PLACE, VENUE, KIND = ("场所类别", "Kind of place"), ("场所", "Venue"), ("场所种类", "Kind of venue")
SHELVES = {
    shelf.code: shelf
    for shelf in (
        Shelf("activities", "活动", "Activities", {
            "id": ID, "day": DAY, "unit": UNIT, "area": AREA, "title": ("名称", "Title"), "place_type": PLACE,
            "form": ("形式", "Form"), "delivery": ("方式", "Way"), "context": ("场合", "Context"), "kind": ("活动类型", "Kind"),
            "people": ("参加人数", "People"), "leaflets": ("宣传单（份）", "Leaflets"),
            "registrations": ("平台登记（人）", "Registrations"),
            "text": ("文字", "Text")}, _activities, _activity, Activity.id),
        Shelf("visits", "走访", "Visits", {
            "id": ID, "activity": ("活动编号", "Activity"), "day": DAY, "area": AREA, "place_type": PLACE, "venue_kind": KIND,
            "venue": VENUE, "photos": ("照片（张）", "Photos"), "state": ("状态", "State")}, _visits, _visit, Visit.id),
        Shelf("venues", "场所", "Venues", {
            "id": ID, "name": ("名称", "Name"), "area": AREA, "place_type": PLACE, "venue_kind": KIND,
            "address": ("地址", "Address"),
            "focus": ("重点", "Focus"), "lat": ("纬度（WGS-84）", "Latitude (WGS-84)"),
            "lon": ("经度（WGS-84）", "Longitude (WGS-84)")},
            _venues, _venue, Venue.id, ("place_type",), placed=True),
        Shelf("hazards", "隐患", "Hazards", {
            "id": ID, "day": DAY, "area": AREA, "venue": VENUE, "category": ("类别", "Category"),
            "severity": ("等级", "Severity"),
            "text": ("情况", "What"), "due": ("期限", "Due"), "fixed_on_spot": ("当场整改", "Fixed on the spot")},
            _hazards, _hazard, Hazard.id),
        Shelf("reports", "材料报送", "Reports handed in", {
            "id": ID, "unit": UNIT, "kind": ("材料", "Paper"), "period": ("时段", "Period"), "version": ("版本", "Version"),
            "state": ("进度", "State"), "submitted_at": ("报送时间（UTC）", "Handed in (UTC)"),
            "paper_at": ("已收纸质", "Paper received"),
            "electronic_at": ("已收电子", "Electronic received"), "digest": ("内容摘要", "Digest")},
            _reports, _report, Report.id, ()),
    )
}  # fmt: skip
