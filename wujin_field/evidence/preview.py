"""What a changed threshold would have flagged, seen before it is switched on; nothing is written."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from ..domain import Pack
from ..models import Area, Visit
from .case import Case
from .examination import CHECKS, look, whole
from .likeness import Likeness

MOST = 300  # newest visits of the span; about a month of a station


@dataclass(frozen=True)
class Preview:
    """visits: how many were looked at; before, after: those flagged by today's thresholds and by the changed ones."""

    visits: int
    before: dict[str, str]
    after: dict[str, str]

    @property
    def changed(self) -> list[str]:
        """Ids of visits whose flag comes, goes or changes its weight."""
        return [visit for visit in self.before | self.after if self.before.get(visit) != self.after.get(visit)]


def preview(
    session: Session,
    pack: Pack,
    code: str,
    changed: dict,
    scope: ColumnElement[bool],
    since: datetime,
    station_key: bytes,
) -> Preview:
    """changed: field → number. Visits of the last weeks in scope, newest first."""
    rows = select(Visit).join(Area, Area.id == Visit.area_id).where(scope, Visit.received_at >= since)
    visits = session.scalars(whole(rows.order_by(Visit.received_at.desc()).limit(MOST))).unique().all()
    likeness, other = Likeness(), with_changed(pack, code, changed)
    if code == "same_photo_near":
        likeness.catch_up(session, since)
    check = {check: codes for check, codes in CHECKS.items() if code in codes}
    levels = [
        {visit.id: flag.level for visit in visits for flag in look(Case(session, visit, one, likeness, station_key), check)
         if flag.code == code}
        for one in (pack, other)
    ]  # fmt: skip
    return Preview(len(visits), *levels)


def with_changed(pack: Pack, code: str, changed: dict) -> Pack:
    book = pack.files["spot_check"]
    flags = [rule | changed if rule["code"] == code else rule for rule in book["flag"]]
    return Pack(pack.files | {"spot_check": book | {"flag": flags}})
