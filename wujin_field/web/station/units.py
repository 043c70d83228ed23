"""Which units this reader sees, and the one that an address names."""

from flask import abort
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from ...db import db
from ...figures.scopes import COMMITTEES
from ...models import Area, Unit
from .. import guard


def units_in_scope(kinds: tuple[str, ...] = ()) -> list[Unit]:
    """Active ones in administrative order, the station before its villages."""
    rows = select(Unit).join(Area, Area.id == Unit.area_id).where(Unit.active, guard.within_scope(guard.person()))
    rows = rows.where(Unit.unit_kind.in_(kinds)) if kinds else rows
    return list(db.session.scalars(rows.order_by(Area.path, Unit.code).options(joinedload(Unit.area))))


def committees() -> list[Unit]:
    return units_in_scope(COMMITTEES)


def find_unit(code: str) -> Unit:
    """404 for a unit that the reader does not see."""
    rows = select(Unit).join(Area, Area.id == Unit.area_id).where(Unit.code == code, guard.within_scope(guard.person()))
    return db.session.scalar(rows.options(joinedload(Unit.area))) or abort(404)
