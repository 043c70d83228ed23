"""What the filters of a list leave of it: the page and its export ask the same question."""

from sqlalchemy import ColumnElement, Select, case, select

from ..domain import Pack
from ..models import Area, Device, Person, PersonMark, Venue, VenueCode, Visit
from ..models.codes import read_code


def _hangs() -> ColumnElement[bool]:
    return Venue.codes.any(VenueCode.state.in_(("printed", "active")))


VENUE_STATES: dict[str, ColumnElement[bool]] = {
    "focus": Venue.active & Venue.focus,
    "no_point": Venue.active & Venue.lat_e7.is_(None),
    "no_poster": Venue.active & ~_hangs(),
    "never": Venue.active & ~select(Visit.id).where(Visit.venue_id == Venue.id).exists(),
    "retired": ~Venue.active,
}


def worries(pack: Pack) -> list[str]:
    """Venue kinds that the station does not trust (R132)."""
    return [code for code, kind in pack["venue_kind"].items() if kind.get("worry")]


def rank(pack: Pack) -> ColumnElement[int]:
    """0 for a venue of a trade that worries the station, 1 for the others: it comes first in a list."""
    return case((Venue.venue_kind.in_(worries(pack)), 0), else_=1)


def venues_chosen(rows: Select, name: str = "", area_path: str = "", kind: str = "", state: str = "") -> Select:
    """rows: venues joined with their area. name: a part of it, or a poster's code; state: a key of VENUE_STATES."""
    code = read_code(name)
    if code:
        rows = rows.where(Venue.id.in_(select(VenueCode.venue_id).where(VenueCode.code == code)))
    elif name:
        rows = rows.where(Venue.zh.contains(name, autoescape=True))
    rows = rows.where(Area.path.startswith(area_path, autoescape=True)) if area_path else rows
    rows = rows.where(Venue.venue_kind == kind) if kind else rows
    return rows.where(VENUE_STATES.get(state, Venue.active))


def people_chosen(rows: Select, pack: Pack, name: str = "", unit: str = "", role: str = "", shown: str = "") -> Select:
    """unit: an id. shown: left, no_phone, unsent, a mark of roles.toml; nothing for those who are here."""
    rows = rows.where(Person.active if shown != "left" else ~Person.active)
    rows = rows.where(Person.name.contains(name, autoescape=True)) if name else rows
    rows = rows.where(Person.unit_id == unit) if unit else rows
    rows = rows.where(Person.field_role == role) if role else rows
    if shown in pack["mark"]:
        rows = rows.where(Person.id.in_(select(PersonMark.person_id).where(PersonMark.mark == shown)))
    if shown == "no_phone":
        rows = rows.where(Person.id.not_in(select(Device.person_id).where(Device.revoked_at.is_(None))))
    if shown == "unsent":
        rows = rows.where(Person.id.in_(select(Device.person_id).where(Device.unsent_count > 0)))
    return rows
