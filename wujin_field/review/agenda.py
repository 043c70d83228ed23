"""What of a batch waits for this reader: a first look, or a second one that must not know the first."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Row, select
from sqlalchemy.orm import Session, joinedload

from ..db import utc_now
from ..domain import load_pack
from ..models import Area, Batch, BatchVisit, CallBack, Finding, Person, Ruling, Visit
from ..models.rulings import latest_result, state_of
from ..periods import read_drawn
from .ruling import may_end, may_rule, standing


@dataclass(frozen=True)
class Line:
    """task: first, second, or nothing for this reader. state: as the reader may know it. flags: how many findings stand."""

    place: int
    visit: Visit
    reason: str
    task: str
    state: str
    flags: int
    result: str | None = None

    @property
    def plain(self) -> bool:
        """Nothing stands out and everything is here: may be accepted together with its like."""
        whole = self.visit.missing == 0 and self.visit.photos and self.visit.examined_at is not None
        return bool(self.task == "first" and not self.flags and whole and not self.visit.hazards)


@dataclass(frozen=True)
class Dispute:
    """A 与记录不符 that waits. ready: the visitor answered, or had the days to; until: when those are over."""

    visit: Visit
    ruling: Ruling
    ready: bool
    until: datetime
    mine: bool


def open_batches(session: Session, scope: ColumnElement[bool]) -> list[Batch]:
    """Drawn and not closed, the newest first."""
    rows = select(Batch).join(Area, Batch.area_id == Area.id).where(scope, Batch.closed_at.is_(None))
    return list(session.scalars(rows.order_by(Batch.drawn_at.desc()).options(joinedload(Batch.unit))))


def drawn_after(session: Session, path: str, period: str) -> Batch | None:
    """The batch of this area that was drawn when the period was over: nothing is left of it to draw."""
    rows = select(Batch).join(Area, Batch.area_id == Area.id).where(Area.path == path, Batch.period == period)
    return session.scalar(
        rows.where(Batch.drawn_at >= read_drawn(period).moments[1]).order_by(Batch.drawn_at.desc()).limit(1)
    )


def batch_of(session: Session, visit: Visit) -> Batch | None:
    """The newest open batch that drew this visit."""
    rows = select(Batch).join(BatchVisit, BatchVisit.batch_id == Batch.id)
    mine = BatchVisit.visit_id == visit.id, BatchVisit.reason.is_not(None), Batch.closed_at.is_(None)
    return session.scalar(rows.where(*mine).order_by(Batch.drawn_at.desc()).limit(1))


def agenda(session: Session, batch: Batch, who: Person) -> list[Line]:
    """The drawn visits in the order of the printed sheet."""
    rows = select(BatchVisit).where(BatchVisit.batch_id == batch.id, BatchVisit.reason.is_not(None))
    visit = joinedload(BatchVisit.visit)
    whole = (visit.joinedload(Visit.venue), visit.joinedload(Visit.author), visit.joinedload(Visit.area),
             visit.selectinload(Visit.photos), visit.selectinload(Visit.hazards))  # fmt: skip
    drawn = session.scalars(rows.order_by(BatchVisit.place).options(*whole)).unique().all()
    rulings, flags = _rulings(session, batch), _flags(session, batch)
    return [_line(row, rulings, flags.get(row.visit_id, 0), who) for row in drawn]


def task_of(session: Session, visit: Visit, who: Person) -> str:
    """first, second, final, wait (a dispute whose visitor may still answer), or nothing that this reader may do."""
    if not may_rule(visit, who):
        return ""
    last = standing(session, visit)
    if last is None:
        return "first"
    if state_of(_result(last)) == "disputed" and last.decided_by_id != who.id:
        return "final" if may_end(session, visit, last, utc_now()) else "wait"
    mine = list(session.scalars(select(Ruling).where(Ruling.visit_id == visit.id, Ruling.revision == visit.revision)))
    drawn = select(BatchVisit.visit_id).where(BatchVisit.visit_id == visit.id, BatchVisit.second)
    if session.scalar(drawn.limit(1)) and _wants_second(mine, who):
        return "second"
    return "" if state_of(_result(last)) == "rejected" else "again"


def order(session: Session, batch: Batch, who: Person) -> list[tuple[str, str]]:
    """(visit id, task) of the drawn visits, as agenda() says them, without the visits: read anew for every page."""
    rows = select(BatchVisit.visit_id, BatchVisit.second, Visit.author_id, Visit.team, Visit.revision)
    rows = rows.join(Visit, Visit.id == BatchVisit.visit_id).where(
        BatchVisit.batch_id == batch.id, BatchVisit.reason.is_not(None)
    )  # fmt: skip
    rulings = _rulings(session, batch)
    return [(row.visit_id, _task(row, row.second, _of(rulings, row.visit_id, row.revision), who))
            for row in session.execute(rows.order_by(BatchVisit.place))]  # fmt: skip


def next_of(tasks: list[tuple[str, str]], visit_id: str = "") -> str | None:
    """The next one that waits for this reader, from this place on and then from the top."""
    at = _place(tasks, visit_id) + 1
    return next((one for one, task in [*tasks[at:], *tasks[:at]] if task and one != visit_id), None)


def before(tasks: list[tuple[str, str]], visit_id: str) -> str | None:
    at = _place(tasks, visit_id)
    return tasks[at - 1][0] if at > 0 else None


def disputes(session: Session, scope: ColumnElement[bool], who: Person, now: datetime) -> list[Dispute]:
    """Oldest first."""
    rows = select(Visit).join(Area, Visit.area_id == Area.id).where(scope, _disputed())
    whole = joinedload(Visit.venue), joinedload(Visit.author)
    found = ((visit, standing(session, visit)) for visit in session.scalars(rows.options(*whole)).unique())
    days = timedelta(days=load_pack().files["spot_check"]["policy"]["appeal_days"])
    made = [Dispute(visit, ruling, may_end(session, visit, ruling, now), ruling.decided_at + days,
                    ruling.decided_by_id == who.id) for visit, ruling in found if ruling]  # fmt: skip
    return sorted(made, key=lambda dispute: dispute.ruling.decided_at)


def open_call_backs(session: Session, scope: ColumnElement[bool]) -> list[CallBack]:
    """The soonest due first."""
    rows = select(CallBack).join(Visit, CallBack.visit_id == Visit.id).join(Area, Visit.area_id == Area.id)
    whole = joinedload(CallBack.visit).joinedload(Visit.venue), joinedload(CallBack.visit).joinedload(Visit.area)
    return list(session.scalars(rows.where(scope, CallBack.done_at.is_(None)).order_by(CallBack.due).options(*whole)))


def _line(row: BatchVisit, rulings: dict[str, list[Ruling]], flags: int, who: Person) -> Line:
    current = _of(rulings, row.visit_id, row.visit.revision)
    task = _task(row.visit, row.second, current, who)
    first = next((ruling for ruling in reversed(current) if ruling.kind != "second"), None)
    known = None if task == "second" or first is None else _result(first)
    return Line(row.place, row.visit, row.reason or "", task, state_of(known), flags, known)


def _task(visit: Visit | Row, second: bool, rulings: list[Ruling], who: Person) -> str:
    """visit: the object, or a row with its author and team."""
    if not may_rule(visit, who):
        return ""
    if all(ruling.kind == "second" for ruling in rulings):
        return "first"
    return "second" if second and _wants_second(rulings, who) else ""


def _of(rulings: dict[str, list[Ruling]], visit_id: str, revision: int) -> list[Ruling]:
    return [ruling for ruling in rulings.get(visit_id, []) if ruling.revision == revision]


def _place(tasks: list[tuple[str, str]], visit_id: str) -> int:
    return next((n for n, (one, _) in enumerate(tasks) if one == visit_id), -1)


def _wants_second(rulings: list[Ruling], who: Person) -> bool:
    """Somebody else has looked, nobody has looked a second time."""
    done = any(ruling.kind == "second" for ruling in rulings)
    return bool(rulings) and not done and all(ruling.decided_by_id != who.id for ruling in rulings)


def _result(ruling: Ruling) -> str:
    return "rejected" if ruling.kind == "final" and ruling.result == "not_as_recorded" else ruling.result


def _rulings(session: Session, batch: Batch) -> dict[str, list[Ruling]]:
    rows = select(Ruling).join(BatchVisit, BatchVisit.visit_id == Ruling.visit_id).where(
        BatchVisit.batch_id == batch.id, BatchVisit.reason.is_not(None)
    )  # fmt: skip
    found: dict[str, list[Ruling]] = {}
    for ruling in session.scalars(rows.order_by(Ruling.decided_at, Ruling.id)):
        found.setdefault(ruling.visit_id, []).append(ruling)
    return found


def _flags(session: Session, batch: Batch) -> dict[str, int]:
    rows = select(Finding.visit_id, Finding.revision, Visit.revision.label("now"))
    rows = rows.join(Visit, Visit.id == Finding.visit_id).join(BatchVisit, BatchVisit.visit_id == Finding.visit_id)
    told = BatchVisit.batch_id == batch.id, Finding.withdrawn_at.is_(None), Finding.level != "none"
    found: dict[str, int] = {}
    for row in session.execute(rows.where(*told)):
        if row.revision == row.now:
            found[row.visit_id] = found.get(row.visit_id, 0) + 1
    return found


def _disputed() -> ColumnElement[bool]:
    """By the few rulings of this result first, or every visit ever would be asked."""
    few = select(Ruling.visit_id).where(Ruling.result == "not_as_recorded")
    return Visit.id.in_(few) & (latest_result().scalar_subquery() == "not_as_recorded")
