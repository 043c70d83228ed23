"""放在一边的: what revoked phones still sent, two versions under one name; the clerk takes it over or dismisses it."""

from flask import Response, abort, current_app, redirect, request
from sqlalchemy import select
from werkzeug.wrappers import Response as AnyResponse

from ...db import db, utc_now, writing
from ...domain import load_pack
from ...models import Device, Person, SetAside
from ...models.journal import seal
from ...sync.aside import aside_of, take_over, told
from .. import guard
from ..pages import say, show
from . import station
from .rescue import sentence
from .scope import people_in_scope

SHOWN = 200


@station.get("/aside")
@guard.only("station_clerk")
def aside() -> Response:
    return _page()


@station.post("/aside/<uuid:aside_id>/take")
@guard.only("station_clerk")
def take_aside(aside_id: object) -> AnyResponse:
    row = _find(str(aside_id))
    if row.decision == "taken":
        return redirect("/station/aside", 303)
    if code := take_over(db.session(), current_app.extensions["intake"], load_pack(), row):
        return _page(422, wrong=why(code))
    _decide(str(aside_id), "taken")
    return redirect("/station/aside?done=taken", 303)


@station.post("/aside/<uuid:aside_id>/dismiss")
@guard.only("station_clerk")
def dismiss_aside(aside_id: object) -> AnyResponse:
    """It counts nowhere, and stays below, from where it can still be taken over."""
    if _find(str(aside_id)).decision != "taken":
        _decide(str(aside_id), "dismissed")
    return redirect("/station/aside?done=dismissed", 303)


def why(code: str) -> str:
    return say("和已经收下的是同一条，两份都留着，不能再收一次。") if code == "conflict" else sentence(code)


def _decide(aside_id: str, decision: str) -> None:
    with writing() as session:
        row = _find(aside_id)
        row.decision, row.decided_at, row.decided_by_id = decision, utc_now(), guard.caller().person_id
        seal(session, row, row.decided_at, row.decided_by_id, f"aside_{decision}")


def _page(status: int = 200, wrong: str = "") -> Response:
    mine = people_in_scope().with_only_columns(Person.id)
    waiting, decided = ([told(db.session(), load_pack(), *pair) for pair in db.session.execute(aside_of(mine, done).limit(SHOWN))]
                        for done in (False, True))  # fmt: skip
    return show("station/aside.html", status=status, wrong=wrong, waiting=waiting, decided=decided, why=_reason,
                done=request.args.get("done", ""))  # fmt: skip


def _reason(code: str) -> str:
    """As the table of the rescue says it; a code that nobody speaks of any more as it stands."""
    try:
        return sentence(code)
    except KeyError:
        return code


def _find(aside_id: str) -> SetAside:
    mine = people_in_scope().with_only_columns(Person.id)
    rows = select(SetAside).join(Device, Device.id == SetAside.device_id)
    return db.session.scalar(rows.where(SetAside.id == aside_id, Device.person_id.in_(mine))) or abort(404)
