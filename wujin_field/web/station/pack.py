"""清单与数据: what the station may change of the pack. A draft, a look at it as on the phone, then in force for all."""

import copy
import tomllib
from collections import Counter
from typing import Any

import tomli_w
from flask import Response, abort, current_app, redirect, request
from sqlalchemy import select
from werkzeug.wrappers import Response as AnyResponse

from ...db import db, utc_now, writing
from ...domain import Pack, PackError, load_pack, shipped_pack
from ...domain.editing import differences, item_differences, next_code, next_item_code, read_fields
from ...models import Amendment
from ...models.amendments import begin_draft, draft_of, publish, versions_of
from ...models.journal import append_audit
from ...sync.pack import template_for_phone
from .. import guard
from ..pages import say, show
from . import station

CLERK = guard.only("station_clerk")
TOML_MAX = 1_000_000


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
    _described(table_name)
    pack, shipped = load_pack(), shipped_pack()
    rows = select(Amendment).where(Amendment.table_name == table_name, Amendment.published_at.is_(None))
    drafts = {row.code: row for row in db.session.scalars(rows)}
    entries = {
        **pack[table_name],
        **{code: row.body for code, row in drafts.items() if row.body and code not in pack[table_name]},
    }
    lines = [(code, entry, _state(pack, shipped, table_name, code, drafts)) for code, entry in entries.items()]
    return show("station/pack/table.html", table=_described(table_name), lines=lines)


@station.post("/pack/<table_name>")
@CLERK
def add_pack_entry(table_name: str) -> AnyResponse:
    """A new entry of the station's own, as a draft with nothing but its name."""
    if _described(table_name).get("fixed"):
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
    return _page(table_name, entry_code)


@station.post("/pack/<table_name>/<entry_code>")
@CLERK
def save_pack_entry(table_name: str, entry_code: str) -> AnyResponse:
    table, (body, draft) = _described(table_name), _current(table_name, entry_code)
    new, wrong = read_fields(load_pack(), table["fields"], body, request.form.getlist)
    if wrong:
        return _page(table_name, entry_code, body=new, wrong=wrong)
    if _overtaken(draft):
        return _page(table_name, entry_code, body=new, overtaken=draft)
    _save(table_name, entry_code, new)
    return redirect(f"/station/pack/{table_name}/{entry_code}", 303)


@station.post("/pack/<table_name>/<entry_code>/publish")
@CLERK
def publish_pack_entry(table_name: str, entry_code: str) -> AnyResponse:
    """From now on this version is in force; it never changes again."""
    draft = draft_of(db.session(), table_name, entry_code)
    if draft is None:
        return redirect(f"/station/pack/{table_name}/{entry_code}", 303)
    if _overtaken(draft):
        return _page(table_name, entry_code, overtaken=draft)
    try:
        _put_in_force(table_name, entry_code)
    except PackError as error:
        return _page(table_name, entry_code, fault=_sentence(error))
    return redirect(f"/station/pack/{table_name}/{entry_code}?published=1", 303)


@station.post("/pack/<table_name>/<entry_code>/discard")
@CLERK
def discard_pack_entry(table_name: str, entry_code: str) -> AnyResponse:
    with writing() as session:
        if draft := draft_of(session, table_name, entry_code):
            session.delete(draft)
    there = entry_code in load_pack()[_described(table_name)["code"]]
    return redirect(f"/station/pack/{table_name}{'/' + entry_code if there else ''}", 303)


@station.post("/pack/<table_name>/<entry_code>/shipped")
@CLERK
def back_to_shipped(table_name: str, entry_code: str) -> AnyResponse:
    if entry_code not in shipped_pack()[_described(table_name)["code"]]:
        abort(404)
    with writing() as session:
        begin_draft(session, table_name, entry_code, None, guard.caller().person_id)
    try:
        _put_in_force(table_name, entry_code)
    except PackError as error:
        return _page(table_name, entry_code, fault=_sentence(error))
    return redirect(f"/station/pack/{table_name}/{entry_code}?published=1", 303)


@station.get("/pack/template/<entry_code>/items/<item_code>")
@CLERK
def checklist_item(entry_code: str, item_code: str) -> Response:
    return _item_page(entry_code, item_code)


