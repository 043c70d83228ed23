"""What a quota asks for place by place: which venues and areas somebody reached in its period, those nobody reached first."""

from collections.abc import Iterator

from sqlalchemy.orm import Session

from ...domain import Pack
from ...models import Unit
from ...periods import Period
from .. import behind
from .shelf import AREA, KIND, VENUE, Shelf, Wanted, told


def _reached(session: Session, pack: Pack, wanted: Wanted) -> Iterator[dict]:
    """Nothing where no quota, unit or period is named; homes are in no list (C4.14)."""
    quota, unit = pack["quota"].get(wanted.code), session.get(Unit, wanted.unit) if wanted.unit else None
    if not quota or not unit or not wanted.first or not wanted.last or not unit.area.path.startswith(wanted.area_path):
        return
    period = Period(wanted.first, wanted.last)
    if quota["measure"] == "areas":
        for area, count in behind.areas(session, quota, unit, period):
            yield {"area": area.zh, "venue": "", "kind": "", "last": "", "activities": count}
    if quota["measure"] in ("venues", "places"):
        for venue, last in behind.venues(session, quota, unit, period):
            if venue.privacy == "open":
                yield {"area": venue.area.zh, "venue": venue.zh, "kind": pack.name("venue_kind", venue.venue_kind),
                       "last": told(last), "activities": ""}  # fmt: skip


SHELVES = (
    Shelf("reached", "逐个走到", "Reached one by one", {
        "area": AREA, "venue": VENUE, "kind": KIND, "last": ("最近一次", "Last time"), "activities": ("场次", "Activities")},
        filters=("first", "last", "unit", "code"), outward=False, listed=_reached, chosen=True),
)  # fmt: skip
