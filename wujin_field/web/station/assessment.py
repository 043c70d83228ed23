"""考核: one score sheet per unit and period: the data beside the unit's own score and the checked one."""

from collections.abc import Mapping
from dataclasses import asdict

from flask import Response, abort, redirect, request
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from ...db import db, local_day, utc_now, writing
from ...domain import load_pack
from ...figures.assessment import (
    CHECKED,
    KINDS,
    Mark,
    grade,
    halves,
    marks,
    newest_sheet,
    published_total,
    sheet_period,
    total,
)
from ...figures.tallies import up_to_date
from ...models import Area, ScoreSheet, Unit
from ...models.journal import append_audit
from ...periods import Period, quarter_of, year_of
from .. import guard
from ..pages import show
from . import station

SELF = "self"


@station.get("/assessment")
@guard.also(*guard.UNIT_PAPERS)
def assessment() -> Response:
    """Units in administrative order, never by score."""
    today = local_day(utc_now())
    period = _period(request.args.get("period") or year_of(today).key)
    rows = select(Unit).join(Area).where(Unit.active, Unit.unit_kind.in_(KINDS), guard.within_units(guard.person()))
    units = list(db.session.scalars(rows.order_by(Area.path, Unit.code)))
    sheets = {unit.id: newest_sheet(db.session(), unit.id, period.key) for unit in units}
    choices = [year_of(today).key, quarter_of(today).key, quarter_of(quarter_of(today).first.replace(day=1)).key]
    return show("station/assessment/all.html", period=period, units=units, sheets=sheets, choices=dict.fromkeys(choices),
                totals={unit: published_total(sheet) for unit, sheet in sheets.items() if sheet})  # fmt: skip


@station.get("/assessment/<code>/<period>")
@guard.also(*guard.UNIT_PAPERS)
def score_sheet(code: str, period: str) -> Response:
    return _page(_unit(code), _period(period))


@station.post("/assessment/<code>/<period>")
@guard.also(*guard.UNIT_PAPERS)
def give_marks(code: str, period: str) -> Response:
    """The unit's own column, or the checker's: whoever may write one never touches the other."""
    unit, span = _unit(code), _period(period)
    column = _column(unit) or abort(403)
    given, wrong = _typed(column)
    if wrong:
        return _page(unit, span, wrong=wrong, status=422)
    with writing() as session:
        sheet = _open_sheet(session, unit, span)
        kept = {item: dict(line) for item, line in sheet.marks.items()}
        for item, line in given.items():
            kept[item] = {name: value for name, value in kept.get(item, {}).items() if name != column} | line
        sheet.marks, sheet.changed_at, sheet.changed_by_id = kept, utc_now(), guard.caller().person_id
    return redirect(f"/station/assessment/{code}/{period}", 303)  # type: ignore[return-value]


@station.post("/assessment/<code>/<period>/publish")
@guard.also(*guard.UNIT_PAPERS)
def publish_sheet(code: str, period: str) -> Response:
    """From now on this version stays as it is; the automatic marks are frozen with it."""
    unit, span = _unit(code), _period(period)
    if _column(unit) != CHECKED:
        abort(403)
    found = [asdict(mark) for mark in _marks(unit, span)]
    with writing() as session:
        sheet = _open_sheet(session, unit, span)
        sheet.frozen, sheet.published_at, sheet.published_by_id = found, utc_now(), guard.caller().person_id
        session.flush()
        append_audit(
            session, utc_now(), guard.caller().person_id, "published", "score_sheet", sheet.id, version=sheet.version
        )
    return redirect(f"/station/assessment/{code}/{period}", 303)  # type: ignore[return-value]


