"""From town.toml to rows: areas, units, people, venues."""

import hashlib
import tomllib
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from math import cos, radians, sin
from pathlib import Path

from sqlalchemy import delete
from sqlalchemy.orm import Session

from ..config import STATION_ZONE
from ..db import local_day, utc_now, uuid7
from ..domain import Pack, load_pack
from ..models import Area, Person, Unit, Venue, VenueCode
from ..models.codes import ALPHABET, LENGTH, check_character
from .campaigns import add_campaigns
from .plans import plan_tables

TOWN = tomllib.loads((Path(__file__).parent / "town.toml").read_text(encoding="utf-8"))
COMMITTEES = {line["code"]: line for line in TOWN["committee"]}
E7 = 10_000_000
METRE_E7 = 90  # of latitude
GOLDEN = 137.508  # degrees: venues spread around the middle like seeds in a sunflower


@dataclass
class Town:
    """The cast by code (areas, units) and by name (people, venues). Rows are detached: they outlive the session."""

    areas: dict[str, Area] = field(default_factory=dict)
    units: dict[str, Unit] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)
    venues: dict[str, Venue] = field(default_factory=dict)

    def venue(self, name: str) -> Venue:
        return self.venues[name]

    def person(self, name: str) -> Person:
        return self.people[name]

    def committees(self) -> list[Unit]:
        """The seven villages and four communities."""
        return [self.units[code] for code in COMMITTEES]

    def venues_of(self, unit: Unit) -> list[Venue]:
        return [venue for venue in self.venues.values() if venue.area.path.startswith(unit.area.path)]


def settle(session: Session, today: date | None = None) -> Town:
    """Add the whole town, with the plan tables of today's and last month; the caller commits."""
    town, today = Town(), today or local_day(utc_now())
    since = datetime.combine(today - timedelta(days=75), time(10), STATION_ZONE)
    _leave_first_station(session)
    _add_areas(town)
    _add_units(town)
    _add_people(town, since)
    _add_venues(town, load_pack(), since)
    codes = [code for venue in town.venues.values() for code in venue.codes]
    _store(session, [*town.areas.values(), *town.units.values(), *town.people.values(), *town.venues.values(), *codes])
    session.add_all(plan_tables(town, COMMITTEES, today))
    add_campaigns(session, town, today)
    session.flush()
    return town


def _leave_first_station(session: Session) -> None:
    """A database begins with a nameless station (beginnings.py); a town brings its own."""
    session.execute(delete(Unit).where(Unit.code == "station"))
    session.execute(delete(Area).where(Area.code == "town"))


def _store(session: Session, rows: list[Area | Unit | Person | Venue | VenueCode]) -> None:
    session.add_all(rows)
    session.flush()
    for row in rows:
        session.expunge(row)


def _add_areas(town: Town) -> None:
    county, township = TOWN["county"], TOWN["township"]
    above = _area(town, county["code"], county["zh"], "county", None, "country")
    above = _area(town, township["code"], township["zh"], "township", above, "country")
    for code, line in COMMITTEES.items():
        kind, settlement = ("village", "country") if "groups" in line else ("community", "town")
        area = _area(town, code, line["zh"], kind, above, settlement, line["households"])
        for group in line.get("groups", []):
            _area(town, f"{code}-{'〇一二三四五六七八九'.index(group[0])}", group, "group", area, settlement)


def _area(
    town: Town, code: str, zh: str, kind: str, parent: Area | None, settlement: str, households: int | None = None
) -> Area:
    path = f"{parent.path if parent else ''}{code}/"
    population = households * 3 if households else None
    area = Area(id=uuid7(), code=code, zh=zh, area_kind=kind, parent_id=parent.id if parent else None, path=path,
                settlement=settlement, households=households, population=population)  # fmt: skip
    return town.areas.setdefault(code, area)


def _add_units(town: Town) -> None:
    county, station = TOWN["county"], TOWN["township"]["station"]
    office = _unit(town, "county-office", county["office"], "coordinating_office", "anhe")
    _unit(town, "emergency", f"{county['zh']}应急管理局", "department", "anhe", office)
    above = _unit(town, "station", station, "station", "qinghe", office)
    for code, line in COMMITTEES.items():
        village = "groups" in line
        kind, name = ("village_committee", "村民委员会") if village else ("community_committee", "居民委员会")
        _unit(town, code, line["zh"] + name, kind, code, above)
    _unit(town, "baihe-property", "百合苑物业服务中心", "property_company", "baihe", above)


