"""今日抽查: a batch as it was drawn, what is left of it, and what follows from it."""

from flask import Response, abort, redirect, request
from sqlalchemy import select
from werkzeug.wrappers import Response as AnyResponse

from ... import review
from ...db import db, local_day, utc_now, writing
from ...models import Area, Batch, CallBack, HazardAudit, Unit, Visit
from ...models.journal import seal
from ...models.organisation import station_above
from ...models.rulings import state_of
from ...periods import NoPeriod, week_before
from ...review import agenda, audits
from .. import guard
from ..pages import say, show
from . import supervisor

OUTCOMES = ("confirmed", "not_confirmed", "not_reached")
BULK_MOST = 50  # rulings in one transaction
NOTE_MAX = 500


@supervisor.post("/batches")
def draw() -> AnyResponse:
    """Draw last week's, or the period that is asked for: first drawn, then looked at."""
    period = request.form.get("period") or week_before(local_day(utc_now()))
    try:
        with writing() as session:
            unit = _unit(session)
            batch_id = review.draw(session, unit, period, who=guard.caller().person_id).id
    except NoPeriod:
        abort(400)
    except review.NothingToDraw:
        return redirect(f"/supervisor/?nothing={period}", 303)
    return redirect(f"/supervisor/batches/{batch_id}", 303)


@supervisor.get("/batches/<uuid:batch_id>")
def batch(batch_id: object) -> Response:
    return _shown(_find(str(batch_id)))


@supervisor.post("/batches/<uuid:batch_id>/close")
def close(batch_id: object) -> AnyResponse:
    found = _find(str(batch_id))
    try:
        with writing() as session:
            review.close(session, session.get_one(Batch, found.id), guard.caller().person_id)
    except review.NotDone:
        return _shown(_find(str(batch_id)), 409, say("还有没看完的，看完才能结束。"))
    return redirect(f"/supervisor/batches/{batch_id}?done=closed", 303)


@supervisor.post("/batches/<uuid:batch_id>/accept")
def accept(batch_id: object) -> AnyResponse:
    """Several at once, and only those that nothing speaks against."""
    found, chosen = _find(str(batch_id)), set(request.form.getlist("visit"))
    lines = agenda.agenda(db.session(), found, guard.person())
    ids = [line.visit.id for line in lines if line.plain and line.visit.id in chosen][:BULK_MOST]
    with writing() as session:
        for visit_id in ids:
            review.rule(session, session.get_one(Visit, visit_id), guard.person(), "pass")
    return redirect(f"/supervisor/batches/{batch_id}?accepted={len(ids)}", 303)


@supervisor.get("/followups")
def followups() -> Response:
    """退回的, 与记录不符的, 要回访的: what waits for somebody else, and for how long."""
    scope, now = guard.within_scope(guard.person()), utc_now()
    return show(
        "supervisor/followups.html", returns=review.open_returns(db.session(), scope, now), today=local_day(now),
        disputes=agenda.disputes(db.session(), scope, guard.person(), now), outcomes=OUTCOMES,
        call_backs=agenda.open_call_backs(db.session(), scope), audits=audits.open_audits(db.session(), scope),
    )  # fmt: skip


@supervisor.post("/audits/<uuid:audit_id>")
def audit(audit_id: object) -> AnyResponse:
    """What was found where a hazard had been closed; one that was not put right is open again."""
    note = request.form.get("note", "").strip()[:NOTE_MAX]
    with writing() as session:
        rows = audits.audits_in(guard.within_scope(guard.person())).where(HazardAudit.id == str(audit_id))
        row = session.scalar(rows) or abort(404)
        try:
            audits.answer(session, row, guard.person(), request.form.get("outcome", ""), note, utc_now())
        except KeyError:
            abort(400)
        except review.NotYours:
            abort(403)
    return redirect("/supervisor/followups?done=1", 303)


@supervisor.post("/callbacks/<uuid:call_back_id>")
def call_back(call_back_id: object) -> AnyResponse:
    """What the venue said on the telephone, or what was found there."""
    outcome, now = request.form.get("outcome", ""), utc_now()
    with writing() as session:
        rows = select(CallBack).join(Visit, CallBack.visit_id == Visit.id).join(Area, Visit.area_id == Area.id)
        row = session.scalar(rows.where(CallBack.id == str(call_back_id), guard.within_scope(guard.person())))
        if row is None:
            abort(404)
        if outcome not in OUTCOMES:
            abort(400)
        row.outcome, row.done_by_id, row.done_at = outcome, guard.caller().person_id, now
        row.note = request.form.get("note", "").strip()[:NOTE_MAX]
        row.way = "on_site" if request.form.get("way") == "on_site" else "phone"
        seal(session, row, now, row.done_by_id, "called_back", outcome=outcome)
    return redirect("/supervisor/followups?done=1", 303)


def _unit(session) -> Unit:  # type: ignore[no-untyped-def]
    """The station that answers for the reader's area; their own unit where there is none."""
    own = guard.person().unit
    return station_above(session, own.area) or own


def _find(batch_id: str) -> Batch:
    rows = select(Batch).join(Area, Batch.area_id == Area.id).where(Batch.id == batch_id)
    row = db.session.scalar(rows.where(guard.within_scope(guard.person())))
    if row is None:
        abort(404)
    return row


def _shown(found: Batch, status: int = 200, wrong: str = "") -> Response:
    lines = agenda.agenda(db.session(), found, guard.person())
    return show(
        "supervisor/batch.html", status=status, wrong=wrong, batch=found, lines=lines, state_of=state_of,
        waiting=[line for line in lines if line.task], plain=[line for line in lines if line.plain][:BULK_MOST],
        onward=agenda.next_of([(line.visit.id, line.task) for line in lines]), undone=review.waiting(db.session(), found),
    )  # fmt: skip
