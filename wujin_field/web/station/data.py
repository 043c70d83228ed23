"""Data out: every list of the station as Excel, CSV or a map file, with its filters; and the keys for other platforms."""

from collections.abc import Iterator
from os import SEEK_END
from typing import Any, BinaryIO

from flask import Response, abort, redirect, request, send_file
from sqlalchemy import select
from werkzeug.wrappers import Response as AnyResponse

from ...db import db, local_day, utc_now, writing
from ...domain import load_pack
from ...figures.lists import OUTWARD, SHELVES, Shelf, rows_of
from ...figures.tallies import up_to_date
from ...models import ApiToken, Area, Unit
from ...models.journal import append_audit
from ...models.reports import new_token
from ...reports.exports import csv_lines, geojson_lines, laid_down, xlsx_file
from .. import guard
from ..again import asks_again
from ..filters import wanted_from
from ..pages import language, say, show
from . import station
from .scope import audit
from .table_file import TYPES, named
from .venues import areas


@station.get("/data")
@guard.only("station_clerk", "village_clerk")
def data() -> Response:
    return _page()


def _page(made: str = "", status: int = 200) -> Response:
    rows = _tokens().order_by(ApiToken.made_at.desc())
    return show("station/papers/data.html", shelves=_shelves(), outward=OUTWARD, areas=areas(),
                tokens=db.session.scalars(rows).all(), made=made, status=status,
                places=load_pack()["place_type"], stays=stays(), english=language() == "en",
                is_station=guard.caller().access == "station_clerk")  # fmt: skip


def _shelves() -> dict[str, Shelf]:
    """Those that this reader may have, and that are whole without a page's choice of one thing."""
    access = guard.caller().access
    return {code: shelf for code, shelf in SHELVES.items() if access in shelf.readers and not shelf.chosen}


def stays() -> dict[str, tuple[str, ...]]:
    """Lists that leave in another way or not at all: the reason, and the pages."""
    return {
        say("登录的手机、登录纸条、给平台的钥匙只给本人看。"): ("account.home", "station.slips", "station.data"),
        say("清单、数据和保存期限的改动整份是一个文件，在“清单与数据”里导出。"): (
            "station.pack_tables", "station.pack_table", "station.privacy"),
        say("上传的模板、表格和村界底图本来就是文件。"): ("station.forms", "station.sheet_import", "station.outlines"),
        say("签名存根一份一个文件，单独下载。"): ("county.checkpoints", "supervisor.checkpoints"),
        say("台账一种一张清单，在那一种的页面上导出；方案和评分表在自己的页面上导成 Word、PDF、Excel。"): (
            "station.registers", "station.campaign", "station.score_sheet"),
    }  # fmt: skip


@station.get("/data/<shelf_code>.<form>")
@guard.also("reporter", "lead_view", "coordinator")
@asks_again
def export_list(shelf_code: str, form: str) -> AnyResponse:
    shelf = SHELVES.get(shelf_code) or abort(404)
    who = guard.person()
    if who.access not in shelf.readers:
        abort(404)
    if form not in ("csv", "xlsx", "geojson") or (form == "geojson" and not shelf.placed):
        abort(404)
    wanted = wanted_from(request.args, guard.scope_path(who), shelf, who)
    up_to_date(load_pack())
    with writing() as session:
        audit(session, "exported", "list", shelf.code, form=form)
    rows = rows_of(db.session(), load_pack(), shelf, wanted)
    today = local_day(utc_now()).isoformat()
    return named(_file(shelf, form, rows, today), f"{shelf.code}-{today}.{form}", f"{shelf.zh}{today}.{form}")


def _file(shelf: Shelf, form: str, rows: Iterator[dict], today: str) -> Response:
    heads = [head[language() == "en"] for head in shelf.columns.values()]
    cells: Iterator[list[Any]] = ([row[key] for key in shelf.columns] for row in rows)
    if form == "xlsx":
        return _sent(xlsx_file(shelf.zh, today, heads, cells), TYPES["xlsx"])
    if form == "geojson":
        return _sent(laid_down(geojson_lines(rows)), "application/geo+json")
    return _sent(laid_down(csv_lines(heads, cells)), "text/csv; charset=utf-8")


def _sent(file: BinaryIO, mimetype: str) -> Response:
    """With its length, so that a phone can show how far it is."""
    length = file.seek(0, SEEK_END)
    file.seek(0)
    answer = send_file(file, mimetype=mimetype)
    answer.content_length = length
    return answer


@station.post("/data/tokens")
@guard.only("station_clerk")
@asks_again
def make_token() -> AnyResponse:
    """The key is shown once; we keep its hash."""
    name, scopes = request.form.get("name", "").strip()[:80], [c for c in request.form.getlist("scope") if c in OUTWARD]
    if not name or not scopes:
        return _page(say("请写明给谁用，并至少选一张清单。"), 422)
    row, key = new_token(guard.person(), name, scopes)
    with writing() as session:
        session.add(row)
        session.flush()
        append_audit(session, utc_now(), guard.person().id, "gave_key", "api_token", row.id, scopes=scopes)
    return _page(key)


@station.post("/data/tokens/<uuid:token_id>/revocation")
@guard.only("station_clerk")
def revoke_token(token_id: object) -> AnyResponse:
    found = db.session.scalar(_tokens().where(ApiToken.id == str(token_id))) or abort(404)
    with writing() as session:
        session.get_one(ApiToken, found.id).revoked_at = utc_now()
        append_audit(session, utc_now(), guard.person().id, "took_key_back", "api_token", found.id)
    return redirect("/station/data", 303)


def _tokens():
    rows = select(ApiToken).join(Unit, ApiToken.unit_id == Unit.id).join(Area, Unit.area_id == Area.id)
    return rows.where(guard.within_scope(guard.person()))
