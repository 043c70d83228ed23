"""Draw first, look after: which visits of a period human eyes must see, fixed with number and seed before anybody looks."""

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import Row, exists, func, select
from sqlalchemy.orm import Session

from ..canonical import plain
from ..db import local_day, utc_now
from ..domain import Pack, load_pack
from ..evidence.rules import score, version
from ..models import Area, Batch, BatchVisit, CallBack, Campaign, Claim, Finding, Hazard, Ruling, Unit, Visit
from ..models.journal import seal
from ..periods import read_drawn, week
from .audits import closed, draw_audits
from .sample import Candidate, Line, sample

TWO_WEEKS = timedelta(days=14)


class NothingToDraw(Exception):
    """No visit of this unit came in that period that no other draw covers, and no hazard was closed in it."""


class NotDone(Exception):
    """Some of what was drawn has no ruling yet."""


def draw(
    session: Session,
    unit: Unit,
    period: str,
    seed: str | None = None,
    who: str | None = None,
    now: datetime | None = None,
) -> Batch:
    """The unit's batch over that period; the one that stands, when it was drawn with this seed before.

    seed: left out, one is made now and printed. Nobody may know it while visits still come: whoever did could make up
    ids that it passes over. Raises NoPeriod (periods.py), NothingToDraw.
    """
    now, pack = now or utc_now(), load_pack()
    drawn = session.scalars(select(Batch).where(Batch.unit_id == unit.id, Batch.period == period)).all()
    if known := next((batch for batch in drawn if batch.seed == seed), None):
        return known
    seed = seed or secrets.token_hex(4)
    lines = sampled(session, unit, period, seed, now, pack)
    if not lines and (drawn or not any(closed(session, unit.area.path, *read_drawn(period).moments))):
        raise NothingToDraw(period)
    batch = _batch(unit, period, len(drawn) + 1, seed, lines, now, who)
    session.add(batch)
    many = sum(bool(line.reason) for line in lines)
    seal(session, batch, now, who, "drew", number=batch.number, visits=len(lines), drawn=many)
    _add_lines(session, batch, lines, now, pack)
    draw_audits(session, batch, *read_drawn(period).moments, now, pack)
    if not lines:  # hazards alone: no visit waits for anybody
        close(session, batch, who, now)
    return batch


def _batch(
    unit: Unit, period: str, draw_number: int, seed: str, lines: list[Line], now: datetime, who: str | None
) -> Batch:
    number = f"{unit.code}-{period}-{draw_number}"
    return Batch(number=number, unit_id=unit.id, area_id=unit.area_id, period=period, draw_number=draw_number, seed=seed,
                 rules=version(load_pack()), sample_digest=sample_digest(map(_told, lines)), drawn_at=now,
                 drawn_by_id=who)  # fmt: skip


def close(session: Session, batch: Batch, who: str | None, now: datetime | None = None) -> None:
    """Everything drawn was looked at. Raises NotDone. From then on the rule may accept what was covered and not drawn."""
    if batch.closed_at:
        return
    if waiting(session, batch):
        raise NotDone(batch.number)
    batch.closed_at = now or utc_now()
    seal(session, batch, batch.closed_at, who, "closed", number=batch.number)


def waiting(session: Session, batch: Batch) -> list[str]:
    """Ids of drawn visits whose newest revision nobody ruled on, in the order of the sheet."""
    seen = exists().where(Ruling.visit_id == Visit.id, Ruling.revision == Visit.revision)
    rows = select(BatchVisit.visit_id).join(Visit, Visit.id == BatchVisit.visit_id)
    mine = BatchVisit.batch_id == batch.id, BatchVisit.reason.is_not(None)
    return list(session.scalars(rows.where(*mine, ~seen).order_by(BatchVisit.place)))


def sampled(session: Session, unit: Unit, period: str, seed: str, now: datetime, pack: Pack) -> list[Line]:
    """What that draw would give, nothing written. Covered are visits first received in the period, each once."""
    first, after = read_drawn(period).moments
    candidates = _candidates(session, unit, first, min(after, now), pack)
    unseen = _unseen_people(session, unit, first, after) if local_day(after).month != local_day(first).month else set()
    return sample(candidates, seed, pack.files["spot_check"]["sampling"], unseen)


def sample_digest(lines) -> str:  # type: ignore[no-untyped-def]
    """lines: (visit id, stratum, reason, second) each, in the order of the sheet."""
    return hashlib.sha256(plain([list(line) for line in lines])).hexdigest()


def _told(line: Line) -> tuple:
    return line.candidate.visit_id, line.candidate.stratum, line.reason, line.second


