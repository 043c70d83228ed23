"""清单与数据: what a station changed, as a file for another station; what comes in is a draft first."""

import tomllib

import tomli_w
from flask import Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from ...db import writing
from ...domain import load_pack, shipped_pack
from ...models.amendments import begin_draft
from .. import guard
from ..pages import say, show
from . import station
from .pack_desk import CLERK

TOML_MAX = 1_000_000


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
