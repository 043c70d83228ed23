"""The read-only door for another platform: a key instead of a person, one list a time, nothing of homes.

A key is made and taken back by the station's clerk, names its lists, and sees its unit's area alone.
"""

from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, abort, current_app, g, jsonify, request
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from ...db import db, utc_now, writing
from ...domain import load_pack
from ...figures.lists import OUTWARD, rows_of
from ...figures.tallies import up_to_date
from ...models import ApiToken, Unit
from ...models.people import token_hash
from ..filters import wanted_from
from .description import description

PAGE = 200
FILTERS = ("from", "to", "place_type", "area", "name", "kind", "state", "severity", "unit", "cut", "code", "period")
api = Blueprint("api", __name__, url_prefix="/api/v1")
api.guarded = True  # type: ignore[attr-defined]  # read by tests/test_doors.py


@api.before_request
def admit() -> Response | None:
    """A key in the Authorization header; never a cookie, never in the address."""
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    rows = select(ApiToken).where(ApiToken.token_hash == token_hash(key), ApiToken.revoked_at.is_(None))
    found = (
        db.session.scalar(rows.options(joinedload(ApiToken.unit).joinedload(Unit.area))) if scheme == "Bearer" else None
    )
    if found is None:
        return _problem(401, "no_key", "没有有效的钥匙。")
    g.api_key = found
    _note(found)
    return None


def _note(key: ApiToken) -> None:
    """When it was last used, to the hour: enough for a clerk to see which key is dead."""
    now = utc_now()
    if key.last_used_at is None or (now - key.last_used_at).total_seconds() > 3600:
        key_id = key.id
        with writing() as session:
            session.get_one(ApiToken, key_id).last_used_at = now
        g.api_key = db.session.get(ApiToken, key_id)


def _problem(status: int, code: str, title: str) -> Response:
    kind = f"{current_app.config['SETTINGS'].public_url}/help#{code}"
    response = jsonify({"type": kind, "status": status, "code": code, "title": title})
    response.status_code, response.mimetype = status, "application/problem+json"
    return response


@api.get("/openapi.json")
def openapi() -> Response:
    return jsonify(description())


@api.get("/<shelf_code>")
def shelf_page(shelf_code: str) -> Response:
    """A page of one list, oldest first; `next` is the address of the following one, null at the end."""
    shelf = OUTWARD.get(shelf_code) or abort(404)
    if shelf_code not in g.api_key.scopes:
        return _problem(403, "not_this_list", "这把钥匙看不了这张清单。")
    wanted = wanted_from(request.args, g.api_key.unit.area.path, shelf)
    up_to_date(load_pack())
    rows: list[dict[str, Any]] = list(rows_of(db.session(), load_pack(), shelf, wanted, PAGE))
    return jsonify({"rows": rows, "next": _next(shelf_code, rows if shelf.query else [])})


def _next(shelf_code: str, rows: list[dict[str, Any]]) -> str | None:
    if len(rows) < PAGE:
        return None
    more = {name: request.args[name] for name in FILTERS if name in request.args}
    return f"/api/v1/{shelf_code}?" + urlencode({**more, "after": rows[-1]["id"]})
