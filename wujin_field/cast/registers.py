"""Small records of the town (registers.toml), so that no register and no paper that reads one is empty in the demo."""

import tomllib
from datetime import date, datetime, time, timedelta
from pathlib import Path

from sqlalchemy.orm import Session

from ..config import STATION_ZONE
from ..models import RegisterEntry, RegisterUnit
from .town import Town

LINES = tomllib.loads((Path(__file__).parent / "registers.toml").read_text(encoding="utf-8"))["entry"]


def keep_registers(session: Session, town: Town, today: date) -> None:
    """Add every line; the caller commits."""
    session.add_all(_entry(town, line, today) for line in LINES)


def _entry(town: Town, line: dict, today: date) -> RegisterEntry:
    day = today - timedelta(days=line["days"])
    written = datetime.combine(day, time(9, 30), STATION_ZONE)
    venue = town.venue(line["venue"]).id if "venue" in line else None
    named = [(field, town.units[code].id) for field, codes in line.get("units", {}).items() for code in codes]
    return RegisterEntry(
        kind=line["kind"], unit_id=town.units[line["unit"]].id, day=day, title=line["title"], venue_id=venue,
        values={code: _value(value, today) for code, value in line["values"].items()}, state=line.get("state", _start(line)),
        author_id=town.person("何敏").id, created_at=written, changed_at=written,
        units=[RegisterUnit(field=field, unit_id=unit) for field, unit in named],
    )  # fmt: skip


def _start(line: dict) -> str:
    return {"task": "handed_down"}.get(line["kind"], "")


def _value(value: object, today: date) -> object:
    """A day is told as an offset from today: "+6"."""
    return (today + timedelta(days=int(value))).isoformat() if isinstance(value, str) and value[:1] == "+" else value