@station.post("/pack/template/<entry_code>/items")
@CLERK
def add_checklist_item(entry_code: str) -> AnyResponse:
    body, draft = _current("template", entry_code)
    text = request.form.get("zh", "").strip()[:600]
    if not text:
        return redirect(f"/station/pack/template/{entry_code}", 303)
    if _overtaken(draft):
        return _page("template", entry_code, overtaken=draft)
    code = next_item_code(_item_codes(), body)
    new = {"code": code, "zh": text, "kind": "hazard", "category": "other", "severity": "general"}
    body["item"] = [*body.get("item", []), new]
    _save("template", entry_code, body)
    return redirect(f"/station/pack/template/{entry_code}/items/{code}", 303)


@station.post("/pack/template/<entry_code>/items/<item_code>")
@CLERK
def save_checklist_item(entry_code: str, item_code: str) -> AnyResponse:
    """act: save what was typed; up, down: its place in the list."""
    body, draft = _current("template", entry_code)
    place = _place(body, item_code)
    if _overtaken(draft):
        return _page("template", entry_code, overtaken=draft)
    if (step := {"up": -1, "down": 1}.get(request.form.get("act", ""))) is not None:
        items, other = body["item"], place + step
        if 0 <= other < len(items):
            items[place], items[other] = items[other], items[place]
        _save("template", entry_code, body)
        return redirect(f"/station/pack/template/{entry_code}#{item_code}", 303)
    new, wrong = read_fields(
        load_pack(), _described("template")["item_fields"], body["item"][place], request.form.getlist
    )
    if wrong:
        return _item_page(entry_code, item_code, new, wrong)
    body["item"][place] = new
    _save("template", entry_code, body)
    return redirect(f"/station/pack/template/{entry_code}#{item_code}", 303)


@station.get("/pack/template/<entry_code>/preview")
@CLERK
def preview_checklist(entry_code: str) -> Response:
    """As the phone shows it: the phone's own elements, over a visit that is kept nowhere."""
    pack, (body, _draft) = load_pack(), _current("template", entry_code)
    data = {
        "code": entry_code, "list": template_for_phone({"version": 0} | body),
        "seasons": {code: season["months"] for code, season in pack["season"].items()},
    }  # fmt: skip
    return show("station/pack/preview.html", data=data, title=body["zh"], back=f"/station/pack/template/{entry_code}")


@station.get("/pack/changes.toml")
@CLERK
def export_changes() -> Response:
    """Everything that differs from the shipped pack, and the drafts, for another station or for keeping."""
    pack, shipped, out = load_pack(), shipped_pack(), {}
    for table in pack["editable"]:
        ours = [entry for code, entry in pack[table].items() if entry != shipped[table].get(code)]
        if ours:
            out[table] = ours
    response = Response(tomli_w.dumps(out), mimetype="application/toml")
    response.headers["Content-Disposition"] = 'attachment; filename="wujin-changes.toml"'
    return response


@station.post("/pack/changes")
@CLERK
def import_changes() -> AnyResponse:
    """Each entry becomes a draft: nothing is in force before somebody looked at it."""
    file = request.files.get("changes")
    try:
        found = tomllib.loads(file.stream.read(TOML_MAX).decode("utf-8")) if file else {}
        entries = [
            (table, entry) for table, entries in found.items() if table in load_pack()["editable"] for entry in entries
        ]
        if not entries or not all(
            isinstance(entry, dict) and isinstance(entry.get("code"), str) for _, entry in entries
        ):
            raise ValueError("no entries")
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, ValueError, TypeError):
        return _refused(say("这个文件里没有可以用的改动。请选从“导出改动”得到的 .toml 文件。"))
    with writing() as session:
        for table, entry in entries:
            begin_draft(session, table, entry["code"][:40], entry, guard.caller().person_id)
    return redirect("/station/pack", 303)


NEW: dict[str, dict] = {
    "template": {"version": 1, "place_types": [], "est_minutes": 10, "item": []},
    "venue_kind": {"place_type": "enterprise"}, "day": {"date": "01-01"}, "season": {"months": []}, "channel": {"unit": "份"},
}  # fmt: skip