def _unit(town: Town, code: str, zh: str, kind: str, area: str, parent: Unit | None = None) -> Unit:
    unit = Unit(id=uuid7(), code=code, zh=zh, unit_kind=kind, parent_id=parent.id if parent else None,
                area_id=town.areas[area].id, area=town.areas[area])  # fmt: skip
    return town.units.setdefault(code, unit)


def _add_people(town: Town, since: datetime) -> None:
    roles = load_pack()["field_role"]
    lines = {name: tuple(line) for name, line in TOWN["people"].items()}
    for code, line in COMMITTEES.items():
        lines |= {line["volunteer"]: (code, "volunteer"), line["clerk"]: (code, "village_staff")}
    for name, (code, role) in lines.items():
        unit = town.units[code]
        town.people[name] = Person(id=uuid7(), name=name, field_role=role, access=roles[role]["access"],
                                   unit_id=unit.id, unit=unit, created_at=since)  # fmt: skip
    town.people["陈大山"].large_text = True  # he is 62, and left his glasses at home


def _add_venues(town: Town, pack: Pack, since: datetime) -> None:
    for area_code, lines in TOWN["venues"].items():
        for name, line in lines.items():
            line = line if isinstance(line, dict) else {"kind": line}
            town.venues[name] = _venue(name, line, town.areas[area_code], pack, since, len(town.venues))


def _venue(name: str, line: dict, area: Area, pack: Pack, since: datetime, number: int) -> Venue:
    kind = pack["venue_kind"][line["kind"]]
    place_type = line.get("place_type") or _place_type(kind, area)
    place, strict = (
        pack["place_type"][place_type],
        "strict" in (kind.get("privacy"), pack["place_type"][place_type].get("privacy")),
    )
    venue = Venue(
        id=uuid7(), zh=name, place_type=place_type, venue_kind=line["kind"], area_id=area.id, area=area, created_at=since,
        radius_m=place["default_radius_m"], focus=kind.get("key_focus", False), privacy="strict" if strict else "open",
    )  # fmt: skip
    if not line.get("unsurveyed"):
        venue.lat_e7, venue.lon_e7 = _point(area, number)
        venue.point_accuracy_m, venue.point_source, venue.point_at = 6 + number % 9, "on_site", since
    if (
        kind.get("open_to_public") and area.area_kind != "village" and line["kind"] != "experience_hall"
    ):  # its register says
        venue.opening = "工作日 9:00–17:00"
    venue.codes = _codes(name, line.get("reprinted", False), since)
    return venue


def _place_type(kind: dict, area: Area) -> str:
    if kind.get("place_type_from_area"):
        return "community" if area.area_kind == "community" else "village"
    return kind["place_type"]


def _point(area: Area, number: int) -> tuple[int, int]:
    latitude, longitude = COMMITTEES[area.code.partition("-")[0]]["at"]
    metres, bearing = 70 + 37 * (number % 11), radians(number * GOLDEN)
    north, east = metres * cos(bearing), metres * sin(bearing) / cos(radians(latitude))
    return round(latitude * E7 + north * METRE_E7), round(longitude * E7 + east * METRE_E7)


def _codes(name: str, reprinted: bool, since: datetime) -> list[VenueCode]:
    new = VenueCode(id=uuid7(), code=code_of(name), version=2 if reprinted else 1, state="active", printed_at=since)
    old = VenueCode(id=uuid7(), code=code_of(name, "old"), version=1, state="retired", printed_at=since)
    return [old, new] if reprinted else [new]


def code_of(name: str, more: str = "") -> str:
    """The same eight characters on every run, so that a printed demo poster stays good."""
    drawn = hashlib.sha256(f"{name}{more}".encode()).digest()
    stem = "".join(ALPHABET[byte % len(ALPHABET)] for byte in drawn[: LENGTH - 1])
    return stem + check_character(stem)
