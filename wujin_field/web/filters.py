"""The filters of a list as an address writes them."""

from collections.abc import Mapping
from datetime import date

from flask import abort
from sqlalchemy import select

from ..db import db, local_day, utc_now
from ..domain import load_pack
from ..figures.daily import CUTS
from ..figures.lists import Shelf, Wanted
from ..models import Area, Person
from ..periods import NoPeriod, read
from ..sync.envelope import is_id

SHORT = 60


def wanted_from(args: Mapping[str, str], area_path: str, shelf: Shelf, who: Person | None = None) -> Wanted:
    """What is no day, no kind of place, no area in scope or no id is a mistake that is said (400), never an empty list."""
    place_type, after, unit = args.get("place_type", ""), args.get("after", ""), args.get("unit", "")
    if (place_type and place_type not in load_pack()["place_type"]) or any(
        one and not is_id(one) for one in (after, unit)
    ):
        abort(400)
    more = {
        name: args.get(name, "").strip()[:SHORT]
        for name in ("name", "kind", "state", "severity", "cut", "code", "period")
        if name in shelf.filters
    }
    if more.get("cut", "") not in ("", *CUTS, "programme", "quota"):
        abort(400)
    if more.get("period") and not _is_period(more["period"]):
        abort(400)
    reader = {"reader": who.id, "alone": who.unit_id if who.access == "reporter" else ""} if who else {}
    return Wanted(_inside(args.get("area", ""), area_path), _day(args.get("from", "")), _day(args.get("to", "")), place_type,
                  unit=unit, after=after, today=local_day(utc_now()), **reader, **more)  # fmt: skip


def _is_period(key: str) -> bool:
    try:
        return 2000 <= read(key, load_pack()).first.year < 2100
    except NoPeriod:
        return False


def _inside(code: str, area_path: str) -> str:
    """The path of the area that is asked for, inside the one that this reader may see."""
    rows = select(Area.path).where(Area.code == code, Area.path.startswith(area_path, autoescape=True))
    return (db.session.scalar(rows) or abort(400)) if code else area_path


def _day(typed: str) -> date | None:
    try:
        return read_day(typed) if typed else None
    except ValueError:
        abort(400)


def read_day(typed: str) -> date:
    """2026-11-04, of this century: beyond it lies no week, no month and no plan of ours. Raises ValueError."""
    day = date.fromisoformat(typed)
    if not 2000 <= day.year < 2100:
        raise ValueError(typed)
    return day
