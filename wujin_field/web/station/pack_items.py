"""清单与数据: the items of a checklist, and the whole of it as a phone shows it."""

from flask import Response, abort, redirect, request
from sqlalchemy import select
from werkzeug.wrappers import Response as AnyResponse

from ...db import db
from ...domain import load_pack, shipped_pack
from ...domain.editing import differences, next_item_code, read_fields
from ...models import Amendment
from ...sync.pack import template_for_phone
from ..pages import show
from . import station
from .pack_desk import CLERK, current, described, entry_page, fault_words, overtaken_by, save


@station.get("/pack/template/<entry_code>/items/<item_code>")
@CLERK
def checklist_item(entry_code: str, item_code: str) -> Response:
    return _item_page(entry_code, item_code)


@station.post("/pack/template/<entry_code>/items")
@CLERK
def add_checklist_item(entry_code: str) -> AnyResponse:
    body, draft = current("template", entry_code)
    text = request.form.get("zh", "").strip()[:600]
    if not text:
        return redirect(f"/station/pack/template/{entry_code}", 303)
    if overtaken_by(draft):
        return entry_page("template", entry_code, overtaken=draft)
    code = next_item_code(_item_codes(), body)
    new = {"code": code, "zh": text, "kind": "hazard", "category": "other", "severity": "general"}
    body["item"] = [*body.get("item", []), new]
    save("template", entry_code, body)
    return redirect(f"/station/pack/template/{entry_code}/items/{code}", 303)


@station.post("/pack/template/<entry_code>/items/<item_code>")
@CLERK
def save_checklist_item(entry_code: str, item_code: str) -> AnyResponse:
    """act: save what was typed; up, down: its place in the list."""
    body, draft = current("template", entry_code)
    place = _place(body, item_code)
    if overtaken_by(draft):
        return entry_page("template", entry_code, overtaken=draft)
    if (step := {"up": -1, "down": 1}.get(request.form.get("act", ""))) is not None:
        items, other = body["item"], place + step
        if 0 <= other < len(items):
            items[place], items[other] = items[other], items[place]
        save("template", entry_code, body)
        return redirect(f"/station/pack/template/{entry_code}#{item_code}", 303)
    new, wrong = read_fields(
        load_pack(), described("template")["item_fields"], body["item"][place], request.form.getlist
    )
    if wrong:
        return _item_page(entry_code, item_code, new, wrong)
    body["item"][place] = new
    save("template", entry_code, body)
    return redirect(f"/station/pack/template/{entry_code}#{item_code}", 303)


@station.get("/pack/template/<entry_code>/preview")
@CLERK
def preview_checklist(entry_code: str) -> Response:
    """As the phone shows it: the phone's own elements, over a visit that is kept nowhere."""
    pack, (body, _draft) = load_pack(), current("template", entry_code)
    data = {
        "code": entry_code, "list": template_for_phone({"version": 0} | body),
        "seasons": {code: season["months"] for code, season in pack["season"].items()},
    }  # fmt: skip
    return show("station/pack/preview.html", data=data, title=body["zh"], back=f"/station/pack/template/{entry_code}")


def _item_page(code: str, item_code: str, item: dict | None = None, wrong: dict[str, str] | None = None) -> Response:
    body, draft = current("template", code)
    shown = item or body["item"][_place(body, item_code)]
    before = next(
        (one for one in (shipped_pack()["template"].get(code) or {}).get("item", []) if one["code"] == item_code), None
    )
    return show("station/pack/item.html", status=422 if wrong else 200, table=described("template"), template=body, body=shown,
                revision=draft.revision if draft else 0, wrong={key: fault_words(one) for key, one in (wrong or {}).items()},
                pack=load_pack(), shipped=before,
                differs=differences(described("template")["item_fields"], shown, before) if before else [])  # fmt: skip


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
