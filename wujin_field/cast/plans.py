"""Annex 1 of every committee: a row per report week of the two months that the demo shows."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from ..config import STATION_ZONE
from ..db import uuid7
from ..models import PlanRow, PlanTable, Unit
from ..periods import Span
from ..reports.weeks import report_weeks

if TYPE_CHECKING:
    from .town import Town

TOPICS = [
    ["fire_safety", "winter_heating"],
    ["self_rescue"],
    ["ebike", "fire_lane"],
    ["electric"],
    ["live_work", "law"],
]


def plan_tables(town: "Town", committees: dict[str, dict], today: date) -> Iterator[PlanTable]:
    """One table per committee and year; two years when last month was December."""
    before = today.replace(day=1) - timedelta(days=1)
    spans = [*report_weeks(before.year, before.month, "sunday"), *report_weeks(today.year, today.month, "sunday")]
    for code, line in committees.items():
        for year in sorted({span.first.year for span in spans}):
            yield _table(town, town.units[code], line, [span for span in spans if span.first.year == year])


def _table(town: "Town", unit: Unit, line: dict, spans: list[Span]) -> PlanTable:
    sent = spans[0].first - timedelta(days=9)
    rows = [_row(town, unit, line, number, span) for number, span in enumerate(spans)]
    return PlanTable(
        id=uuid7(), unit_id=unit.id, year=spans[0].first.year, basis_doc="消防宣传“五进”工作方案", rows=rows,
        submitted_at=datetime.combine(sent, time(16, 20), STATION_ZONE), electronic_at=sent, paper_at=sent,
    )  # fmt: skip


def _row(town: "Town", unit: Unit, line: dict, number: int, span: Span) -> PlanRow:
    turn, who = number % len(line["focus"]), line["volunteer"] if number % 2 else line["clerk"]
    return PlanRow(
        id=uuid7(), cycle_no=number + 1, first_day=span.first, last_day=span.last, targets=[_short(unit)],
        focus=line["focus"][turn], topics=TOPICS[turn], person=who, lead_person_id=town.people[who].id,
        responsible_unit_id=unit.id,
    )  # fmt: skip


def _short(unit: Unit) -> str:
    """As the blank form writes them: XXX社区, XXX村委会."""
    return unit.area.zh + ("委会" if unit.unit_kind == "village_committee" else "")
