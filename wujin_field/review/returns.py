"""退回的跟踪 (R77): what came back, with whose reason and suggestion, and how long it has waited for the visitor."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session, joinedload

from ..models import Area, Ruling, Visit
from ..models.rulings import latest_result


@dataclass(frozen=True)
class Returned:
    """One visit that is with its visitor; days: whole days since it came back."""

    visit: Visit
    ruling: Ruling
    days: int


def open_returns(session: Session, scope: ColumnElement[bool], now: datetime) -> list[Returned]:
    """Longest waiting first; a corrected one (revision + 1) is no longer here."""
    about = and_(Ruling.visit_id == Visit.id, Ruling.revision == Visit.revision, Ruling.result == "unclear")
    rows = select(Visit, Ruling).join(Ruling, about).join(Area, Area.id == Visit.area_id)
    rows = rows.where(scope, latest_result().scalar_subquery() == "unclear").order_by(Ruling.decided_at)
    whole = joinedload(Visit.venue), joinedload(Visit.author)
    newest = {visit.id: (visit, ruling) for visit, ruling in session.execute(rows.options(*whole))}
    return [Returned(visit, ruling, (now - ruling.decided_at).days) for visit, ruling in newest.values()]
