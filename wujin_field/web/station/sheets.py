"""表格导入导出: a template to fill in, a dry run with every bad row named, the import, and its undoing."""

from datetime import timedelta
from io import BytesIO
from urllib.parse import quote

from flask import Response, abort, redirect, request
from sqlalchemy import Select, select, update
from sqlalchemy.orm import joinedload, selectinload
from werkzeug.wrappers import Response as AnyResponse

from ...db import db, local_day, utc_now, writing
from ...domain import load_pack
from ...models import Area, Person, PersonArea, PlanRow, PlanTable, SheetImport, Unit, Venue
from ...models.people import DESK_ACCESS
from ...sheets import KINDS, check, import_rows
from ...sheets import undo as undo_import
from ...sheets.importing import words_of
from ...sheets.plan import PLAN_KINDS
from ...sheets.sentences import SENTENCES
from ...sheets.write import workbook
from .. import guard
from ..again import asks_again, asks_again_when
from ..pages import language, say, show
from . import station
from .jobs import Tell, start
from .scope import audit

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORM_OVERHEAD = 64 * 1024
WAITS = timedelta(days=2)  # a sheet that was checked and not imported: its rows are kept no longer
BACK = {"venues": "/station/venues", "people": "/station/people", "plan": "/station/plans"}


@station.get("/sheets/<sheet_kind>")
@guard.only("station_clerk")
def sheets(sheet_kind: str) -> Response:
    sheet = _sheet(sheet_kind)
    mine = _mine().where(SheetImport.kind == sheet_kind, SheetImport.state.in_(["imported", "undone"]))
    earlier = db.session.scalars(
        mine.order_by(SheetImport.made_at.desc()).limit(20).options(joinedload(SheetImport.who))
    )
    return show(
        "station/sheets/sheets.html", kind=sheet_kind, sheet=sheet, earlier=earlier.all(), back=BACK[sheet_kind]
    )


@station.post("/sheets/<sheet_kind>")
@guard.only("station_clerk")
def read_sheet(sheet_kind: str) -> AnyResponse:
    """The dry run: always first, and nothing but it."""
    sheet, limits = _sheet(sheet_kind), load_pack().files["sheets"]
    request.max_content_length = limits["file_bytes_max"] + FORM_OVERHEAD
    file = request.files.get("sheet")
    if not file or not file.filename:
        return show("station/sheets/sheets.html", status=422, kind=sheet_kind, sheet=sheet, earlier=[],
                    back=BACK[sheet_kind], wrong=say("请先选一个 .xlsx 文件。"))  # fmt: skip
    body, name = file.stream.read(), file.filename
    path, who = guard.scope_path(guard.person()), guard.caller().person_id

    def work(tell: Tell) -> dict:
        read = check(db.session(), load_pack(), sheet_kind, BytesIO(body), name, path, who, tell)
        with writing() as session:
            old = SheetImport.state == "checked", SheetImport.made_at < utc_now() - WAITS
            session.execute(update(SheetImport).where(*old).values(state="dropped", rows=[]))
            session.add(read)
            session.flush()
            return {"onward": f"/station/imports/{read.id}"}

    return start("check", say("正在检查“%(name)s”", name=name[:60]), work)


@station.get("/imports/<uuid:import_id>")
@guard.only("station_clerk")
def sheet_import(import_id: object) -> Response:
    found = _import(str(import_id))
    return _shown(found)


def gives_a_desk() -> bool:
    """Asked before the view: does one of the people in this sheet get more than a field worker's access?"""
    found = _import(str((request.view_args or {})["import_id"]))
    return found.kind == "people" and any(row["values"]["access"] in DESK_ACCESS for row in found.rows)


@station.post("/imports/<uuid:import_id>")
@guard.only("station_clerk")
@asks_again_when(gives_a_desk)
def take_rows(import_id: object) -> AnyResponse:
    """All of it, or none."""
    found, who = _import(str(import_id)), guard.caller().person_id
    if found.state != "checked" or found.problems:
        return redirect(f"/station/imports/{found.id}", 303)
    rows = found.new + found.changed
    sheet_id = found.id

    def work(tell: Tell) -> dict:
        tell(0, rows)
        with writing() as session:
            sheet = session.get_one(SheetImport, sheet_id, with_for_update=True)
            if sheet.state == "checked":
                import_rows(session, load_pack(), sheet, who)
        return {"onward": f"/station/imports/{sheet_id}"}

    return start("import", say("正在导入 %(n)s 行", n=rows), work)


@station.post("/imports/<uuid:import_id>/undo")
@guard.only("station_clerk")
def undo_rows(import_id: object) -> AnyResponse:
    with writing() as session:
        sheet = _import(str(import_id))
        if sheet.state != "imported":
            return redirect(f"/station/imports/{sheet.id}", 303)
        kept = undo_import(session, sheet, guard.caller().person_id)
    return _shown(_import(str(import_id)), kept=kept)


@station.get("/sheets/<sheet_kind>/template.xlsx")
@guard.only("station_clerk")
def sheet_template(sheet_kind: str) -> Response:
    sheet, pack = _sheet(sheet_kind), load_pack()
    words = words_of(db.session(), pack, guard.scope_path(guard.person()))
    body = workbook(sheet["zh"], sheet["columns"], [], words)
    return _file(body, f"{sheet['zh']}模板.xlsx", f"{sheet_kind}-template.xlsx")


