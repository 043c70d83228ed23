"""The queue, one visit with all that speaks for and against it, and the ruling on it."""

from dataclasses import dataclass

from flask import Response, abort, redirect, request
from sqlalchemy import select
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response as AnyResponse

from ... import ledger, review
from ...db import db, local_day, utc_now, writing
from ...domain import load_pack
from ...evidence import found
from ...evidence.place import place_of
from ...evidence.sketch import sketch_of
from ...models import Activity, Area, Checklist, Photo, Visit
from ...models.rulings import NEEDS_REASON, latest_result, state_of
from ...periods import week_before
from ...review import agenda
from ...sync.envelope import is_id
from .. import guard
from ..pages import language, show
from . import supervisor
from .finding import find
from .likeness import alike
from .revisions import earlier

LAST_VISITS = 5
TURN = "Wujin-Turn"  # the page has turned already and needs no other one


@dataclass(frozen=True)
class Ruled:
    """The visit that was decided a moment ago, for the line that leads back to it."""

    id: str
    place: str
    result: str


@dataclass(frozen=True)
class Way:
    """Where this visit stands among those to look at. place: n of total in its batch, None outside one."""

    batch: object = None
    place: int | None = None
    total: int = 0
    waiting: int = 0
    onward: str | None = None
    before: str | None = None


@supervisor.get("/")
def queue() -> Response:
    """今日抽查 on top; below it everything that waits, newest first; ?all=1 shows those with a ruling too."""
    everything, scope = request.args.get("all") == "1", guard.within_scope(guard.person())
    try:
        page = review.queue(db.session(), scope, not everything, request.args.get("after"))
    except ValueError:
        abort(404)
    open_ones = agenda.open_batches(db.session(), scope)
    batches = [(batch, agenda.order(db.session(), batch, guard.person())) for batch in open_ones]
    waiting = review.waiting_count(db.session(), scope)
    week = week_before(local_day(utc_now()))
    return show("supervisor/queue.html", "supervisor/_lines.html", page=page, everything=everything, waiting=waiting,
                state_of=state_of, ruled=_ruled(), batches=batches, next_of=agenda.next_of,
                week=week, drawn=agenda.drawn_after(db.session(), guard.scope_path(guard.person()), week))  # fmt: skip


@supervisor.get("/visits/<uuid:visit_id>")
def visit(visit_id: object) -> Response:
    return _shown(find(str(visit_id)))


@supervisor.post("/visits/<uuid:visit_id>/rulings")
def rule(visit_id: object) -> AnyResponse:
    """One ruling. A return without its reason comes back with the form as it was filled in."""
    subject, form = find(str(visit_id)), request.form
    result = form.get("result", "")
    if result not in load_pack()["result"]:
        abort(400)
    try:
        with writing() as session:
            _rule(session, find(subject.id), result)
    except review.NeedsReason:
        return _shown(find(str(visit_id)), status=422, wrong=result)
    except review.NotYours:
        abort(403)
    except (review.NothingToDecide, review.TooEarly):
        return _shown(find(str(visit_id)), status=409, late=True)
    if request.headers.get(TURN):
        return Response(status=204)
    onward = _way(find(str(visit_id))).onward
    return redirect(
        f"/supervisor/visits/{onward}?ruled={visit_id}" if onward else f"/supervisor/?ruled={visit_id}", 303
    )


def _rule(session, subject: Visit, result: str) -> None:  # type: ignore[no-untyped-def]
    """As the first reader, the blind second one, or the one who has the last word: the visit says which."""
    form, task = request.form, agenda.task_of(session, subject, guard.person())
    kind = {"second": "second", "final": "final", "wait": "final"}.get(task, "first")
    photo = form.get("photo") if form.get("photo") in {photo.sha256 for photo in subject.photos} else None
    review.rule(session, subject, guard.person(), result, form.get("reason", ""), form.get("suggestion", ""),
                kind=kind, photo=photo)  # fmt: skip


