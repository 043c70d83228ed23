"""The visit that an address names."""

from flask import abort
from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from ...db import db
from ...models import Area, Visit
from .. import guard


def find(visit_id: str) -> Visit:
    """A visit in the reader's scope, or 404: what one may not see does not exist."""
    rows = select(Visit).join(Area, Visit.area_id == Area.id).where(Visit.id == visit_id)
    whole = joinedload(Visit.venue), joinedload(Visit.author), joinedload(Visit.area), selectinload(Visit.photos)
    row = db.session.scalar(rows.where(guard.within_scope(guard.person())).options(*whole, selectinload(Visit.hazards)))
    if row is None:
        abort(404)
    return row
