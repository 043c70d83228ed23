"""The papers of a month: what each village has, and the file to print."""

from dataclasses import dataclass
from io import BytesIO
from urllib.parse import quote

from flask import Response, abort, current_app, request
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from ...db import db, local_day, utc_now
from ...domain import load_pack
from ...evidence.pictures import Pictures, Unreadable
from ...models import Area, PlanTable, Unit
from ...reports.content import MonthlyReport, monthly_report
from ...reports.gather import month_facts
from ...reports.kinds import KINDS, NothingToPrint, read_month
from .. import guard
from ..pages import show
from . import station

COMMITTEES = ("village_committee", "community_committee")
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@dataclass(frozen=True)
class MonthLine:
    """What one village has for one month; short: entries with fewer pictures than the form shows."""

    unit: Unit
    entries: int
    pictures: int
    short: int


@station.get("/reports")
def reports() -> Response:
    typed = request.args.get("period", "")
    try:
        year, month = read_month(typed)
        wrong = False
    except ValueError:
        today = local_day(utc_now())
        year, month, wrong = today.year, today.month, bool(typed)
    return show("station/reports.html", period=f"{year}-{month:02}", lines=month_lines(year, month), typed=typed,
                wrong=wrong, planned=_planned(year))  # fmt: skip


@station.get("/reports/<code>/<period>/<kind>.docx")
def download(code: str, period: str, kind: str) -> Response:
    unit, out = _unit(code), BytesIO()
    if kind not in KINDS:
        abort(404)
    try:
        KINDS[kind](db.session(), load_pack(), unit, period, picture(current_app.extensions["pictures"]), out)
    except (ValueError, NothingToPrint):
        abort(404)
    response = Response(out.getvalue(), mimetype=DOCX)
    title = f"{unit.zh}{period}{load_pack().name('report', kind)}.docx"
    response.headers["Content-Disposition"] = (
        f"attachment; filename=\"{kind}-{code}-{period}.docx\"; filename*=UTF-8''{quote(title)}"
    )
    return response


def month_lines(year: int, month: int) -> list[MonthLine]:
    """One line per village and community in scope, in administrative order."""
    rows = (
        select(Unit).join(Area).where(Unit.unit_kind.in_(COMMITTEES), Unit.active, guard.within_scope(guard.person()))
    )
    units = db.session.scalars(rows.order_by(Area.path).options(joinedload(Unit.area)))
    return [_line(unit, year, month) for unit in units]


def picture(pictures: Pictures):
    """Bytes of a printable copy, or None when it cannot be had: the paper then says so in its place."""

    def copy(sha256: str) -> bytes | None:
        try:
            return pictures.copy(sha256, "page").read_bytes()
        except (FileNotFoundError, Unreadable):
            return None

    return copy


def _line(unit: Unit, year: int, month: int) -> MonthLine:
    pack = load_pack()
    layout = pack["report"]["annex2_monthly"]
    report: MonthlyReport = monthly_report(month_facts(db.session(), pack, unit, year, month), layout)
    entries = [entry for section in report.sections for entry in section.entries]
    short = sum(len(entry.pictures) < layout["photos_per_entry_expected"] for entry in entries)
    return MonthLine(unit, len(entries), sum(len(entry.pictures) for entry in entries), short)


def _planned(year: int) -> list[Unit]:
    """Units in scope whose plan table (annex 1) of that year can be printed."""
    has_table = select(PlanTable.unit_id).where(PlanTable.year == year)
    rows = select(Unit).join(Area).where(Unit.id.in_(has_table), guard.within_scope(guard.person()))
    return list(db.session.scalars(rows.order_by(Area.path)))


def _unit(code: str) -> Unit:
    rows = select(Unit).join(Area).where(Unit.code == code, guard.within_scope(guard.person()))
    unit = db.session.scalar(rows.options(joinedload(Unit.area)))
    if unit is None:
        abort(404)
    return unit
