"""区域和单位: where, and who answers for it. The station clerk grows the tree; a village clerk reads their own branch."""

from flask import Response, abort, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from ...db import db, writing
from ...domain import load_pack
from ...figures.areas import area_lines
from ...models import Area
from ...models.organisation import Misplaced, add_village, move_area, rename, retire_area
from .. import guard
from ..pages import say, show
from . import station
from .scope import areas_in_scope, audit, find_area

KINDS = ("township", "village", "community", "group", "estate", "grid")


@station.get("/areas")
def areas() -> Response:
    return tree()


@station.post("/areas")
@guard.only("station_clerk")
def grow() -> AnyResponse:
    kind = request.form.get("area_kind", "")
    with writing() as session:
        parent = find_area(request.form.get("parent", ""))
        if kind not in KINDS:
            abort(400)
        try:
            area, _unit = add_village(session, parent, request.form.get("zh", ""), kind, guard.person().unit)
        except Misplaced as error:
            return tree(422, sentence(error.code))
        audit(session, "added", "area", area.id)
    return redirect("/station/areas", 303)


@station.get("/areas/<uuid:area_id>")
@guard.only("station_clerk")
def area(area_id: object) -> Response:
    return _area(find_area(str(area_id)))


@station.post("/areas/<uuid:area_id>")
@guard.only("station_clerk")
def change_area(area_id: object) -> AnyResponse:
    with writing() as session:
        found = find_area(str(area_id))
        parent = find_area(request.form["parent"]) if request.form.get("parent") else None
        try:
            rename(found, request.form.get("zh", ""))
            if parent and parent.id not in (found.parent_id, found.id):
                move_area(session, found, parent)
        except Misplaced as error:
            session.rollback()
            return _area(find_area(str(area_id)), 422, sentence(error.code))
        audit(session, "changed", "area", found.id)
    return redirect("/station/areas", 303)


@station.post("/areas/<uuid:area_id>/retire")
@guard.only("station_clerk")
def close_area(area_id: object) -> AnyResponse:
    with writing() as session:
        found = find_area(str(area_id))
        if not found.active:
            found.active = True
        else:
            try:
                retire_area(session, found)
            except Misplaced as error:
                return _area(found, 422, sentence(error.code))
        audit(session, "retired" if not found.active else "returned", "area", found.id)
    return redirect("/station/areas", 303)


def sentence(code: str) -> str:
    return {
        "name_missing": say("请写一个名称。"),
        "under_itself": say("一个区域不能移到它自己下面。"),
        "still_used": say("里面还有在用的下级、单位或人员，先把它们移走或停用。"),
    }[code]


def tree(status: int = 200, wrong: str = "") -> Response:
    pack = load_pack()
    lines = area_lines(db.session(), pack, guard.scope_path(guard.person()))
    held = {unit.zh for line in lines for unit in line.units}
    departments = [entry for entry in pack["department"].values() if entry["zh"] not in held]
    return show("station/areas.html", status=status, wrong=wrong, lines=lines, kinds=KINDS, marks=list(pack["mark"]),
                departments=departments, unit_kinds=list(pack["unit_kind"]))  # fmt: skip


def _area(found: Area, status: int = 200, wrong: str = "") -> Response:
    others = [area for area in areas_in_scope() if not area.path.startswith(found.path)]
    return show("station/area.html", status=status, wrong=wrong, area=found, others=others)