def _fault(word: str) -> str:
    return {
        "required": say("这一格要填。"), "too_long": say("写得太长了。"), "no_number": say("请填整数。"),
        "too_large": say("这个数太大了。"), "too_small": say("这个数太小了。"),
        "no_such_code": say("请从名单里选。"), "no_day": say("请写成 03-30 这样。"),
        "no_date": say("请写成 2027-02-06 这样。"),
    }[word]  # fmt: skip


def _put_in_force(table: str, code: str) -> None:
    """Raises PackError when the pack would not be whole; then nothing is changed."""
    with writing() as session:
        draft = draft_of(session, table, code) or abort(404)
        publish(session, [draft])
        append_audit(
            session, utc_now(), guard.caller().person_id, "published", "pack", draft.id, table=table, code=code
        )
    current_app.extensions["living_pack"].forget()


def _current(table: str, code: str) -> tuple[dict, Amendment | None]:
    """A copy of the draft's body, else of what is in force."""
    _described(table)
    draft = draft_of(db.session(), table, code)
    body = draft.body if draft and draft.body else load_pack()[table].get(code)
    return copy.deepcopy(body) if body else abort(404), draft


def _save(table: str, code: str, body: dict) -> None:
    with writing() as session:
        begin_draft(session, table, code, body, guard.caller().person_id)


def _overtaken(draft: Amendment | None) -> bool:
    """Somebody else saved since this form was shown; 0 stands for a form shown before there was a draft."""
    seen = request.form.get("revision", type=int)
    return seen is not None and seen != (draft.revision if draft else 0)


def _described(table: str) -> dict:
    return load_pack()["editable"].get(table) or abort(404)


def _page(table_name: str, code: str, body: dict | None = None, wrong: dict[str, str] | None = None, fault: str = "",
          overtaken: Amendment | None = None) -> Response:  # fmt: skip
    table, (current, draft) = _described(table_name), _current(table_name, code)
    shown, shipped = body or current, shipped_pack()[table_name].get(code)
    return show(
        "station/pack/entry.html", status=409 if overtaken else 422 if wrong or fault else 200, table=table, body=shown,
        draft=draft, revision=draft.revision if draft else 0, wrong={key: _fault(one) for key, one in (wrong or {}).items()},
        fault=fault, overtaken=overtaken, shipped=shipped, pack=load_pack(), versions=versions_of(db.session(), table_name, code),
        differs=differences(table["fields"], shown, shipped) if shipped else [], in_force=load_pack()[table_name].get(code),
        items_differ=item_differences(table.get("item_fields", []), shown, shipped) if shipped else [],
        published=request.args.get("published"),
    )  # fmt: skip


def _item_page(code: str, item_code: str, item: dict | None = None, wrong: dict[str, str] | None = None) -> Response:
    body, draft = _current("template", code)
    shown = item or body["item"][_place(body, item_code)]
    before = next(
        (one for one in (shipped_pack()["template"].get(code) or {}).get("item", []) if one["code"] == item_code), None
    )
    return show("station/pack/item.html", status=422 if wrong else 200, table=_described("template"), template=body, body=shown,
                revision=draft.revision if draft else 0, wrong={key: _fault(one) for key, one in (wrong or {}).items()},
                pack=load_pack(), shipped=before,
                differs=differences(_described("template")["item_fields"], shown, before) if before else [])  # fmt: skip


def _place(body: dict, item_code: str) -> int:
    found = [place for place, item in enumerate(body.get("item", [])) if item["code"] == item_code]
    return found[0] if found else abort(404)


def _item_codes() -> set[str]:
    """Every item code that ever stood in a checklist: none is used twice."""
    bodies = [*load_pack()["template"].values(), *shipped_pack()["template"].values()]
    bodies += [
        row for row in db.session.scalars(select(Amendment.body).where(Amendment.table_name == "template")) if row
    ]
    return {item["code"] for body in bodies for item in body.get("item", [])}


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
        "no_such_code": say("“%(code)s”用到了“%(wanted)s”，但是没有这一条。", code=error.code, wanted=wanted),
    }  # fmt: skip
    return said.get(error.fault) or str(error)


def _refused(wrong: str) -> Response:
    pack = load_pack()
    none = dict.fromkeys(pack["editable"], 0)
    return show(
        "station/pack/index.html",
        status=422,
        tables=pack["editable"],
        pack=pack,
        changed=none,
        drafts=none,
        wrong=wrong,
    )
