"""场所: rows of a sheet that become venues, or change the ones whose code they name."""

import math
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session, selectinload

from ..db import utc_now, uuid7
from ..domain import Pack
from ..models import Area, RecordChange, Venue, VenueCode
from ..models.changes import change
from ..models.codes import new_code, read_code
from ..models.venues import place_type_of, radius_of
from .checking import Checking, Names

E7, CHUNK = 10_000_000, 1000
HOME = re.compile(r"\d|组|栋|幢|户|号|单元")
SAME = ("zh", "area_id", "venue_kind", "place_type", "address", "lat_e7", "lon_e7", "focus", "contact_note")


class Venues(Checking):
    """One row: {venue: id or None, values: {column: value}}."""

    def begin(self, session: Session, pack: Pack, path: str) -> None:
        self.pack, self.areas = pack, areas_by_id(session, path)
        self.area_names = Names((name, area.id) for area in self.areas.values() for name in (area.zh, area.code))
        self.kinds = Names((entry.get(key), code) for code, entry in pack["venue_kind"].items()
                           for key in ("zh", "en", "code") if not entry.get("retired"))  # fmt: skip
        self.types = Names((entry.get(key), code) for code, entry in pack["place_type"].items()
                           for key in ("zh", "en", "code", "zh_phrase"))  # fmt: skip
        known = select(Venue).join(Area).where(Area.path.startswith(path, autoescape=True), Venue.active)
        venues = list(session.scalars(known.options(selectinload(Venue.codes))))
        self.by_code = {row.code: venue for venue in venues for row in venue.codes}
        self.by_name = {(venue.area_id, venue.zh): venue for venue in venues}
        self.codes_seen: dict[str, int] = {}
        self.names_seen: dict[tuple, int] = {}

    def row(self, cells: dict[str, str]) -> dict | None:
        venue = self._venue(cells["code"])
        area = self.one(self.area_names, cells, "area")
        kind = self.one(self.kinds, cells, "kind")
        chosen = self.one(self.types, cells, "place_type") if cells["place_type"] else None
        lat, lon = self._point(cells)
        focus = self.yes_no(cells, "focus")
        self.short(cells, zh=60, address=120, contact_note=300)
        if not (area and kind):
            return None
        place_type = chosen or place_type_of(self.pack, kind, self.areas[area])
        values: dict[str, Any] = {"zh": cells["zh"], "area_id": area, "venue_kind": kind, "place_type": place_type,
                  "address": cells["address"] or None, "focus": focus, "contact_note": cells["contact_note"] or None}  # fmt: skip
        if lat is not None:
            values |= {"lat_e7": lat, "lon_e7": lon}
        self._home(kind, values)
        return self._known(venue, values)

    def _venue(self, typed: str) -> Venue | None:
        if not typed:
            return None
        code = read_code(typed)
        venue = self.by_code.get(code) if code else None
        if venue is None:
            self.bad("code", "no_such_code", typed=typed[:20])
        elif (earlier := self.codes_seen.setdefault(venue.id, self.line)) != self.line:
            self.bad("code", "code_twice", row=earlier)
        return venue

    def _home(self, kind: str, values: dict) -> None:
        if privacy_of(self.pack, kind, values["place_type"]) == "strict":
            if not HOME.search(values["zh"]):
                self.bad("zh", "household_name")
            if values["address"]:
                self.bad("address", "household_address")

    def _known(self, venue: Venue | None, values: dict) -> dict | None:
        """A name that is there already means the same place when nothing differs, and a slip when something does."""
        name = values["area_id"], values["zh"]
        if (earlier := self.names_seen.setdefault(name, self.line)) != self.line:
            self.bad("zh", "name_twice", row=earlier)
            return None
        there = self.by_name.get(name)
        if venue is None and there is not None:
            if differs(there, values):
                self.bad("zh", "name_taken", code=there.code or "-")
                return None
            venue = there
        if venue is not None and there is not None and there.id != venue.id:
            self.bad("zh", "name_taken", code=there.code or "-")
            return None
        changed = venue is not None and bool(differs(venue, values))
        self.count("new" if venue is None else "changed" if changed else "same")
        return {"venue": venue.id if venue else None, "values": values}

    def _point(self, cells: dict[str, str]) -> tuple[int | None, int | None]:
        lat, lon = self._degrees(cells, "lat"), self._degrees(cells, "lon")
        if (lat is None) != (lon is None) and bool(cells["lat"]) != bool(cells["lon"]):
            self.bad("lat", "half_a_point")
        if lat is None or lon is None:
            return None, None
        if abs(lat) > 90 and abs(lon) <= 90:
            self.bad("lat", "swapped")
        elif abs(lat) > 90 or abs(lon) > 180:
            self.bad("lat", "degree_range", typed=cells["lat"][:20])
        return round(lat * E7), round(lon * E7)

    def _degrees(self, cells: dict[str, str], key: str) -> float | None:
        from .read import half_width

        typed = half_width(cells[key]).rstrip("°")
        try:
            value = float(typed) if typed else None
        except ValueError:
            value = math.nan
        if value is not None and not math.isfinite(value):
            self.bad(key, "not_a_degree", typed=cells[key][:20])
            return None
        return value


