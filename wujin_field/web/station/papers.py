"""Which papers are in this person's hands: the unit, the kind, the period of an address; and the bytes of their pictures."""

from flask import abort, current_app
from sqlalchemy import select

from ...db import db
from ...domain import load_pack
from ...figures.tallies import up_to_date
from ...models import Area, PaperForm, Unit
from ...periods import kind_of
from ...reports.kinds import KINDS, Ask
from .. import guard
from .scope import unit_of, units_in_scope


def units_for(kind: str) -> list[Unit]:
    """Who hands in this kind of paper, of those in scope; everybody where the layout names nobody."""
    return units_in_scope(load_pack()["report"][kind].get("each", ()))


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
    return Ask(db.session(), pack, kind, unit_of(code), period, about=about)


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