@station.post("/assessment/<code>/<period>/again")
@guard.also(*guard.UNIT_PAPERS)
def new_version(code: str, period: str) -> Response:
    """A published sheet turned out wrong: the next version begins where it stood, the old one is kept."""
    unit, span = _unit(code), _period(period)
    old = newest_sheet(db.session(), unit.id, span.key)
    if _column(unit) != CHECKED or old is None or not old.published_at:
        abort(403)
    with writing() as session:
        session.add(ScoreSheet(unit_id=unit.id, period=span.key, version=old.version + 1, marks=old.marks,
                               changed_by_id=guard.caller().person_id))  # fmt: skip
    return redirect(f"/station/assessment/{code}/{period}", 303)  # type: ignore[return-value]


def _page(unit: Unit, period: Period, wrong: Mapping[str, str] | None = None, status: int = 200) -> Response:
    pack, sheet = load_pack(), newest_sheet(db.session(), unit.id, period.key)
    published = sheet is not None and sheet.published_at is not None
    found = [Mark(**line) for line in sheet.frozen or []] if sheet and published else _marks(unit, period)
    given = {item: line[CHECKED] for item, line in (sheet.marks if sheet else {}).items() if CHECKED in line}
    points = total(found, given)
    return show(
        "station/assessment/sheet.html", status=status, unit=unit, period=period, sheet=sheet, published=published,
        groups=pack.files["assessment"]["group"], marks={mark.code: mark for mark in found}, points=points,
        grade=grade(pack, points) if points is not None else None, wrong=wrong or {}, typed=request.form,
        column="" if published else _column(unit), may_publish=_column(unit) == CHECKED, versions=_versions(unit, period),
        may_print=guard.caller().access in guard.ENTERS["station"] and "-" not in period.key,
        open_points=sum(mark.open for mark in found if mark.asked),
    )  # fmt: skip


def _marks(unit: Unit, period: Period) -> list[Mark]:
    up_to_date(load_pack())
    return marks(db.session(), load_pack(), unit, period, local_day(utc_now()))


def _typed(column: str) -> tuple[dict[str, dict], dict[str, str]]:
    """item → what was given for it, and item → what is wrong. An emptied field takes a mark back."""
    items = {item["code"]: item for group in load_pack().files["assessment"]["group"] for item in group["item"]}
    given: dict[str, dict] = {}
    wrong: dict[str, str] = {}
    for code, item in items.items():
        text = request.form.get(code, "").strip()
        note = request.form.get(f"{code}-note", "").strip()[:200]
        try:
            points = halves(float(text)) if text else None
        except (ValueError, OverflowError):
            points = -1
        if points is not None and not 0 <= points <= item["points"]:
            wrong[code] = "not_within"
            continue
        given[code] = ({column: points} if points is not None else {}) | ({"note": note} if column == CHECKED else {})
    return given, wrong


def _open_sheet(session: Session, unit: Unit, period: Period) -> ScoreSheet:
    sheet = newest_sheet(session, unit.id, period.key)
    if sheet is None:
        sheet = ScoreSheet(unit_id=unit.id, period=period.key, marks={}, changed_by_id=guard.caller().person_id)
        session.add(sheet)
    return abort(409) if sheet.published_at else sheet


def _versions(unit: Unit, period: Period) -> list[ScoreSheet]:
    rows = select(ScoreSheet).where(ScoreSheet.unit_id == unit.id, ScoreSheet.period == period.key)
    return list(db.session.scalars(rows.where(ScoreSheet.published_at.is_not(None)).order_by(ScoreSheet.version)))


def _column(unit: Unit) -> str:
    """The unit's own people give its own score, the supervisor checks; nobody else writes. Nobody checks the own unit alone."""
    who = guard.person()
    if who.access == "supervisor":
        return CHECKED
    return SELF if who.access in ("village_clerk", "reporter", "station_clerk") and who.unit_id == unit.id else ""


def _period(key: str) -> Period:
    try:
        return sheet_period(key)
    except ValueError:
        abort(404)


def _unit(code: str) -> Unit:
    rows = (
        select(Unit).join(Area).where(Unit.code == code, Unit.unit_kind.in_(KINDS), guard.within_units(guard.person()))
    )
    return db.session.scalar(rows.options(joinedload(Unit.area))) or abort(404)
