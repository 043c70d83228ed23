"""One plan table, edited where it stands: rows by typed weeks, copied, filled, cancelled, undone; activities tapped to rows."""

from collections.abc import Callable
from datetime import date, timedelta

from flask import Response, abort, redirect, request
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload
from werkzeug.wrappers import Response as AnyResponse

from ...db import db, local_day, utc_now, uuid7, writing
from ...domain import load_pack
from ...figures.plans import standing_of
from ...figures.tallies import up_to_date
from ...models import Activity, ActivityLink, Area, PlanRow, PlanTable, TallyUnit, Unit
from ...models.changes import Overtaken
from ...models.journal import append_audit
from ...models.naming import clean
from ...models.plans import add_row, change_row, last_step, renumber, undo
from ...periods import month_of
from ...reports.weeks import report_weeks
from .. import guard
from ..pages import show
from . import station
from .plan_form import Wrong, month_asked, row_values
from .scope import units_in_scope

BASIS_MAX = 100
Act = Callable[[Session, PlanTable, str], None]


@station.get("/plans/<uuid:plan_id>")
def plan(plan_id: str) -> Response:
    """?edit=<row>: that row as a form. The whole page, or the rows alone for htmx."""
    return _shown(_find(str(plan_id)), editing=request.args.get("edit", ""))


@station.post("/plans/<uuid:plan_id>/rows")
def add_plan_row(plan_id: str) -> AnyResponse:
    """The week after the last row, empty but for the unit's own name; opened for writing."""
    made: list[str] = []

    def act(session: Session, table: PlanTable, who: str) -> None:
        first = max(
            (row.last_day for row in table.rows), default=date(table.year, 1, 1) - timedelta(days=1)
        ) + timedelta(days=1)
        values = {"first_day": first, "last_day": first + timedelta(days=6), "targets": [table.unit.area.zh]}
        made.append(add_row(session, table, {**values, "responsible_unit_id": table.unit_id}, who, uuid7()).id)

    return _done(str(plan_id), act, lambda: made[0])


@station.post("/plans/<uuid:plan_id>/rows/<uuid:row_id>")
def save_plan_row(plan_id: str, row_id: str) -> AnyResponse:
    table, row_id = _find(str(plan_id)), str(row_id)
    try:
        values = row_values(units_in_scope())
        seen = int(request.form.get("seen", "0") or 0) or None
        return _done(table.id, lambda session, table, who: change_row(session, _row(table, row_id), values, who, seen))
    except Wrong as wrong:
        return _shown(_find(table.id), 422, editing=row_id, wrong=wrong.field)
    except ValueError:
        return _shown(_find(table.id), 422, editing=row_id, wrong="last_day")
    except Overtaken as overtaken:
        return _shown(_find(table.id), 409, editing=row_id, overtaken=overtaken)


@station.post("/plans/<uuid:plan_id>/rows/<uuid:row_id>/cancel")
def cancel_plan_row(plan_id: str, row_id: str) -> AnyResponse:
    """A clerk may only cancel, with a reason; an empty reason takes a cancelled row back."""
    table, reason = _find(str(plan_id)), request.form.get("reason", "").strip()
    if not reason and _row(table, str(row_id)).cancelled_reason is None:
        return _shown(table, 422, editing=str(row_id), wrong="reason")
    values = {"cancelled_reason": reason or None}
    return _done(
        table.id,
        lambda session, table, who: change_row(session, _row(table, str(row_id)), values, who, None, "cancelled"),
    )


@station.post("/plans/<uuid:plan_id>/copy")
def copy_plan_month(plan_id: str) -> AnyResponse:
    """The rows of the month before, week by week, onto the weeks of this month that have none yet."""
    month = month_asked()

    def act(session: Session, table: PlanTable, who: str) -> None:
        before, step = month_of(month.first - timedelta(days=1)), uuid7()
        old = [row for row in table.rows if row.first_day in before and row.cancelled_reason is None]
        free = _free_weeks(table, month.first)
        for row, week in zip(old, free, strict=False):
            add_row(
                session, table, _copied(row) | {"first_day": week.first, "last_day": week.last}, who, step, "copied"
            )
        renumber(table.rows)

    return _done(str(plan_id), act)


@station.post("/plans/<uuid:plan_id>/fill")
def fill_plan_month(plan_id: str) -> AnyResponse:
    """One row for every week that has none; the lines of `pattern` in turn are what it is about."""
    month, start = month_asked(), request.form.get("week_start", "")
    lines = [line.strip() for line in request.form.get("pattern", "").splitlines() if line.strip()][:60]
    person = request.form.get("person", "").strip()[:60]

    def act(session: Session, table: PlanTable, who: str) -> None:
        step = uuid7()
        for number, week in enumerate(_free_weeks(table, month.first, start)):
            focus = lines[number % len(lines)] if lines else ""
            values = {"first_day": week.first, "last_day": week.last, "targets": [table.unit.area.zh], "focus": focus}
            add_row(
                session, table, values | {"person": person, "responsible_unit_id": table.unit_id}, who, step, "filled"
            )
        renumber(table.rows)

    return _done(str(plan_id), act)


