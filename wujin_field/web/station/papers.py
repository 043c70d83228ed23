"""Which papers are in this person's hands: the unit, the kind, the period of an address; and the bytes of their pictures."""

from flask import abort, current_app
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from ...db import db
from ...domain import load_pack
from ...figures.tallies import up_to_date
from ...models import Area, PaperForm, Unit
from ...reports.kinds import KINDS, Ask
from ...reports.periods import kind_of
from .. import guard

COMMITTEES = ("village_committee", "community_committee")


def committees() -> list[Unit]:
    """The villages and communities in scope, in administrative order."""
    rows = select(Unit).join(Area).where(Unit.unit_kind.in_(COMMITTEES), Unit.active)
    rows = rows.where(guard.within_scope(guard.person())).order_by(Area.path)
    return list(db.session.scalars(rows.options(joinedload(Unit.area))))


def units_for(kind: str) -> list[Unit]:
    """Who hands in this kind of paper, of those in scope; everybody where the layout names nobody."""
    each = load_pack()["report"][kind].get("each")
    rows = select(Unit).join(Area).where(Unit.active, guard.within_scope(guard.person()))
    rows = rows.where(Unit.unit_kind.in_(each)) if each else rows
    return list(db.session.scalars(rows.order_by(Area.path, Unit.code).options(joinedload(Unit.area))))


def find_unit(code: str) -> Unit:
    rows = select(Unit).join(Area).where(Unit.code == code, guard.within_scope(guard.person()))
    unit = db.session.scalar(rows.options(joinedload(Unit.area)))
    if unit is None:
        abort(404)
    return unit


def asked(code: str, period: str, kind: str, about: str = "") -> Ask:
    """404 for what is no kind, no period of it, or nobody's that this person may see."""
    pack = load_pack()
    try:
        fits = kind in KINDS and kind_of(period) is not None
    except ValueError:
        fits = False
    if not fits:
        abort(404)
    up_to_date(pack)
    return Ask(db.session(), pack, kind, find_unit(code), period, about=about)


def may_write() -> bool:
    """A supervisor reads papers; clerks make and send them (design/evidence.md, Who may)."""
    return guard.caller().access in ("station_clerk", "village_clerk")


def may_receive() -> bool:
    return guard.caller().access == "station_clerk"


def settings():
    return current_app.config["SETTINGS"]


def form_for(kind: str) -> PaperForm | None:
    """The form of this person's own unit, or of the station above it."""
    rows = select(PaperForm, Area.path).join(Unit, PaperForm.unit_id == Unit.id).join(Area, Unit.area_id == Area.id)
    found = db.session.execute(rows.where(PaperForm.kind == kind, PaperForm.chosen)).all()
    own = guard.scope_path(guard.person())
    return next((form for form, path in found if own.startswith(path)), None)
