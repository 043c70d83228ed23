"""A calendar that other calendars subscribe to (RFC 5545): whole days with a title and a sentence, an alarm before."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

WIDTH = 73  # octets before a line is folded


@dataclass(frozen=True)
class Day:
    """uid stays the same for the same thing, so that a changed day moves; last is included; alarms: days before."""

    uid: str
    first: date
    last: date
    title: str
    text: str = ""
    alarms: tuple[int, ...] = field(default=())


def write_ics(name: str, days: Iterable[Day], now: datetime) -> str:
    """now: UTC, the stamp of this version."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//wujin-field//calendar//ZH", "CALSCALE:GREGORIAN", "METHOD:PUBLISH",
             f"X-WR-CALNAME:{_text(name)}", "X-WR-TIMEZONE:Asia/Shanghai", "REFRESH-INTERVAL;VALUE=DURATION:PT12H"]  # fmt: skip
    for day in days:
        lines += _event(day, now)
    return "".join(f"{_folded(line)}\r\n" for line in [*lines, "END:VCALENDAR"])


def _event(day: Day, now: datetime) -> list[str]:
    told = [f"DESCRIPTION:{_text(day.text)}"] if day.text else []
    alarms = [line for before in day.alarms for line in _alarm(day, before)]
    return [
        "BEGIN:VEVENT", f"UID:{day.uid}@wujin-field", f"DTSTAMP:{now.astimezone(UTC):%Y%m%dT%H%M%SZ}",
        f"DTSTART;VALUE=DATE:{day.first:%Y%m%d}", f"DTEND;VALUE=DATE:{day.last + timedelta(days=1):%Y%m%d}",
        f"SUMMARY:{_text(day.title)}", *told, "TRANSP:TRANSPARENT", *alarms, "END:VEVENT",
    ]  # fmt: skip


def _alarm(day: Day, before: int) -> list[str]:
    """At nine in the morning of that day."""
    hours = before * 24 - 9
    trigger = f"-PT{hours}H" if hours > 0 else f"PT{-hours}H"
    return ["BEGIN:VALARM", "ACTION:DISPLAY", f"DESCRIPTION:{_text(day.title)}", f"TRIGGER:{trigger}", "END:VALARM"]


def _text(said: str) -> str:
    escaped = said.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return "\\n".join(escaped.splitlines())


def _folded(line: str) -> str:
    """No line longer than 75 octets, and none cut inside a character."""
    parts: list[str] = []
    part = ""
    for char in line:
        if len((part + char).encode()) > WIDTH:
            parts, part = [*parts, part], ""
        part += char
    return "\r\n ".join([*parts, part])
