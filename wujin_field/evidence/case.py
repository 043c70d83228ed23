"""What a check is given, and what it gives back: every check is `check(case) → flags`, reads, and changes nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property

import msgspec
from sqlalchemy import ColumnElement, Row, select
from sqlalchemy.orm import Session

from ..db import from_ms
from ..domain import Pack
from ..models import Activity, Claim, Venue, Visit, VisitPhoto
from ..sync.envelope import VisitClaim
from .likeness import Likeness

MONTH = timedelta(days=31)
STOP = (Visit.id, Visit.venue_id, Visit.venue_kind, Visit.scanned_code, Visit.started_at, Visit.ended_at,
        Visit.received_at, Visit.answers, Visit.note)  # fmt: skip


@dataclass(frozen=True)
class Flag:
    """code and level as in spot_check.toml; detail: plain values, no names of people or homes."""

    code: str
    level: str
    detail: dict = field(default_factory=dict)


class Case:
    """One visit with what was known when it came: only earlier arrivals are compared with it, so that the copy is asked
    and never the original, and a look that is repeated finds the same.
    """

    def __init__(self, session: Session, visit: Visit, pack: Pack, likeness: Likeness, station_key: bytes):
        self.session, self.visit, self.pack = session, visit, pack
        self.likeness, self.station_key = likeness, station_key

    def rule(self, code: str) -> dict:
        """The thresholds of one flag."""
        return self.pack["flag"][code]

    def flag(self, code: str, level: str | None = None, **detail: object) -> Flag:
        """level: the flag's own weight when left out."""
        return Flag(code, level or self.rule(code)["weight"], detail)

    @cached_property
    def claim_row(self) -> Row | None:
        row = select(
            Claim.device_id, Claim.seq, Claim.prev, Claim.digest, Claim.body, Claim.signature, Claim.received_at
        )
        mine = Claim.kind == "visit", Claim.subject_id == self.visit.id, Claim.revision == self.visit.revision
        return self.session.execute(row.where(*mine)).first()

    @cached_property
    def claim(self) -> VisitClaim | None:
        """What the phone said; None when it was erased."""
        return read_visit(self.claim_row.body) if self.claim_row else None

    @cached_property
    def activity(self) -> Activity | None:
        return self.session.get(Activity, self.visit.activity_id)

    @cached_property
    def stops(self) -> Sequence[Row]:
        """The author's other visits of the month before and the days after that had come by then, in order of time."""
        mine = Visit.author_id == self.visit.author_id, Visit.id != self.visit.id
        span = Visit.started_at.between(self.visit.started_at - MONTH, self.visit.started_at + timedelta(days=2))
        rows = select(*STOP).where(*mine, span, Visit.received_at <= self.visit.received_at)
        return self.session.execute(rows.order_by(Visit.started_at, Visit.id)).all()

    def fixes(self, visit_ids: list[str], *where: ColumnElement[bool]) -> Sequence[Row]:
        """Positions of photos of these visits, with the moment and whose visit."""
        columns = VisitPhoto.visit_id, VisitPhoto.taken_at, VisitPhoto.lat_e7, VisitPhoto.lon_e7, VisitPhoto.accuracy_m
        rows = select(*columns).where(VisitPhoto.visit_id.in_(visit_ids), VisitPhoto.lat_e7.is_not(None), *where)
        return self.session.execute(rows.order_by(VisitPhoto.taken_at)).all()

    @cached_property
    def venue(self) -> Venue | None:
        return self.visit.venue

    def frozen_at(self) -> datetime | None:
        """When the phone froze its claim, by the corrected clock."""
        return from_ms(self.claim.sent_clock + self.visit.clock_offset_ms) if self.claim else None


VISIT = msgspec.json.Decoder(
    VisitClaim
)  # made once: two threads that plan a shape at the same moment crash the process


def read_visit(body: bytes) -> VisitClaim | None:
    try:
        return VISIT.decode(body)
    except msgspec.DecodeError:
        return None


def minutes(span: timedelta) -> int:
    return round(span.total_seconds() / 60)
