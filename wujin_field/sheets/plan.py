"""计划: rows of 附件1, a week each. The year's table of a unit is made when there is none yet."""

import re
from collections import defaultdict
from datetime import date, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ..db import local_day, utc_now, uuid7
from ..domain import Pack
from ..models import Area, PlanRow, PlanTable, RecordChange, Unit
from ..models.changes import change
from .checking import Checking, Names
from .read import day_of

PLAN_KINDS = {"fire": "消防", "forest": "森林草原防火", "safety": "安全生产"}


class Plan(Checking):
    """One row: {row (of the week that stands, or None), unit, kind, year, first_day, values}; days as 2026-12-06."""

    def begin(self, session: Session, pack: Pack, path: str) -> None:
        inside = select(Unit).join(Area).where(Area.path.startswith(path, autoescape=True), Unit.active)
        units = list(session.scalars(inside))
        self.units = Names((name, unit.id) for unit in units for name in (unit.zh, unit.code))
        self.kinds = Names((name, kind) for kind, zh in PLAN_KINDS.items() for name in (zh, kind))
        weeks = select(PlanTable.unit_id, PlanTable.kind, PlanRow).join(PlanRow, PlanRow.plan_table_id == PlanTable.id)
        mine = PlanTable.unit_id.in_([unit.id for unit in units]), PlanRow.cancelled_reason.is_(None)
        self.known = {(unit, kind, row.first_day): row for unit, kind, row in session.execute(weeks.where(*mine))}
        self.seen: dict[tuple, int] = {}
        self.today = local_day(utc_now())

    def row(self, cells: dict[str, str]) -> dict | None:
        unit, first, last = (
            self.one(self.units, cells, "unit"),
            self._day(cells, "first_day"),
            self._day(cells, "last_day"),
        )
        kind = self.one(self.kinds, cells, "kind") if cells["kind"] else "fire"
        self.short(cells, targets=300, focus=300, person=60)
        if not (unit and first and last and kind):
            return None
        if last < first:
            self.bad("last_day", "ends_first")
        if first.year != last.year and last - first > timedelta(days=7):
            self.bad("last_day", "two_years")
        if (earlier := self.seen.setdefault((unit, kind, first), self.line)) != self.line:
            self.bad("first_day", "week_twice", row=earlier)
        targets = [part.strip() for part in re.split("[、,，;；\n]", cells["targets"]) if part.strip()]
        values = {"last_day": last.isoformat(), "targets": targets, "focus": cells["focus"], "person": cells["person"]}
        known = self.known.get((unit, kind, first))
        self.count("new" if known is None else "changed" if differs(known, values) else "same")
        return {"row": known.id if known else None, "unit": unit, "kind": kind, "year": first.year,
                "first_day": first.isoformat(), "values": values}  # fmt: skip

    def _day(self, cells: dict[str, str], key: str) -> date | None:
        day = day_of(cells[key]) if cells[key] else None
        if cells[key] and day is None:
            self.bad(key, "not_a_date", typed=cells[key][:20])
        elif day and abs(day.year - self.today.year) > 3:
            self.bad(key, "too_far")
        return day


def differs(row: PlanRow, values: dict) -> bool:
    return any(str(getattr(row, name)) != str(value) for name, value in values.items())


def apply(session: Session, pack: Pack, rows: list[dict], who: str | None, import_id: str) -> None:
    """A week that stands is changed, with its history; a new one is put into the year's table."""
    by_table: dict[tuple[str, int, str], list[dict]] = defaultdict(list)
    for row in rows:
        values = row["values"] | {"last_day": date.fromisoformat(row["values"]["last_day"])}
        if row["row"]:
            change(session, session.get_one(PlanRow, row["row"]), values, who, what="imported", import_id=import_id)
        else:
            by_table[row["unit"], row["year"], row["kind"]].append(row | {"values": values})
    for (unit, year, kind), weeks in by_table.items():
        _add_weeks(session, _table(session, unit, year, kind), weeks, who, import_id)


def _add_weeks(session: Session, table: PlanTable, weeks: list[dict], who: str | None, import_id: str) -> None:
    newest = session.scalar(select(func.max(PlanRow.cycle_no)).where(PlanRow.plan_table_id == table.id)) or 0
    for number, row in enumerate(sorted(weeks, key=lambda row: row["first_day"]), newest + 1):
        week = PlanRow(id=uuid7(), plan_table_id=table.id, cycle_no=number, topics=[], responsible_unit_id=table.unit_id,
                       first_day=date.fromisoformat(row["first_day"]), **row["values"])  # fmt: skip
        session.add(week)
        session.add(RecordChange(kind="plan_row", subject_id=week.id, revision=1, what="imported", fields={},
                                 who_id=who, import_id=import_id))  # fmt: skip
    session.flush()


def _table(session: Session, unit: str, year: int, kind: str) -> PlanTable:
    mine = PlanTable.unit_id == unit, PlanTable.year == year, PlanTable.kind == kind
    table = session.scalar(select(PlanTable).where(*mine).order_by(PlanTable.version.desc()).limit(1))
    if table is None:
        table = PlanTable(id=uuid7(), unit_id=unit, year=year, kind=kind)
        session.add(table)
        session.flush()
    return table