@station.get("/sheets/<sheet_kind>/export.xlsx")
@guard.only("station_clerk")
@asks_again
def sheet_export(sheet_kind: str) -> Response:
    return exported(sheet_kind)


def exported(sheet_kind: str) -> Response:
    """What is there now, in the columns of the template: changed and imported again it is a change, unchanged nothing."""
    sheet = _sheet(sheet_kind)
    with writing() as session:
        audit(session, "exported", "sheet", sheet_kind)
    rows = EXPORTS[sheet_kind]()
    body = workbook(
        sheet["zh"], sheet["columns"], rows, words_of(db.session(), load_pack(), guard.scope_path(guard.person()))
    )
    return _file(body, f"{sheet['zh']}{local_day(utc_now())}.xlsx", f"{sheet_kind}.xlsx")


def sentence(problem: dict) -> str:
    text = say(SENTENCES[problem["code"]])
    return text % problem["values"] if problem["values"] else text


def _shown(found: SheetImport, kept: list[str] | None = None) -> Response:
    sheet = _sheet(found.kind)
    names = {column["zh"]: column["en"] if language() == "en" else column["zh"] for column in sheet["columns"]}
    problems = [(one["row"], names.get(one["column"], one["column"]), sentence(one)) for one in found.problems]
    return show(
        "station/sheets/import.html", sheet=sheet, found=found, problems=problems, kept=kept, back=BACK[found.kind]
    )


def _sheet(kind: str) -> dict:
    if kind not in KINDS:
        abort(404)
    return load_pack()["sheet"][kind]


def _import(import_id: str) -> SheetImport:
    mine = _mine().where(SheetImport.id == import_id).options(joinedload(SheetImport.who))
    return db.session.scalar(mine) or abort(404)


def _mine() -> Select:
    """Imports by people of the reader's own area."""
    whose = select(Person.id).join(Unit, Person.unit_id == Unit.id).join(Area, Unit.area_id == Area.id)
    return select(SheetImport).where(SheetImport.who_id.in_(whose.where(guard.within_scope(guard.person()))))


def _file(body: bytes, title: str, plain: str) -> Response:
    response = Response(body, mimetype=XLSX)
    response.headers["Content-Disposition"] = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(title)}"
    return response


def _venue_rows() -> list[dict[str, str]]:
    """Homes stay in the house (invariant C4.14)."""
    rows = select(Venue).join(Area).where(Venue.active, Venue.privacy == "open", guard.within_scope(guard.person()))
    rows = rows.order_by(Area.path, Venue.zh).options(joinedload(Venue.area), selectinload(Venue.codes))
    pack = load_pack()
    return [_venue_row(pack, venue) for venue in db.session.scalars(rows)]


def _venue_row(pack, venue: Venue) -> dict[str, str]:
    lat, lon = venue.lat_e7, venue.lon_e7
    return {
        "code": venue.code or "", "zh": venue.zh, "area": venue.area.zh, "kind": pack.name("venue_kind", venue.venue_kind),
        "place_type": pack.name("place_type", venue.place_type), "address": venue.address or "",
        "lat": "" if lat is None else f"{lat / 1e7:.7f}", "lon": "" if lon is None else f"{lon / 1e7:.7f}",
        "focus": "是" if venue.focus else "否", "contact_note": "",
    }  # fmt: skip


def _people_rows() -> list[dict[str, str]]:
    pack = load_pack()
    rows = select(Person).join(Unit, Person.unit_id == Unit.id).join(Area, Unit.area_id == Area.id)
    rows = rows.where(Person.active, guard.within_scope(guard.person())).order_by(Area.path, Person.name)
    found = list(db.session.scalars(rows.options(joinedload(Person.unit))))
    more = (
        select(PersonArea.person_id, Area.zh)
        .join(Area)
        .where(PersonArea.person_id.in_([person.id for person in found]))
    )
    areas: dict[str, list[str]] = {}
    for person_id, name in db.session.execute(more):
        areas.setdefault(person_id, []).append(name)
    return [{"name": person.name, "unit": person.unit.zh, "role": pack.name("field_role", person.field_role),
             "access": pack.name("access", person.access), "areas": "、".join(areas.get(person.id, []))}
            for person in found]  # fmt: skip


def _plan_rows() -> list[dict[str, str]]:
    """?year=, kind=, unit=: that year's, that kind's, that unit's alone."""
    year = request.args.get("year", type=int)
    asked = {PlanTable.year: year if year in range(2000, 2100) else None, PlanTable.kind: request.args.get("kind"),
             Unit.code: request.args.get("unit")}  # fmt: skip
    rows = select(PlanRow, Unit.zh, PlanTable.kind).join(PlanTable, PlanRow.plan_table_id == PlanTable.id)
    rows = rows.join(Unit, PlanTable.unit_id == Unit.id).join(Area, Unit.area_id == Area.id)
    rows = rows.where(PlanRow.cancelled_reason.is_(None), guard.within_scope(guard.person()))
    rows = rows.where(*(column == value for column, value in asked.items() if value))
    return [{"unit": unit, "first_day": str(row.first_day), "last_day": str(row.last_day), "targets": "、".join(row.targets),
             "focus": row.focus, "person": row.person, "kind": PLAN_KINDS[kind]}
            for row, unit, kind in db.session.execute(rows.order_by(Area.path, PlanRow.first_day))]  # fmt: skip


EXPORTS = {"venues": _venue_rows, "people": _people_rows, "plan": _plan_rows}
