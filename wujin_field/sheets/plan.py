"""计划: rows of 附件1, a week each. The year's table of a unit is made when there is none yet."""

import re
from collections import defaultdict
from datetime import date, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ..db import local_day, utc_now, uuid7
from ..domain import Pack
from ..models import Area, PlanRow, PlanTable, RecordChange, Unit
from .checking import Checking, Names
from .read import day_of


class Plan(Checking):
    """One row: {unit, year, first_day, last_day, targets, focus, person}; days as 2026-12-06."""

    def begin(self, session: Session, pack: Pack, path: str) -> None:
        inside = select(Unit).join(Area).where(Area.path.startswith(path, autoescape=True), Unit.active)
        units = list(session.scalars(inside))
        self.units = Names((name, unit.id) for unit in units for name in (unit.zh, unit.code))
        weeks = select(PlanTable.unit_id, PlanRow.first_day).join(PlanRow, PlanRow.plan_table_id == PlanTable.id)
        mine = PlanTable.unit_id.in_([unit.id for unit in units]), PlanRow.cancelled_reason.is_(None)
        self.known = {tuple(row) for row in session.execute(weeks.where(*mine))}
        self.seen: dict[tuple, int] = {}
        self.today = local_day(utc_now())

    def row(self, cells: dict[str, str]) -> dict | None:
        unit, first, last = (
            self.one(self.units, cells, "unit"),
            self._day(cells, "first_day"),
            self._day(cells, "last_day"),
        )
        self.short(cells, targets=300, focus=300, person=60)
        if not (unit and first and last):
            return None
        if last < first:
            self.bad("last_day", "ends_first")
        if first.year != last.year and last - first > timedelta(days=7):
            self.bad("last_day", "two_years")
        if (earlier := self.seen.setdefault((unit, first), self.line)) != self.line:
            self.bad("first_day", "week_twice", row=earlier)
        elif (unit, first) in self.known:
            self.bad("first_day", "week_taken", day=first.isoformat())
        self.count("new")
        targets = [part.strip() for part in re.split("[、,，;；\n]", cells["targets"]) if part.strip()]
        return {"unit": unit, "year": first.year, "first_day": first.isoformat(), "last_day": last.isoformat(),
                "targets": targets, "focus": cells["focus"], "person": cells["person"]}  # fmt: skip

    def _day(self, cells: dict[str, str], key: str) -> date | None:
        day = day_of(cells[key]) if cells[key] else None
        if cells[key] and day is None:
            self.bad(key, "not_a_date", typed=cells[key][:20])
        elif day and abs(day.year - self.today.year) > 3:
            self.bad(key, "too_far")
        return day


def apply(session: Session, pack: Pack, rows: list[dict], who: str | None, import_id: str) -> None:
    by_table: dict[tuple[str, int], list[dict]] = defaultdict(list)
    for row in rows:
        by_table[row["unit"], row["year"]].append(row)
    for (unit, year), weeks in by_table.items():
        table = _table(session, unit, year)
        newest = select(func.max(PlanRow.cycle_no)).where(PlanRow.plan_table_id == table.id)
        number = session.scalar(newest) or 0
        for number, row in enumerate(sorted(weeks, key=lambda row: row["first_day"]), number + 1):  # noqa: B020
            week = PlanRow(
                id=uuid7(), plan_table_id=table.id, cycle_no=number, first_day=date.fromisoformat(row["first_day"]),
                last_day=date.fromisoformat(row["last_day"]), targets=row["targets"], focus=row["focus"], topics=[],
                person=row["person"], responsible_unit_id=unit,
            )  # fmt: skip
            session.add(week)
            session.add(RecordChange(kind="plan_row", subject_id=week.id, revision=1, what="imported", fields={},
                                     who_id=who, import_id=import_id))  # fmt: skip
        session.flush()


def _table(session: Session, unit: str, year: int) -> PlanTable:
    mine = PlanTable.unit_id == unit, PlanTable.year == year, PlanTable.kind == "fire"
    table = session.scalar(select(PlanTable).where(*mine).order_by(PlanTable.version.desc()).limit(1))
    if table is None:
        table = PlanTable(id=uuid7(), unit_id=unit, year=year)
        session.add(table)
        session.flush()
    return table
