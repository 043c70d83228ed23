"""个人信息: how long what is kept, what is past its time, a person's data out or gone."""

import json
from dataclasses import dataclass

from flask import Response, abort, current_app, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from ...db import db, local_day, utc_now, writing
from ...domain import load_pack
from ...models.journal import append_audit
from ...models.people import LastClerk, refuse_last_clerk
from ...models.privacy import PAST, cutoff, due, erase_person, person_data, purge
from ...sync import homes
from ...sync.homes import AT_ONCE
from .. import guard
from ..again import asks_again
from ..pages import language, say, show
from . import station
from .person import last_clerk
from .scope import audit, find_person

KNOWN = {*PAST, *homes.PAST}


@dataclass(frozen=True)
class Kind:
    """One kind of data: its entry in the pack, and how much of it is past its time."""

    entry: dict
    due: int


@station.get("/privacy")
@guard.only("station_clerk")
def privacy() -> Response:
    pack = load_pack()
    return show("station/privacy.html", kinds=[_kind(code) for code in pack["retention"] if code in KNOWN],
                consents=list(pack["consent"].values()), done=request.args.get("done", ""))  # fmt: skip


@station.get("/privacy/<retention>")
@guard.only("station_clerk")
def dry_run(retention: str) -> Response:
    """What would go and what would stay; nothing does."""
    return show("station/privacy_kind.html", kind=_kind(retention), english=language() == "en", most=AT_ONCE)


@station.post("/privacy/<retention>/purge")
@guard.only("station_clerk")
@asks_again
def purge_kind(retention: str) -> AnyResponse:
    pack, now, who = load_pack(), utc_now(), guard.caller().person_id
    entry = _entry(retention)
    vault, pictures = (current_app.extensions[name] for name in ("vault", "pictures"))
    with writing() as session:
        if retention in homes.PAST:
            done = homes.purge(session, pack, retention, cutoff(entry, now), homes.Hands(who, now, vault, pictures))
        else:
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


def _kind(code: str) -> Kind:
    pack, before = load_pack(), cutoff(_entry(code), utc_now())
    if code in homes.PAST:
        return Kind(_entry(code), homes.due(db.session(), pack, code, before))
    return Kind(_entry(code), due(db.session(), code, before))


def _entry(code: str) -> dict:
    return load_pack()["retention"][code] if code in KNOWN else abort(404)
