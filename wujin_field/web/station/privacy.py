"""个人信息: how long what is kept, what is past its time, a person's data out or gone."""

import json
from dataclasses import dataclass

from flask import Response, abort, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from ...db import db, local_day, utc_now, writing
from ...domain import load_pack
from ...models.journal import append_audit
from ...models.people import LastClerk, refuse_last_clerk
from ...models.privacy import cutoff, due, erase_person, person_data, purge
from .. import guard
from ..again import asks_again
from ..pages import say, show
from . import station
from .person import last_clerk
from .scope import audit, find_person


@dataclass(frozen=True)
class Kind:
    """One kind of data: its entry in the pack, and how much of it is past its time."""

    entry: dict
    due: int


@station.get("/privacy")
@guard.only("station_clerk")
def privacy() -> Response:
    return _page()


@station.post("/privacy/<retention>/purge")
@guard.only("station_clerk")
@asks_again
def purge_kind(retention: str) -> AnyResponse:
    entry = load_pack()["retention"].get(retention) or abort(404)
    now, who = utc_now(), guard.caller().person_id
    with writing() as session:
        done = purge(session, retention, cutoff(entry, now), who, now)
        append_audit(session, now, who, "purged", "retention", retention, rows=done, days=entry["days"])
    return redirect(f"/station/privacy?done={done}", 303)


@station.get("/privacy/people/<uuid:person_id>")
@guard.only("station_clerk")
def person_privacy(person_id: object) -> Response:
    return show("station/person_privacy.html", found=find_person(str(person_id)))


@station.post("/privacy/people/<uuid:person_id>/export")
@guard.only("station_clerk")
@asks_again
def export_person(person_id: object) -> Response:
    with writing() as session:
        found = find_person(str(person_id))
        data = person_data(session, found)
        audit(session, "exported", "person", found.id)
    response = Response(json.dumps(data, ensure_ascii=False, indent=1), mimetype="application/json")
    response.headers["Content-Disposition"] = f'attachment; filename="person-{local_day(utc_now())}.json"'
    return response


@station.post("/privacy/people/<uuid:person_id>/erase")
@guard.only("station_clerk")
@asks_again
def erase(person_id: object) -> AnyResponse:
    """Only with the name typed: there is no way back."""
    with writing() as session:
        found = find_person(str(person_id))
        try:
            refuse_last_clerk(session, found)
        except LastClerk:
            return show("station/person_privacy.html", status=422, found=found, wrong=last_clerk())
        if request.form.get("name", "").strip() != found.name:
            return show(
                "station/person_privacy.html", status=422, found=found, wrong=say("姓名和这个人的对不上，没有删。")
            )
        erase_person(session, found, guard.caller().person_id, utc_now())
    return redirect("/station/people", 303)


def _page() -> Response:
    now, pack = utc_now(), load_pack()
    kinds = [Kind(entry, due(db.session(), code, cutoff(entry, now))) for code, entry in pack["retention"].items()]
    return show(
        "station/privacy.html", kinds=kinds, consents=list(pack["consent"].values()), done=request.args.get("done", "")
    )