@station.post("/plans/<uuid:plan_id>/undo")
def undo_plan(plan_id: str) -> AnyResponse:
    return _done(str(plan_id), lambda session, table, who: renumber(table.rows) if undo(session, table) else None)


@station.post("/plans/<uuid:plan_id>/send")
def send_plan(plan_id: str) -> AnyResponse:
    """Handed in; and the days on which paper and file arrived."""

    def act(session: Session, table: PlanTable, who: str) -> None:
        if not table.rows:
            return
        today = local_day(utc_now())
        table.submitted_at = table.submitted_at or utc_now()
        for way in ("paper_at", "electronic_at"):
            if request.form.get(way):
                setattr(table, way, today)
        append_audit(session, utc_now(), who, "sent", "plan", table.id)

    return _done(str(plan_id), act)


@station.post("/plans/<uuid:plan_id>/basis")
def note_basis(plan_id: str) -> AnyResponse:
    """The paper that the plan follows: its name or number, as the superior wrote it."""
    said = clean(request.form.get("basis_doc", ""))[:BASIS_MAX]

    def act(session: Session, table: PlanTable, who: str) -> None:
        table.basis_doc = said or None
        append_audit(session, utc_now(), who, "changed", "plan", table.id, field="basis_doc")

    return _done(str(plan_id), act)


@station.post("/plans/<uuid:plan_id>/links")
def link_activity(plan_id: str) -> AnyResponse:
    """A tap: this activity fulfils that row; or none; or as the rule proposes."""
    said, activity_id = request.form.get("row", ""), request.form.get("activity", "")

    def act(session: Session, table: PlanTable, who: str) -> None:
        mine = TallyUnit.activity_id == Activity.id, TallyUnit.unit_id == table.unit_id
        if (
            session.scalar(select(Activity.id).join(TallyUnit, mine[0]).where(mine[1], Activity.id == activity_id))
            is None
        ):
            abort(404)
        link = session.get(ActivityLink, activity_id)
        if said == "rule":
            return session.delete(link) if link else None
        row_id = None if said == "none" else _row(table, said).id
        if link:
            link.plan_row_id, link.by_id = row_id, who
        else:
            session.add(ActivityLink(activity_id=activity_id, plan_row_id=row_id, by_id=who))
        return None

    return _done(str(plan_id), act)


def _done(plan_id: str, act: Act, editing: Callable[[], str] | None = None) -> AnyResponse:
    """Do it in one transaction, then show the rows (htmx), or come back to the page."""
    _find(plan_id)
    with writing() as session:
        act(session, _find(plan_id), guard.person().id)
    row = editing() if editing else ""
    if request.headers.get("HX-Request"):
        return _shown(_find(plan_id), editing=row)
    return redirect(f"/station/plans/{plan_id}" + (f"?edit={row}#row-{row}" if row else ""))


def _shown(
    table: PlanTable, status: int = 200, editing: str = "", wrong: str = "", overtaken: Overtaken | None = None
) -> Response:
    up_to_date(load_pack())
    table = _find(table.id)
    rows, loose = standing_of(db.session(), load_pack(), table, local_day(utc_now()))
    return show(
        "station/plan.html", "station/_plan_rows.html", status=status, table=table, rows=rows, loose=loose, editing=editing,
        wrong=wrong, overtaken=overtaken, units=units_in_scope(), step=last_step(db.session(), table),
        topics=load_pack()["topic"], months=[date(table.year, month, 1) for month in range(1, 13)],
        this_month=max(date(table.year, 1, 1), min(local_day(utc_now()), date(table.year, 12, 1))).replace(day=1),
    )  # fmt: skip


def _find(plan_id: str) -> PlanTable:
    rows = select(PlanTable).join(Unit).join(Area, Area.id == Unit.area_id).where(PlanTable.id == plan_id)
    rows = rows.where(guard.within_scope(guard.person()))
    whole = joinedload(PlanTable.unit).joinedload(Unit.area), selectinload(PlanTable.rows)
    return db.session.scalar(rows.options(*whole)) or abort(404)


def _row(table: PlanTable, row_id: str) -> PlanRow:
    return next((row for row in table.rows if row.id == row_id), None) or abort(404)


def _copied(row: PlanRow) -> dict:
    names = (
        "targets",
        "focus",
        "topics",
        "person",
        "lead_person_id",
        "lead_unit_id",
        "cooperating",
        "responsible_unit_id",
    )
    return {name: getattr(row, name) for name in names}


def _free_weeks(table: PlanTable, month: date, start: str = ""):
    """The report weeks of this month on which no row begins yet."""
    start = start if start in ("monday", "sunday") else load_pack().files["quotas"]["report_week_start"]
    begun = [row.first_day for row in table.rows]
    return [week for week in report_weeks(month.year, month.month, start) if not any(day in week for day in begun)]
