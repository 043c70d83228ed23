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
from .report import TYPES, named
from .scope import audit
from .venues import areas


@station.get("/data")
@guard.only("station_clerk", "village_clerk")
def data() -> Response:
    return _page()


def _page(made: str = "", status: int = 200) -> Response:
    rows = _tokens().order_by(ApiToken.made_at.desc())
    return show("station/papers/data.html", shelves=SHELVES, outward=OUTWARD, areas=areas(),
                tokens=db.session.scalars(rows).all(), made=made, status=status,
                places=load_pack()["place_type"], english=language() == "en",
                is_station=guard.caller().access == "station_clerk")  # fmt: skip


@station.get("/data/<shelf_code>.<form>")
@guard.only("station_clerk", "village_clerk", "supervisor")
@asks_again
def export_list(shelf_code: str, form: str) -> AnyResponse:
    shelf = SHELVES.get(shelf_code) or abort(404)
    if form not in ("csv", "xlsx", "geojson") or (form == "geojson" and not shelf.placed):
        abort(404)
    wanted = wanted_from(request.args, guard.scope_path(guard.person()), shelf)
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