def _way(subject: Visit) -> Way:
    session, scope = db.session(), guard.within_scope(guard.person())
    batch = agenda.batch_of(session, subject)
    if batch is None:
        return Way(onward=review.next_waiting(session, scope, subject))
    tasks = agenda.order(session, batch, guard.person())
    place = next(n for n, (one, _) in enumerate(tasks, 1) if one == subject.id)
    return Way(batch, place, len(tasks), sum(bool(task) for _, task in tasks),
               agenda.next_of(tasks, subject.id), agenda.before(tasks, subject.id))  # fmt: skip


def _shown(subject: Visit, status: int = 200, wrong: str | None = None, late: bool = False) -> Response:
    session, pack = db.session(), load_pack()
    task = agenda.task_of(session, subject, guard.person())
    # A second reading that knows the first one is none.
    rulings = [] if task == "second" else review.rulings_of(session, subject)
    current = next((row for row in rulings if row.revision == subject.revision and row.kind != "second"), None)
    findings = found.current(session, subject)
    return show(
        "supervisor/visit.html", status=status, visit=subject, wrong=wrong, late=late, needs_reason=NEEDS_REASON, task=task,
        places={photo.sha256: place_of(photo, subject.venue) for photo in subject.photos},
        held=set(session.scalars(select(Photo.sha256).where(Photo.sha256.in_([p.sha256 for p in subject.photos])))),
        activity=session.get(Activity, subject.activity_id), items=_items(subject), rulings=rulings,
        results=pack["result"], may_rule=review.may_rule(subject, guard.person()), way=_way(subject), ruled=_ruled(),
        state=state_of(current.result if current else None), sketch=sketch_of(subject.photos, subject.venue),
        findings=findings, says=lambda row: found.sentence(pack, row.code, row.detail, language()),
        alike=alike(subject, findings), history=_history(subject), past_hazards=_past_hazards(subject),
        earlier=earlier(subject), state_of=state_of,
    )  # fmt: skip


def _history(subject: Visit) -> list[tuple[Visit, str | None]]:
    """The last visits to the same place, newest first."""
    if subject.venue_id is None:
        return []
    rows = select(Visit, latest_result().scalar_subquery()).where(
        Visit.venue_id == subject.venue_id, Visit.id != subject.id
    )
    rows = rows.order_by(Visit.started_at.desc()).limit(LAST_VISITS).options(joinedload(Visit.author))
    return [(row[0], row[1]) for row in db.session.execute(rows).unique()]


def _past_hazards(subject: Visit) -> list:
    if subject.venue_id is None:
        return []
    return [line for line in ledger.of_venue(db.session(), subject.venue_id) if line.visit_id != subject.id]


def _ruled() -> Ruled | None:
    """The visit named by ?ruled=, if it is the reader's to see and has a ruling."""
    visit_id = request.args.get("ruled", "")
    if not is_id(visit_id):
        return None
    rows = select(Visit, latest_result().scalar_subquery()).join(Area, Visit.area_id == Area.id)
    rows = rows.where(Visit.id == visit_id, guard.within_scope(guard.person())).options(joinedload(Visit.venue))
    found_row = db.session.execute(rows).first()
    if found_row is None or found_row[1] is None:
        return None
    seen = found_row[0]
    return Ruled(visit_id, seen.venue.zh if seen.venue else seen.place_text, found_row[1])


def _items(subject: Visit) -> list[tuple[dict, dict]]:
    """The checklist as it stood, each item with its answer; fails first, then the rest in their order."""
    if not subject.template:
        return []
    row = db.session.get(Checklist, (subject.template, subject.template_version))
    items = row.body.get("item", []) if row else [{"code": code, "zh": code} for code in subject.answers]
    answered = [(item, subject.answers[item["code"]]) for item in items if item["code"] in subject.answers]
    return sorted(answered, key=lambda pair: pair[1]["value"] != "fail")
