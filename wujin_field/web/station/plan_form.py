"""What somebody typed into a row of the plan: days, places, words; a fault names its field."""

import re
from collections.abc import Sequence
from datetime import date

from flask import abort, request

from ...domain import load_pack
from ...models import Unit
from ...periods import Period, month_of

LONG = 300


class Wrong(Exception):
    """The field that cannot be what was typed."""

    def __init__(self, field: str):
        super().__init__(field)
        self.field = field


def row_values(units: Sequence[Unit]) -> dict:
    """The columns of a plan row. Raises Wrong."""
    first, last = _day("first_day"), _day("last_day")
    if last < first:
        raise Wrong("last_day")
    targets = [part for part in re.split(r"[、，,;；\n]+", request.form.get("targets", "")) if part.strip()]
    topics = [code for code in request.form.getlist("topics") if code in load_pack()["topic"]]
    return {
        "first_day": first, "last_day": last, "targets": [part.strip()[:LONG] for part in targets][:40] or _wrong("targets"),
        "focus": _text("focus"), "person": _text("person"), "cooperating": _text("cooperating"), "topics": topics,
        "lead_unit_id": _unit("lead_unit", units), "responsible_unit_id": _unit("responsible_unit", units),
    }  # fmt: skip


def month_asked() -> Period:
    """`month` as 2026-11; 404 for what is none."""
    found = re.fullmatch(r"(2\d{3})-(0[1-9]|1[0-2])", request.form.get("month", ""))
    return month_of(date(int(found[1]), int(found[2]), 1)) if found else abort(404)


def _day(name: str) -> date:
    try:
        return date.fromisoformat(request.form.get(name, ""))
    except ValueError:
        return _wrong(name)


def _wrong(name: str):
    raise Wrong(name)


def _text(name: str) -> str:
    return request.form.get(name, "").strip()[:LONG]


def _unit(name: str, units: Sequence[Unit]) -> str | None:
    return next((unit.id for unit in units if unit.code == request.form.get(name)), None)
