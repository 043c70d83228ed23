"""What is due when, and who has sent it: the statutory papers of quotas.toml, one standing for each unit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ..db import local_day, utc_now
from ..domain import Pack
from ..models import ActivityTally, PlanRow, PlanTable, Submission, Unit
from ..periods import Period, half_years, month_of, quarter_of, span_of, year_of

WAYS = ("paper", "electronic")


@dataclass(frozen=True)
class Due:
    """One paper for one period; due is the last day that is in time (28日前 holds the 28th)."""

    deadline: Mapping
    period: Period
    due: date

    @property
    def code(self) -> str:
        return self.deadline["code"]

    @property
    def opens(self) -> date:
        """When it begins to be shown as something to do."""
        early = [*self.deadline.get("remind_days_before", []), self.deadline.get("open_days_before", 0)]
        return self.due - timedelta(days=max([10, *early]))

    def days_left(self, today: date) -> int:
        """0 on the day itself, negative when it is over."""
        return (self.due - today).days


@dataclass(frozen=True)
class Standing:
    """How one unit stands: what came in which way on which day. on_time counts what the deadline asks for."""

    unit: Unit
    due: Due
    paper: date | None = None
    electronic: date | None = None

    @property
    def sent(self) -> date | None:
        """The day from which it is in: the earlier way, or the later where both are asked for (R115)."""
        days = [day for day in (self.paper, self.electronic) if day]
        if not days or (set(self.due.deadline.get("copies", [])) == set(WAYS) and len(days) < 2):
            return None
        return max(days) if "copies" in self.due.deadline else min(days)

    def state(self, today: date) -> str:
        """on_time, late, overdue (not there and past), open (not there, still time)."""
        if self.sent:
            return "on_time" if self.sent <= self.due.due else "late"
        return "overdue" if today > self.due.due else "open"

    @property
    def days_late(self) -> int:
        return max(0, (self.sent - self.due.due).days) if self.sent else 0


def dues_of_year(pack: Pack, year: int) -> list[Due]:
    """Every paper that is due in this calendar year, in order of time; none before its first period (R161)."""
    found = [due for deadline in pack["deadline"].values() for due in _dues(pack, deadline, year)]
    return sorted((due for due in found if due.due.year == year), key=lambda due: (due.due, due.code))


def dues_around(pack: Pack, today: date) -> list[Due]:
    """Of the year before, this and the next: what December left undone is not forgotten in January."""
    return [due for year in (today.year - 1, today.year, today.year + 1) for due in dues_of_year(pack, year)]


def work_began(session: Session) -> date:
    """The day of the first activity of all, or today."""
    return session.scalar(select(func.min(ActivityTally.day))) or local_day(utc_now())


def duty_began(session: Session, unit: Unit) -> date:
    """The day entered for the unit, else when all began: nothing is asked for before (R161)."""
    return unit.begun_on or work_began(session)


def _dues(pack: Pack, deadline: Mapping, year: int) -> list[Due]:
    kind, _, code = deadline["period_key"].partition(":")
    if kind == "month":
        months = [month_of(date(year, month, 1)) for month in range(1, 13)]
        return [Due(deadline, month, month.first.replace(day=deadline["due_day"])) for month in months
                if month.key >= deadline.get("first_period", "")]  # fmt: skip
    if "due_days_after_period" in deadline:
        whole = [quarter_of(date(y, m, 1)) for y in (year - 1, year) for m in (1, 4, 7, 10)]
        whole = whole if kind == "quarter" else [year_of(date(y, 1, 1)) for y in (year - 1, year)]
        return [Due(deadline, one, one.last + timedelta(days=deadline["due_days_after_period"])) for one in whole]
    if "due" not in deadline:
        return []
    month, day = map(int, deadline["due"].split("-"))
    period = _period(pack, kind, code, deadline, year)
    return [Due(deadline, period, date(year, month, day))]


def _period(pack: Pack, kind: str, code: str, deadline: Mapping, year: int) -> Period:
    if kind == "campaign":
        return span_of(pack, code, year)
    if kind == "half_year":
        return half_years(pack, year)[0 if deadline["due"] < "07" else 1]
    return year_of(date(year, 1, 1))


def asked(due: Due, unit: Unit) -> bool:
    return unit.unit_kind in (due.deadline.get("each") or [due.deadline.get("subject")])


def standings(session: Session, pack: Pack, dues: Sequence[Due], units: Sequence[Unit]) -> list[Standing]:
    """One for each due paper and each unit that owes it, in the order given; none that was due before its duty began."""
    receipts, plans = _receipts(session, units), _plans(session, units)
    first = work_began(session)
    return [
        _standing(due, unit, receipts.get((unit.id, due.code, due.period.key)), plans)
        for due in dues
        for unit in units
        if asked(due, unit) and due.due >= (unit.begun_on or first)
    ]


def _standing(due: Due, unit: Unit, receipt: Submission | None, plans: Mapping) -> Standing:
    if due.code == "plan_table":
        paper, electronic, sent = plans.get((unit.id, due.period.first.year), (None, None, None))
        return Standing(unit, due, paper, electronic or sent)
    return Standing(unit, due, receipt.paper_at, receipt.electronic_at) if receipt else Standing(unit, due)


def _receipts(session: Session, units: Sequence[Unit]) -> dict[tuple[str, str, str], Submission]:
    rows = select(Submission).where(Submission.unit_id.in_([unit.id for unit in units]))
    return {(row.unit_id, row.deadline, row.period): row for row in session.scalars(rows)}


def _plans(session: Session, units: Sequence[Unit]) -> dict:
    """A plan that was sent and holds a row (D, R159): (unit id, year) → paper, electronic, sent in here."""
    has_row = select(PlanRow.id).where(PlanRow.plan_table_id == PlanTable.id).exists()
    rows = select(PlanTable).where(PlanTable.unit_id.in_([unit.id for unit in units]), has_row)
    rows = rows.where(PlanTable.submitted_at.is_not(None), PlanTable.kind == "fire")
    return {(row.unit_id, row.year): (row.paper_at, row.electronic_at, local_day(row.submitted_at))
            for row in session.scalars(rows) if row.submitted_at}  # fmt: skip
