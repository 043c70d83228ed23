"""The papers of a month: what each village has, and the file to print."""

from dataclasses import dataclass
from io import BytesIO
from tempfile import TemporaryFile
from urllib.parse import quote
from zipfile import ZipFile

from flask import Response, abort, current_app, request, send_file
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from ...db import db, local_day, utc_now
from ...domain import load_pack
from ...models import Area, PlanTable, Unit
from ...reports.content import MonthlyReport, monthly_report
from ...reports.gather import month_facts
from ...reports.handing_in import current
from ...reports.kinds import KINDS, Ask, NothingToPrint, write
from ...reports.periods import read_month
from ...reports.printing import printed
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
    unit = _unit(code)
    body = _written(unit, period, kind) or abort(404)
    response = Response(body, mimetype=DOCX)
    return _named(response, f"{kind}-{code}-{period}.docx", _title(unit, period, kind))


@station.get("/reports/<period>/<kind>.zip")
def download_all(period: str, kind: str) -> Response:
    """The same paper of every village and community in scope, in administrative order, one file each."""
    bundle = TemporaryFile()  # noqa: SIM115  # send_file closes it
    with ZipFile(bundle, "w") as papers:  # a .docx is a zip already: nothing is gained by packing it twice
        for unit in _committees():
            if body := _written(unit, period, kind):
                papers.writestr(_title(unit, period, kind), body)
    if not papers.namelist():
        abort(404)
    bundle.seek(0)
    response = send_file(bundle, mimetype="application/zip")
    return _named(response, f"{kind}-{period}.zip", f"{period}{load_pack().name('report', kind)}.zip")


def _written(unit: Unit, period: str, kind: str) -> bytes | None:
    """The paper, or None where there is none for this period."""
    out, pictures = BytesIO(), printed(current_app.extensions["pictures"])
    if kind not in KINDS:
        abort(404)
    try:
        ask = Ask(db.session(), load_pack(), kind, unit, period)
        write(current(ask, current_app.config["SETTINGS"]), "docx", pictures, out)
    except NothingToPrint:
        return None
    except ValueError:
        abort(404)
    return out.getvalue()


def _title(unit: Unit, period: str, kind: str) -> str:
    return f"{unit.zh}{period}{load_pack().name('report', kind)}.docx"


def _named(response: Response, plain: str, title: str) -> Response:
    disposition = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(title)}"
    response.headers["Content-Disposition"] = disposition
    return response


def month_lines(year: int, month: int) -> list[MonthLine]:
    """One line per village and community in scope, in administrative order."""
    return [_line(unit, year, month) for unit in _committees()]


def _committees() -> list[Unit]:
    rows = select(Unit).join(Area).where(Unit.unit_kind.in_(COMMITTEES), Unit.active)
    rows = rows.where(guard.within_scope(guard.person())).order_by(Area.path)
    return list(db.session.scalars(rows.options(joinedload(Unit.area))))


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
