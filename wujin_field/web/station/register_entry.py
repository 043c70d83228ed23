"""One entry of a register: added, read, changed, marked void, and taken a step further."""

from collections.abc import Mapping

from flask import Response, abort, redirect, request
from sqlalchemy import select

from ...db import db, local_day, utc_now, writing
from ...domain import load_pack
from ...domain.registers import shown
from ...models import Area, RegisterEntry, Unit
from ...models.journal import append_audit
from ...models.registers import NotAllowed, steps_open, take_step
from .. import guard
from ..pages import language, show
from . import register_form as form_of
from . import station
from .registers import find_kind, lifecycle_of, may_write, seen


@station.get("/registers/<kind>/new")
@guard.also(*guard.UNIT_PAPERS)
def new_entry(kind: str) -> Response:
    described = _writable(kind)
    return form_of.page(kind, described, None, {"day": [local_day(utc_now()).isoformat()]}, [])


@station.post("/registers/<kind>/new")
@guard.also(*guard.UNIT_PAPERS)
def add_entry(kind: str) -> Response:
    described = _writable(kind)
    typed, wrong = form_of.read(described, guard.person(), guard.within_units(guard.person()))
    if wrong:
        return form_of.page(kind, described, None, form_of.typed(), wrong, status=422)
    with writing() as session:
        entry = RegisterEntry(
            kind=kind, author_id=guard.caller().person_id, state=lifecycle_of(described).get("start", "")
        )
        form_of.fill(entry, typed)
        session.add(entry)
        session.flush()
        append_audit(session, entry.created_at, entry.author_id, "added", "register", entry.id, register=kind)
        address = f"/station/registers/{kind}/{entry.id}"
    return redirect(address, 303)  # type: ignore[return-value]


@station.get("/registers/<kind>/<uuid:entry_id>")
@guard.also(*guard.UNIT_PAPERS)
def entry(kind: str, entry_id: object) -> Response:
    return page_of(find(kind, entry_id))


@station.get("/registers/<kind>/<uuid:entry_id>/edit")
@guard.also(*guard.UNIT_PAPERS)
def edit_entry(kind: str, entry_id: object) -> Response:
    found = _editable(find(kind, entry_id))
    return form_of.page(kind, find_kind(kind), found, form_of.held(found), [])


@station.post("/registers/<kind>/<uuid:entry_id>/edit")
@guard.also(*guard.UNIT_PAPERS)
def change_entry(kind: str, entry_id: object) -> Response:
    """Two clerks at once: the second is shown what stands there now, keeps what was typed, and decides."""
    described, found = find_kind(kind), _editable(find(kind, entry_id))
    typed, wrong = form_of.read(described, guard.person(), guard.within_units(guard.person()))
    other = request.form.get("revision") != str(found.revision)
    if wrong or other:
        return form_of.page(kind, described, found, form_of.typed(), wrong, status=409 if other else 422, other=other)
    with writing() as session:
        row = session.get_one(RegisterEntry, found.id)
        form_of.fill(row, typed)
        row.revision, row.changed_at = row.revision + 1, utc_now()
        append_audit(
            session, row.changed_at, guard.caller().person_id, "changed", "register", row.id, revision=row.revision
        )
    return redirect(f"/station/registers/{kind}/{entry_id}", 303)  # type: ignore[return-value]


@station.post("/registers/<kind>/<uuid:entry_id>/void")
@guard.also(*guard.UNIT_PAPERS)
def void_entry(kind: str, entry_id: object) -> Response:
    """With a reason it no longer counts; without one (撤销作废) it counts again."""
    found = _editable(find(kind, entry_id), void_too=True)
    with writing() as session:
        row = session.get_one(RegisterEntry, found.id)
        row.void_reason = request.form.get("reason", "").strip()[:200] or None
        what = "voided" if row.void_reason else "restored"
        append_audit(session, utc_now(), guard.caller().person_id, what, "register", row.id)
    return redirect(f"/station/registers/{kind}/{entry_id}", 303)  # type: ignore[return-value]


@station.post("/registers/<kind>/<uuid:entry_id>/steps")
@guard.also(*guard.UNIT_PAPERS)
def step(kind: str, entry_id: object) -> Response:
    found, described = find(kind, entry_id), find_kind(kind)
    reason = request.form.get("reason", "").strip()[:500]
    try:
        with writing() as session:
            row = session.get_one(RegisterEntry, found.id)
            take_step(session, lifecycle_of(described), row, request.form.get("step", ""), reason, guard.person())
    except NotAllowed:
        return page_of(find(kind, entry_id), status=422, refused=request.form.get("step", ""))
    return redirect(f"/station/registers/{kind}/{entry_id}", 303)  # type: ignore[return-value]


def page_of(found: RegisterEntry, status: int = 200, refused: str = "", wrong_file: str = "") -> Response:
    described, who = find_kind(found.kind), guard.person()
    life = lifecycle_of(described)
    lines = [(field, shown(load_pack(), field, found.values.get(field["code"]), language() == "en"))
             for field in described["field"]]  # fmt: skip
    return show(
        "station/registers/entry.html", status=status, register=described, kind=found.kind, entry=found, lines=lines,
        lifecycle=life, steps=steps_open(life, found, who.access, who.unit_id), refused=refused, wrong_file=wrong_file,
        may_write=may_edit(described, found),
    )  # fmt: skip


def find(kind: str, entry_id: object) -> RegisterEntry:
    """An entry of somebody's own area, or one that names a unit of it; 404 for all others."""
    find_kind(kind)
    rows = seen().where(RegisterEntry.id == str(entry_id), RegisterEntry.kind == kind)
    return db.session.scalar(rows) or abort(404)


def may_edit(described: Mapping, found: RegisterEntry) -> bool:
    """Whoever may write this kind, for units they answer for; what was accepted stays as it was accepted."""
    mine = db.session.scalar(
        select(Unit.id).join(Area).where(Unit.id == found.unit_id, guard.within_units(guard.person()))
    )
    settled = found.state in ("submitted", "accepted", "selected", "published", "answered", "closed")
    return may_write(described) and bool(mine) and not settled


def _writable(kind: str) -> Mapping:
    described = find_kind(kind)
    return described if may_write(described) else abort(403)


def _editable(found: RegisterEntry, void_too: bool = False) -> RegisterEntry:
    if not may_edit(find_kind(found.kind), found):
        abort(403)
    return found if void_too or not found.void_reason else abort(404)
