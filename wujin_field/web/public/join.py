"""/join: somebody scanned the poster 「加入我们」, says who they are, and waits until the clerk knows them."""

from flask import Response, redirect, request
from sqlalchemy import select
from werkzeug.wrappers import Response as AnyResponse

from ...db import db, writing
from ...domain import load_pack
from ...models import Area, Registration, Unit
from ...models.people import token_hash
from ...models.registrations import ask_in
from ...sync.envelope import is_id
from ..pages import say, show
from . import public

WHERE = ("village_committee", "community_committee", "station")


@public.get("/join")
def joining() -> Response:
    return _form()


@public.post("/join")
def ask_to_join() -> AnyResponse:
    said = {key: request.form.get(key, "") for key in ("name", "unit", "field_role")}
    with writing() as session:
        unit = session.get(Unit, said["unit"]) if is_id(said["unit"]) else None
        if unit is None or not unit.active or unit.unit_kind not in WHERE or said["field_role"] not in _roles():
            return _form(422, say("请选好单位和身份。"), said)
        try:
            asked = ask_in(session, said["name"], said["field_role"], unit)
        except ValueError:
            return _form(422, say("请写上姓名。"), said)
        if asked is None:
            return _form(503, say("现在等着核对的人太多，请直接找站里内勤。"), said)
    return redirect(f"/join/{asked[1]}", 303)


@public.get("/join/<token>")
def joined(token: str) -> AnyResponse:
    row = db.session.scalar(select(Registration).where(Registration.token_hash == token_hash(token)))
    if row and row.person_id:
        return redirect(f"/enrol/{token}")
    return show("public/joined.html", status=200 if row and not row.decided_at else 410, row=row)


def _form(status: int = 200, wrong: str = "", said: dict | None = None) -> Response:
    rows = select(Unit).join(Area).where(Unit.active, Unit.unit_kind.in_(WHERE)).order_by(Area.path, Unit.code)
    return show(
        "public/join.html",
        status=status,
        wrong=wrong,
        said=said or {},
        units=db.session.scalars(rows).all(),
        roles=_roles(),
    )


def _roles() -> list[str]:
    """Those who work in the field and nothing more."""
    return [code for code, role in load_pack()["field_role"].items() if role["access"] == "field"]
