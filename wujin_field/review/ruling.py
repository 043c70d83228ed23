"""The ruling on a visit: a first look, a second one that is blind, and the last word on a 与记录不符."""

from datetime import datetime, timedelta

from sqlalchemy import Row, exists, select
from sqlalchemy.orm import Session, joinedload

from ..db import utc_now
from ..domain import load_pack
from ..models import BatchVisit, Person, Ruling, Visit, VisitorAnswer
from ..models.journal import seal
from ..models.rulings import NEEDS_REASON, STATE_OF


class NotYours(Exception):
    """Nobody rules on their own visit or their own team's (invariant C4.12), nor a second time on their own ruling."""


class NeedsReason(Exception):
    """A return without a reason helps nobody (R77)."""


class TooEarly(Exception):
    """The visitor has neither answered nor had the days to do it."""


class NothingToDecide(Exception):
    """This visit waits for no such ruling: not drawn for a second reading, not disputed, or already rejected."""


def rulings_of(session: Session, visit: Visit) -> list[Ruling]:
    """Newest first, with who decided (nobody, where the rule did)."""
    rows = select(Ruling).where(Ruling.visit_id == visit.id).order_by(Ruling.decided_at.desc(), Ruling.id.desc())
    return list(session.scalars(rows.options(joinedload(Ruling.decided_by))))


def standing(session: Session, visit: Visit) -> Ruling | None:
    """The ruling that makes the state of the current revision."""
    rows = rulings_of(session, visit)
    return next((row for row in rows if row.revision == visit.revision and row.kind != "second"), None)


def may_rule(visit: Visit | Row, who: Person) -> bool:
    return who.id != visit.author_id and who.id not in visit.team


def rule(
    session: Session,
    visit: Visit,
    who: Person,
    result: str,
    reason: str = "",
    suggestion: str = "",
    now: datetime | None = None,
    kind: str = "first",
    photo: str | None = None,
) -> Ruling:
    """Record one ruling; photo: the digest of the picture at fault.

    Raises NotYours, NeedsReason, NothingToDecide, TooEarly, KeyError for an unknown result.
    """
    now, state = now or utc_now(), STATE_OF[result]
    if not may_rule(visit, who):
        raise NotYours
    if result in NEEDS_REASON and not reason.strip():
        raise NeedsReason
    _check_kind(session, visit, who, kind, now)
    ruling = Ruling(visit_id=visit.id, revision=visit.revision, result=result, reason=reason.strip(), kind=kind,
                    suggestion=suggestion.strip(), photo=photo, decided_by_id=who.id, decided_at=now)  # fmt: skip
    session.add(ruling)
    if kind != "second":
        visit.ruled_revision = visit.revision
    seal(session, ruling, now, who.id, "ruled", visit=visit.id, result=result, state=state, revision=visit.revision)
    return ruling


def may_end(session: Session, visit: Visit, ruling: Ruling, now: datetime) -> bool:
    """Has the visitor answered this 与记录不符, or had the days to?"""
    answered = exists().where(VisitorAnswer.ruling_id == ruling.id)
    days = timedelta(days=load_pack().files["spot_check"]["policy"]["appeal_days"])
    return now >= ruling.decided_at + days or bool(session.scalar(select(answered)))


def _check_kind(session: Session, visit: Visit, who: Person, kind: str, now: datetime) -> None:
    earlier = standing(session, visit)
    if kind == "second":
        _check_second(session, visit, who)
    elif kind == "final":
        _check_final(session, visit, who, earlier, now)
    elif earlier and earlier.kind == "final" and earlier.result == "not_as_recorded":
        raise NothingToDecide  # rejected is the end of it (domain.md C3)


def _check_second(session: Session, visit: Visit, who: Person) -> None:
    drawn = exists().where(BatchVisit.visit_id == visit.id, BatchVisit.second)
    mine = [row for row in rulings_of(session, visit) if row.revision == visit.revision]
    if not session.scalar(select(drawn)) or not mine or any(row.kind == "second" for row in mine):
        raise NothingToDecide
    if any(row.decided_by_id == who.id for row in mine):
        raise NotYours


def _check_final(session: Session, visit: Visit, who: Person, earlier: Ruling | None, now: datetime) -> None:
    if earlier is None or STATE_OF[earlier.result] != "disputed" or earlier.kind == "final":
        raise NothingToDecide
    if earlier.decided_by_id == who.id:
        raise NotYours
    if not may_end(session, visit, earlier, now):
        raise TooEarly
