"""The queue, one visit with its photos and distances, and the ruling on it."""

from dataclasses import dataclass

from flask import Response, abort, redirect, request
from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload
from werkzeug.wrappers import Response as AnyResponse

from ... import review
from ...db import db, writing
from ...domain import load_pack
from ...evidence.place import place_of
from ...evidence.sketch import sketch_of
from ...models import Activity, Area, Checklist, Photo, Visit
from ...models.rulings import NEEDS_REASON, latest_result, state_of
from ...sync.envelope import is_id
from .. import guard
from ..pages import show
from . import supervisor


@dataclass(frozen=True)
class Ruled:
    """The visit that was decided a moment ago, for the line that leads back to it."""

    id: str
    place: str
    result: str


@supervisor.get("/")
def queue() -> Response:
    """Newest first; ?all=1 shows those with a ruling too."""
    everything, scope = request.args.get("all") == "1", guard.within_scope(guard.person())
    try:
        page = review.queue(db.session(), scope, not everything, request.args.get("after"))
    except ValueError:
        abort(404)
    waiting = review.waiting_count(db.session(), scope)
    return show("supervisor/queue.html", "supervisor/_lines.html", page=page, everything=everything, waiting=waiting,
                state_of=state_of, ruled=_ruled())  # fmt: skip


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
            review.rule(
                session, find(subject.id), guard.person(), result, form.get("reason", ""), form.get("suggestion", "")
            )
    except review.NeedsReason:
        return _shown(find(str(visit_id)), status=422, wrong=result)
    except review.NotYours:
        abort(403)
    onward = review.next_waiting(db.session(), guard.within_scope(guard.person()), find(str(visit_id)))
    return redirect(
        f"/supervisor/visits/{onward}?ruled={visit_id}" if onward else f"/supervisor/?ruled={visit_id}", 303
    )


def find(visit_id: str) -> Visit:
    """A visit in the reader's scope, or 404: what one may not see does not exist."""
    rows = select(Visit).join(Area, Visit.area_id == Area.id).where(Visit.id == visit_id)
    whole = joinedload(Visit.venue), joinedload(Visit.author), joinedload(Visit.area), selectinload(Visit.photos)
    row = db.session.scalar(rows.where(guard.within_scope(guard.person())).options(*whole, selectinload(Visit.hazards)))
    if row is None:
        abort(404)
    return row


def _shown(subject: Visit, status: int = 200, wrong: str | None = None) -> Response:
    session, scope = db.session(), guard.within_scope(guard.person())
    rulings = review.rulings_of(session, subject)
    result = next((ruling.result for ruling in rulings if ruling.revision == subject.revision), None)
    return show(
        "supervisor/visit.html", status=status, visit=subject, wrong=wrong, needs_reason=NEEDS_REASON,
        places={photo.sha256: place_of(photo, subject.venue) for photo in subject.photos},
        held=set(session.scalars(select(Photo.sha256).where(Photo.sha256.in_([p.sha256 for p in subject.photos])))),
        activity=session.get(Activity, subject.activity_id), items=_items(subject), rulings=rulings,
        results=load_pack()["result"], may_rule=review.may_rule(subject, guard.person()),
        waiting=review.waiting_count(session, scope), onward=review.next_waiting(session, scope, subject), ruled=_ruled(),
        state=state_of(result), sketch=sketch_of(subject.photos, subject.venue),
    )  # fmt: skip


def _ruled() -> Ruled | None:
    """The visit named by ?ruled=, if it is the reader's to see and has a ruling."""
    visit_id = request.args.get("ruled", "")
    if not is_id(visit_id):
        return None
    rows = select(Visit, latest_result().scalar_subquery()).join(Area, Visit.area_id == Area.id)
    rows = rows.where(Visit.id == visit_id, guard.within_scope(guard.person())).options(joinedload(Visit.venue))
    found = db.session.execute(rows).first()
    if found is None or found[1] is None:
        return None
    return Ruled(visit_id, found[0].venue.zh if found[0].venue else found[0].place_text, found[1])


def _items(subject: Visit) -> list[tuple[dict, dict]]:
    """The checklist as it stood, each item with its answer; fails first, then the rest in their order."""
    if not subject.template:
        return []
    row = db.session.get(Checklist, (subject.template, subject.template_version))
    items = row.body.get("item", []) if row else [{"code": code, "zh": code} for code in subject.answers]
    answered = [(item, subject.answers[item["code"]]) for item in items if item["code"] in subject.answers]
    return sorted(answered, key=lambda pair: pair[1]["value"] != "fail")
