"""单位: member departments beside the villages (R3), each with its responsible office and its liaison (R63)."""

import re
import unicodedata
from datetime import date

from flask import Response, abort, redirect, request
from sqlalchemy import select
from werkzeug.wrappers import Response as AnyResponse

from ...db import db, writing
from ...domain import load_pack
from ...models import Person, Unit
from ...models.organisation import Misplaced, add_unit, rename
from .. import guard
from ..pages import show
from . import station
from .areas import sentence, tree
from .scope import audit, find_unit

PHONE = re.compile(r"\+?[0-9][0-9 -]{4,20}(转 ?[0-9]{1,6})?")


@station.post("/units")
@guard.only("station_clerk")
def add_units() -> AnyResponse:
    """Member departments ticked on the pack's list (R3), or one unit by name and kind."""
    pack = load_pack()
    ticked = [code for code in request.form.getlist("department") if code in pack["department"]]
    named = request.form.get("zh", "")
    kind = request.form.get("unit_kind", "department")
    if kind not in pack["unit_kind"]:
        abort(400)
    with writing() as session:
        home = guard.person().unit
        try:
            made = [add_unit(session, pack["department"][code]["zh"], "department", home.area, home) for code in ticked]
            made += [add_unit(session, named, kind, home.area, home)] if named.strip() or not ticked else []
        except Misplaced as error:
            return tree(422, sentence(error.code))
        for unit in made:
            audit(session, "added", "unit", unit.id)
    return redirect("/station/areas#departments", 303)


@station.get("/units/<uuid:unit_id>")
@guard.only("station_clerk")
def unit(unit_id: object) -> Response:
    return _unit(find_unit(str(unit_id)))


@station.post("/units/<uuid:unit_id>")
@guard.only("station_clerk")
def change_unit(unit_id: object) -> AnyResponse:
    """Name, responsible office (R63), phone (R164), and whether it is still one of us."""
    with writing() as session:
        found = find_unit(str(unit_id))
        try:
            rename(found, request.form.get("zh", found.zh))
        except Misplaced as error:
            return _unit(found, 422, sentence(error.code))
        phone = unicodedata.normalize("NFKC", request.form.get("phone", "")).strip()
        if phone and not PHONE.fullmatch(phone):
            session.rollback()
            return _unit(find_unit(str(unit_id)), 422, phone=phone)
        found.phone = phone
        found.responsible_office = request.form.get("responsible_office", "").strip()[:60] or None
        found.begun_on = request.form.get("begun_on", type=date.fromisoformat) or found.begun_on
        audit(session, "changed", "unit", found.id)
    return redirect(f"/station/units/{unit_id}", 303)


@station.post("/units/<uuid:unit_id>/retire")
@guard.only("station_clerk")
def close_unit(unit_id: object) -> AnyResponse:
    with writing() as session:
        found = find_unit(str(unit_id))
        if found.active and session.scalar(select(Person.id).where(Person.unit_id == found.id, Person.active).limit(1)):
            return _unit(found, 422, sentence("still_used"))
        found.active = not found.active
        audit(session, "returned" if found.active else "retired", "unit", found.id)
    return redirect("/station/areas", 303)


def _unit(found: Unit, status: int = 200, wrong: str = "", **typed: str) -> Response:
    people = select(Person).where(Person.unit_id == found.id, Person.active).order_by(Person.name)
    return show(
        "station/unit.html", status=status, wrong=wrong, unit=found, people=db.session.scalars(people).all(), **typed
    )