def areas_by_id(session: Session, path: str) -> dict[str, Area]:
    rows = select(Area).where(Area.path.startswith(path, autoescape=True), Area.active).order_by(Area.path)
    return {area.id: area for area in session.scalars(rows)}


def differs(venue: Venue, values: dict) -> dict[str, Any]:
    return {name: value for name, value in values.items() if getattr(venue, name) != value}


def privacy_of(pack: Pack, kind: str, place_type: str) -> str:
    strict = "strict" in (pack["venue_kind"][kind].get("privacy"), pack["place_type"][place_type].get("privacy"))
    return "strict" if strict else "open"


def apply(session: Session, pack: Pack, rows: list[dict], who: str | None, import_id: str) -> None:
    """New venues in a handful of statements for each thousand, changed ones with their history."""
    new = [row["values"] for row in rows if row["venue"] is None]
    codes = _codes(session, len(new))
    for start in range(0, len(new), CHUNK):
        _insert(
            session, [_new(pack, values, utc_now()) for values in new[start : start + CHUNK]], codes, who, import_id
        )
    for row in (row for row in rows if row["venue"] is not None):
        venue, values = session.get_one(Venue, row["venue"]), row["values"]
        if "lat_e7" in values and (venue.lat_e7, venue.lon_e7) != (values["lat_e7"], values["lon_e7"]):
            values = values | {"point_source": "imported", "point_accuracy_m": None, "point_at": utc_now()}
        change(session, venue, values, who, what="imported", import_id=import_id)


def _insert(session: Session, new: list[dict], codes: Iterator[str], who: str | None, import_id: str) -> None:
    session.execute(insert(Venue), new)
    session.execute(insert(VenueCode), [{"id": uuid7(), "venue_id": venue["id"], "code": next(codes), "version": 1,
                                         "kind": "venue", "state": "printed", "printed_at": venue["created_at"]}
                                        for venue in new])  # fmt: skip
    session.execute(insert(RecordChange), [{"id": uuid7(), "kind": "venue", "subject_id": venue["id"], "revision": 1,
                                            "what": "imported", "fields": {}, "at": venue["created_at"], "who_id": who,
                                            "import_id": import_id} for venue in new])  # fmt: skip


def _new(pack: Pack, values: dict, now: datetime) -> dict:
    point = {"lat_e7": None, "lon_e7": None} | values
    placed = point["lat_e7"] is not None
    privacy = privacy_of(pack, values["venue_kind"], values["place_type"])
    return point | {
        "id": uuid7(), "created_at": now, "radius_m": radius_of(pack, values["place_type"]), "privacy": privacy,
        "point_source": "imported" if placed else "none", "point_at": now if placed else None, "point_accuracy_m": None,
        "active": True, "revision": 1, "opening": "", "keeper": "", "team_size": None, "merged_into_id": None,
    }  # fmt: skip


def _codes(session: Session, count: int) -> Iterator[str]:
    """So many codes that nobody has yet."""
    known = set(session.scalars(select(VenueCode.code))) if count else set()
    for _ in range(count):
        while (code := new_code()) in known:
            pass
        known.add(code)
        yield code
