"""What a list is: its columns, its filters, its rows; and how its rows are read, however many there are."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, joinedload

from ...domain import Pack
from ...models import Area, Unit, Venue, Visit
from ...models.venues import is_home

E7 = 10_000_000
CHUNK = 500
ID, DAY, UNIT, AREA = ("编号", "Id"), ("日期", "Day"), ("单位", "Unit"), ("村（社区）或组", "Area")
PLACE, VENUE, KIND = ("场所类别", "Kind of place"), ("场所", "Venue"), ("场所种类", "Kind of venue")
STATE, NAME = ("状态", "State"), ("名称", "Name")
VISIT_STATES = {
    "accepted": "已核",
    "returned": "已退回",
    "disputed": "待复核",
    "rejected": "未采信",
    "submitted": "待核",
}
DESK = ("station_clerk", "village_clerk", "supervisor")


@dataclass(frozen=True)
class Wanted:
    """What is asked for. area_path: the subtree; days: both ends included, None for open; codes and texts: '' for all.

    state: what the list's own page calls so. cut, code: one way to cut a figure (daily.CUTS, programme, quota) and its value.
    after: the last id of the page before; today: the reader's day. reader: the id of who asks, '' for a key; alone: the id of
    a unit that sees itself and nobody else (a department's reporter).
    """

    area_path: str
    first: date | None = None
    last: date | None = None
    place_type: str = ""
    name: str = ""
    kind: str = ""
    state: str = ""
    severity: str = ""
    unit: str = ""
    cut: str = ""
    code: str = ""
    period: str = ""
    after: str = ""
    today: date = date.min
    reader: str = ""
    alone: str = ""


@dataclass(frozen=True)
class Shelf:
    """One list. rows gives dicts by column key; a position (WGS-84 degrees) only where `placed`.

    query and row read it from the tables by chunks of `key`; `listed` gives the rows of one that is worked out.
    filters: fields of Wanted that mean something here. outward: may a key of another platform name it? readers: which access
    codes may have it, those who may see its page. chosen: it says nothing before its page has chosen one team, one batch …
    """

    code: str
    zh: str
    en: str
    columns: dict[str, tuple[str, str]]
    query: Callable[[Wanted], Select] | None = None
    row: Callable[[Pack, Any], dict] = lambda pack, line: dict(line)
    key: Any = None
    filters: tuple[str, ...] = ("first", "last", "place_type")
    placed: bool = False
    outward: bool = True
    listed: Callable[[Session, Pack, Wanted], Iterable[dict]] | None = None
    readers: tuple[str, ...] = DESK
    chosen: bool = False


def rows_of(session: Session, pack: Pack, shelf: Shelf, wanted: Wanted, limit: int | None = None) -> Iterator[dict]:
    """In the order of ids, which is that of time; read in chunks, so that a million rows need no memory."""
    if shelf.query is None:
        yield from shelf.listed(session, pack, wanted) if shelf.listed and not wanted.after else ()
        return
    after, left = wanted.after, limit
    while left is None or left > 0:
        query = shelf.query(wanted).order_by(shelf.key).limit(min(CHUNK, left or CHUNK))
        found = session.execute(query.where(shelf.key > after) if after else query).unique().all()
        yield from (shelf.row(pack, line) for line in found)
        if len(found) < CHUNK:
            return
        after, left = found[-1][0].id, None if left is None else left - len(found)
        session.expunge_all()


def within(rows: Select, wanted: Wanted, day: Any = None, place_type: Any = None) -> Select:
    """rows joined with their area; day and place_type: the columns to cut by."""
    rows = rows.where(Area.path.startswith(wanted.area_path, autoescape=True))
    rows = rows.where(day >= wanted.first) if day is not None and wanted.first else rows
    rows = rows.where(day <= wanted.last) if day is not None and wanted.last else rows
    return rows.where(place_type == wanted.place_type) if place_type is not None and wanted.place_type else rows


def units_asked(session: Session, wanted: Wanted, kinds: Sequence[str] = ()) -> list[Unit]:
    """Active ones (of these kinds) below the area asked for, in administrative order; a reporter's own alone."""
    rows = select(Unit).join(Area, Area.id == Unit.area_id).where(Unit.active).options(joinedload(Unit.area))
    inside = Area.path.startswith(wanted.area_path, autoescape=True)
    rows = rows.where(Unit.id == wanted.alone if wanted.alone else inside)
    return list(
        session.scalars((rows.where(Unit.unit_kind.in_(kinds)) if kinds else rows).order_by(Area.path, Unit.code))
    )


def open_name(visit: Visit, venue: Venue | None) -> str:
    """A home has none that leaves the house."""
    return "" if is_home(venue, visit.place_type) else venue.zh if venue else visit.place_text


def degrees(venue: Venue) -> dict[str, float | None]:
    """WGS-84, of an open and surveyed place alone (C4.14)."""
    if venue.privacy == "strict" or venue.lat_e7 is None or venue.lon_e7 is None:
        return {"lat": None, "lon": None}
    return {"lat": venue.lat_e7 / E7, "lon": venue.lon_e7 / E7}


def told(day: Any) -> str:
    """A day, a moment, or nothing, as ISO 8601."""
    if day is None:
        return ""
    return day.isoformat(timespec="seconds") if hasattr(day, "hour") else day.isoformat()
