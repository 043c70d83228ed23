"""What the reader's own subtree holds: every list and every find of people, units and areas goes through here."""

from collections.abc import Sequence

from flask import abort
from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session, joinedload

from ...db import db, utc_now
from ...figures.scopes import COMMITTEES
from ...models import Area, Person, Unit
from ...models.journal import append_audit
from ...sync.envelope import is_id
from .. import guard


def areas_in_scope() -> list[Area]:
    rows = select(Area).where(guard.within_scope(guard.person()), Area.active).order_by(Area.path)
    return list(db.session.scalars(rows))


def units_in_scope(kinds: Sequence[str] = ()) -> list[Unit]:
    """Active ones of these kinds, or all, in administrative order, the station before its villages."""
    rows = select(Unit).join(Area).where(guard.within_scope(guard.person()), Unit.active)
    rows = rows.where(Unit.unit_kind.in_(kinds)) if kinds else rows
    return list(db.session.scalars(rows.order_by(Area.path, Unit.code).options(joinedload(Unit.area))))


def committees() -> list[Unit]:
    """The villages and communities."""
    return units_in_scope(COMMITTEES)


def people_in_scope() -> Select:
    """Of every unit in the subtree, those who left too."""
    rows = select(Person).join(Unit, Unit.id == Person.unit_id).join(Area, Area.id == Unit.area_id)
    return rows.where(guard.within_scope(guard.person()))


def find_area(area_id: str) -> Area:
    """404 for one that the reader does not see; so are the finds below."""
    return (_area(Area.id == area_id) if is_id(area_id) else None) or abort(404)


def area_of(code: str) -> Area | None:
    """By the code that addresses carry."""
    return _area(Area.code == code)


def _area(which: ColumnElement[bool]) -> Area | None:
    return db.session.scalar(select(Area).where(which, guard.within_scope(guard.person())))


def find_unit(unit_id: str) -> Unit:
    return (_unit(Unit.id == unit_id) if is_id(unit_id) else None) or abort(404)


def unit_of(code: str) -> Unit:
    """By the code that addresses carry."""
    return _unit(Unit.code == code) or abort(404)


def _unit(which: ColumnElement[bool]) -> Unit | None:
    rows = select(Unit).join(Area).where(which, guard.within_scope(guard.person()))
    return db.session.scalar(rows.options(joinedload(Unit.area)))


def find_person(person_id: str) -> Person:
    whole = joinedload(Person.unit).joinedload(Unit.area)
    rows = people_in_scope().where(Person.id == person_id).options(whole)
    return (db.session.scalar(rows) if is_id(person_id) else None) or abort(404)


def audit(session: Session, what: str, kind: str, subject_id: str, **detail: object) -> None:
    """Who is signed in did this; ids and codes only, never a name."""
    session.flush()
    append_audit(session, utc_now(), guard.caller().person_id, what, kind, subject_id, **detail)