def _candidates(session: Session, unit: Unit, first: datetime, until: datetime, pack: Pack) -> list[Candidate]:
    came = select(Claim.subject_id, Claim.received_at.label("came")).where(
        Claim.kind == "visit", Claim.revision == 1, Claim.received_at >= first, Claim.received_at < until
    ).subquery()  # fmt: skip
    covered = exists().where(BatchVisit.visit_id == Visit.id, BatchVisit.batch_id == Batch.id, Batch.unit_id == unit.id)
    rows = select(Visit.id, Visit.author_id, Visit.revision, Visit.day, Area.code, Area.path, came.c.came).join(
        came, came.c.subject_id == Visit.id
    )
    rows = rows.join(Area, Area.id == Visit.area_id).where(
        Area.path.startswith(unit.area.path, autoescape=True), ~covered
    )
    found = session.execute(rows.order_by(came.c.came, Visit.id)).all()
    certain = _certain(session, [(row.id, row.revision, row.author_id) for row in found], pack)
    new = _new_campaigns(session)
    return [_candidate(row, certain.get(row.id), any(_begins(one, row) for one in new)) for row in found]


def _candidate(row: Row, certain: str | None, rollout: bool) -> Candidate:
    stratum = f"{row.code} {week(local_day(row.came)).key}{' 活动头两周' if rollout else ''}"
    return Candidate(row.id, row.author_id, stratum, certain, rollout)


def _new_campaigns(session: Session) -> list[Row]:
    rows = select(Campaign.first_day, Area.path).join(Unit, Unit.id == Campaign.unit_id)
    return list(session.execute(rows.join(Area, Area.id == Unit.area_id)))


def _begins(campaign: Row, visit: Row) -> bool:
    """Did this visit fall in the campaign's first two weeks, within its area?"""
    return timedelta(0) <= visit.day - campaign.first_day < TWO_WEEKS and visit.path.startswith(campaign.path)


def _certain(session: Session, visits: list[tuple[str, int, str]], pack: Pack) -> dict[str, str]:
    """Drawn whatever the seed: new people's first visits, serious hazards, and flags that are or add up to a strong one."""
    rules, ids = pack.files["spot_check"], {visit_id for visit_id, _, _ in visits}
    first = _first_visits(
        session, {author for _, _, author in visits}, rules["sampling"]["first_visits_of_a_new_visitor"]
    )
    serious = select(Hazard.visit_id).where(Hazard.severity == "serious")
    look = rules["score"]["always_look_from"]
    reasons = dict.fromkeys(first & ids, "new_person")
    reasons |= dict.fromkeys(set(session.scalars(serious)) & ids, "serious_hazard")
    return reasons | {
        visit: "look_always" for visit, levels in _levels(session, visits).items() if score(levels, pack) >= look
    }


def _levels(session: Session, visits: list[tuple[str, int, str]]) -> dict[str, list[str]]:
    revision = {visit_id: number for visit_id, number, _ in visits}
    rows = select(Finding.visit_id, Finding.revision, Finding.level).where(Finding.withdrawn_at.is_(None))
    levels: dict[str, list[str]] = {}
    for row in session.execute(rows):
        if revision.get(row.visit_id) == row.revision:
            levels.setdefault(row.visit_id, []).append(row.level)
    return levels


def _first_visits(session: Session, authors: set[str], many: int) -> set[str]:
    place = func.row_number().over(partition_by=Visit.author_id, order_by=(Visit.received_at, Visit.id)).label("place")
    rows = select(Visit.id, Visit.author_id, place).subquery()
    found = session.execute(select(rows.c.id, rows.c.author_id).where(rows.c.place <= many))
    return {row.id for row in found if row.author_id in authors}


def _unseen_people(session: Session, unit: Unit, first: datetime, after: datetime) -> set[str]:
    """Authors of the month that ends here of whom no draw has shown anything yet: nobody is left unseen, nobody singled out."""
    month = (after - timedelta(days=1)).replace(day=1) if after - first < timedelta(days=8) else first
    here = Area.path.startswith(unit.area.path, autoescape=True), Visit.received_at >= month, Visit.received_at < after
    active = select(Visit.author_id).join(Area, Area.id == Visit.area_id).where(*here)
    seen = active.join(BatchVisit, BatchVisit.visit_id == Visit.id).where(BatchVisit.reason.is_not(None))
    return set(session.scalars(active)) - set(session.scalars(seen))


def _add_lines(session: Session, batch: Batch, lines: list[Line], now: datetime, pack: Pack) -> None:
    due = local_day(now) + timedelta(days=pack.files["spot_check"]["sampling"]["on_site_within_days"])
    for place, line in enumerate(lines, 1):
        visit_id = line.candidate.visit_id
        session.add(BatchVisit(batch_id=batch.id, visit_id=visit_id, place=place, stratum=line.candidate.stratum,
                               reason=line.reason, second=line.second))  # fmt: skip
        if line.call_back:
            call = CallBack(batch_id=batch.id, visit_id=visit_id, due=due)
            session.add(call)
            seal(session, call, now, None, "asked_for", visit=visit_id)
    session.flush()
