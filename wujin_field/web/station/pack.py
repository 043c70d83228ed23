"""清单与数据: what the station may change of the pack. A draft, a look at it as on the phone, then in force for all."""

from collections import Counter
from typing import Any

from flask import Response, abort, current_app, redirect, request
from sqlalchemy import select
from werkzeug.wrappers import Response as AnyResponse

from ...db import db, utc_now, writing
from ...domain import Pack, PackError, load_pack, shipped_pack
from ...domain.editing import fields_of, next_code, read_fields
from ...models import Amendment
from ...models.amendments import begin_draft, draft_of, publish
from ...models.journal import append_audit
from .. import guard
from ..pages import say, show
from . import station
from .pack_desk import CLERK, current, described, entry_page, overtaken_by, save

VILLAGES = ["village_committee", "community_committee"]
NEW: dict[str, dict] = {
    "template": {"version": 1, "place_types": [], "est_minutes": 10, "item": []},
    "venue_kind": {"place_type": "enterprise"}, "channel": {"unit": "份"}, "season": {"months": []},
    "day": {"date": "01-01"}, "moving": {"dates": [], "topics": []}, "span": {"from": "01-01", "to": "01-31", "topics": []},
    "quota": {"each": VILLAGES, "measure": "activities", "period": "month", "min": 1, "confirmed": True},
    "deadline": {"each": VILLAGES, "period_key": "month", "due_day": 25, "confirmed": True},
}  # fmt: skip


@station.get("/pack")
@CLERK
def pack_tables() -> Response:
    pack, shipped = load_pack(), shipped_pack()
    open_ones = select(Amendment.table_name).where(Amendment.published_at.is_(None))
    drafts = Counter(db.session.scalars(open_ones))
    changed = {
        table: sum(entry != shipped[table].get(code) for code, entry in pack[table].items())
        for table in pack["editable"]
    }
    return show("station/pack/index.html", tables=pack["editable"], pack=pack, changed=changed, drafts=drafts, wrong="")


@station.get("/pack/<table_name>")
@CLERK
def pack_table(table_name: str) -> Response:
    described(table_name)
    pack, shipped = load_pack(), shipped_pack()
    rows = select(Amendment).where(Amendment.table_name == table_name, Amendment.published_at.is_(None))
    drafts = {row.code: row for row in db.session.scalars(rows)}
    entries = {
        **pack[table_name],
        **{code: row.body for code, row in drafts.items() if row.body and code not in pack[table_name]},
    }
    lines = [(code, entry, _state(pack, shipped, table_name, code, drafts)) for code, entry in entries.items()]
    return show("station/pack/table.html", table=described(table_name), lines=lines)


@station.post("/pack/<table_name>")
@CLERK
def add_pack_entry(table_name: str) -> AnyResponse:
    """A new entry of the station's own, as a draft with nothing but its name."""
    if described(table_name).get("fixed"):
        abort(404)
    name = request.form.get("zh", "").strip()[:80]
    if not name:
        return redirect(f"/station/pack/{table_name}", 303)
    with writing() as session:
        code = next_code(_with_drafts(), table_name)
        begin_draft(
            session, table_name, code, {"code": code, "zh": name} | NEW.get(table_name, {}), guard.caller().person_id
        )
    return redirect(f"/station/pack/{table_name}/{code}", 303)


@station.get("/pack/<table_name>/<entry_code>")
@CLERK
def pack_entry(table_name: str, entry_code: str) -> Response:
    return entry_page(table_name, entry_code)


@station.post("/pack/<table_name>/<entry_code>")
@CLERK
def save_pack_entry(table_name: str, entry_code: str) -> AnyResponse:
    table, (body, draft) = described(table_name), current(table_name, entry_code)
    new, wrong = read_fields(load_pack(), fields_of(load_pack(), table, body), body, request.form.getlist)
    if wrong:
        return entry_page(table_name, entry_code, body=new, wrong=wrong)
    if overtaken_by(draft):
        return entry_page(table_name, entry_code, body=new, overtaken=draft)
    save(table_name, entry_code, new)
    return redirect(f"/station/pack/{table_name}/{entry_code}", 303)


@station.post("/pack/<table_name>/<entry_code>/publish")
@CLERK
def publish_pack_entry(table_name: str, entry_code: str) -> AnyResponse:
    """From now on this version is in force; it never changes again."""
    draft = draft_of(db.session(), table_name, entry_code)
    if draft is None:
        return redirect(f"/station/pack/{table_name}/{entry_code}", 303)
    if overtaken_by(draft):
        return entry_page(table_name, entry_code, overtaken=draft)
    try:
        _put_in_force(table_name, entry_code)
    except PackError as error:
        return entry_page(table_name, entry_code, fault=_sentence(error))
    return redirect(f"/station/pack/{table_name}/{entry_code}?published=1", 303)


@station.post("/pack/<table_name>/<entry_code>/discard")
@CLERK
def discard_pack_entry(table_name: str, entry_code: str) -> AnyResponse:
    with writing() as session:
        if draft := draft_of(session, table_name, entry_code):
            session.delete(draft)
    there = entry_code in load_pack()[described(table_name)["code"]]
    return redirect(f"/station/pack/{table_name}{'/' + entry_code if there else ''}", 303)


@station.post("/pack/<table_name>/<entry_code>/shipped")
@CLERK
def back_to_shipped(table_name: str, entry_code: str) -> AnyResponse:
    if entry_code not in shipped_pack()[described(table_name)["code"]]:
        abort(404)
    with writing() as session:
        begin_draft(session, table_name, entry_code, None, guard.caller().person_id)
    try:
        _put_in_force(table_name, entry_code)
    except PackError as error:
        return entry_page(table_name, entry_code, fault=_sentence(error))
    return redirect(f"/station/pack/{table_name}/{entry_code}?published=1", 303)


def _put_in_force(table: str, code: str) -> None:
    """Raises PackError when the pack would not be whole; then nothing is changed."""
    with writing() as session:
        draft = draft_of(session, table, code) or abort(404)
        publish(session, [draft])
        append_audit(
            session, utc_now(), guard.caller().person_id, "published", "pack", draft.id, table=table, code=code
        )
    current_app.extensions["living_pack"].forget()


def _with_drafts() -> Pack:
    """The pack whose codes include those of drafts, so that no new code meets one."""
    rows = select(Amendment.table_name, Amendment.code)
    taken: dict[str, dict] = {table: dict(load_pack()[table]) for table in load_pack()["editable"]}
    for row in db.session.execute(rows):
        taken.setdefault(row.table_name, {}).setdefault(row.code, {})
    return taken  # type: ignore[return-value]  # next_code asks for nothing but the codes


def _state(pack: Pack, shipped: Pack, table: str, code: str, drafts: dict[str, Any]) -> str:
    if code in drafts:
        return "draft"
    if code not in shipped[table]:
        return "own"
    return "same" if pack[table][code] == shipped[table][code] else "changed"


def _sentence(error: PackError) -> str:
    """What the loader found, in words."""
    wanted = error.values.get("wanted", "")
    said = {
        "no_code": say("有一条没有代码。"), "twice": say("“%(code)s”出现了两次。", code=error.code),
        "no_name": say("“%(code)s”没有写名称。", code=error.code),
        "unfit": say("“%(code)s”里的“%(wanted)s”没有填，或者写法不对。", code=error.code, wanted=wanted),
        "no_such_code": say("“%(code)s”用到了“%(wanted)s”，但是没有这一条。", code=error.code, wanted=wanted),
    }  # fmt: skip
    return said.get(error.fault) or str(error)
