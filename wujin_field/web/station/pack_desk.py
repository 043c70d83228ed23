"""What the pages of 清单与数据 share: the entry as it stands, its draft, and whether somebody was quicker."""

import copy

from flask import Response, abort, request

from ...db import db, writing
from ...domain import load_pack, shipped_pack
from ...domain.editing import differences, fields_of, item_differences
from ...models import Amendment
from ...models.amendments import begin_draft, draft_of, versions_of
from .. import guard
from ..pages import say, show

CLERK = guard.only("station_clerk")


def fault_words(word: str) -> str:
    return {
        "required": say("这一格要填。"), "too_long": say("写得太长了。"), "no_number": say("请填整数。"),
        "no_decimal": say("请填数字，如 30 或 0.5。"),
        "too_large": say("这个数太大了。"), "too_small": say("这个数太小了。"),
        "no_such_code": say("请从名单里选。"), "no_day": say("请写成 03-30 这样。"),
        "no_date": say("请写成 2027-02-06 这样。"),
    }[word]  # fmt: skip


def current(table: str, code: str) -> tuple[dict, Amendment | None]:
    """A copy of the draft's body, else of what is in force."""
    described(table)
    draft = draft_of(db.session(), table, code)
    body = draft.body if draft and draft.body else load_pack()[table].get(code)
    return copy.deepcopy(body) if body else abort(404), draft


def save(table: str, code: str, body: dict) -> None:
    with writing() as session:
        begin_draft(session, table, code, body, guard.caller().person_id)


def overtaken_by(draft: Amendment | None) -> bool:
    """Somebody else saved since this form was shown; 0 stands for a form shown before there was a draft."""
    seen = request.form.get("revision", type=int)
    return seen is not None and seen != (draft.revision if draft else 0)


def described(table: str) -> dict:
    return load_pack()["editable"].get(table) or abort(404)


def entry_page(table_name: str, code: str, body: dict | None = None, wrong: dict[str, str] | None = None, fault: str = "",
          overtaken: Amendment | None = None) -> Response:  # fmt: skip
    table, (standing, draft) = described(table_name), current(table_name, code)
    shown, shipped = body or standing, shipped_pack()[table_name].get(code)
    fields = fields_of(load_pack(), table, standing)
    return show(
        "station/pack/entry.html", status=409 if overtaken else 422 if wrong or fault else 200, table=table, body=shown,
        draft=draft, revision=draft.revision if draft else 0, wrong={key: fault_words(one) for key, one in (wrong or {}).items()},
        fault=fault, overtaken=overtaken, shipped=shipped, pack=load_pack(), versions=versions_of(db.session(), table_name, code),
        fields=fields, differs=differences(fields, shown, shipped) if shipped else [], in_force=load_pack()[table_name].get(code),
        items_differ=item_differences(table.get("item_fields", []), shown, shipped) if shipped else [],
        published=request.args.get("published"),
    )  # fmt: skip
