"""A batch as it is printed: number, seed, what it covers, what was drawn and why; and what the look at it said."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from ..domain import load_pack
from ..models import Area, Batch, BatchVisit, CallBack, Finding, Ruling, Unit, Visit
from ..periods import in_words, read_drawn


@dataclass(frozen=True)
class Drawn:
    """One drawn visit. unit: whose it was when it came; ruling: what makes its state, None while nobody looked;

    flags: codes of what stands on it.
    """

    line: BatchVisit
    unit: str = ""
    ruling: Ruling | None = None
    flags: list[str] = field(default_factory=list)
    call: CallBack | None = None

    @property
    def visit(self) -> Visit:
        return self.line.visit


@dataclass(frozen=True)
class Sheet:
    """covered: how many visits the draw was made among."""

    batch: Batch
    covered: int
    drawn: list[Drawn]


def visit_number(visit_id: str) -> str:
    """Eight characters: enough to find a visit by, short enough to read out."""
    return visit_id.replace("-", "")[-8:].upper()


def batch_said(batch: Batch) -> str:
    """抽样号 as people say it: 2026年第47周第1批."""
    return f"{in_words(batch.period)}第{batch.draw_number}批"


def sheets(session: Session, area_path: str, first: date, last: date, number: str = "") -> list[Sheet]:
    """The batches whose period ends in these days, or the one of that number, with what they drew in this area."""
    wanted = Batch.number == number if number else Batch.period.in_(_periods(session, first, last))
    lines = _lines(session, area_path, wanted)
    told = _told(session, [line.visit for line, _ in lines])
    batches = {line.batch.id: line.batch for line, _ in lines}
    counts = select(BatchVisit.batch_id, func.count()).where(BatchVisit.batch_id.in_(batches))
    covered = {row[0]: row[1] for row in session.execute(counts.group_by(BatchVisit.batch_id))}
    return [
        Sheet(batch, covered[batch.id], [_drawn(line, unit, told) for line, unit in lines if line.batch_id == batch.id])
        for batch in batches.values()
    ]


def _periods(session: Session, first: date, last: date) -> list[str]:
    """A week belongs to the month, the quarter, the year that it ends in."""
    known = session.scalars(select(Batch.period).distinct())
    return [period for period in known if first <= read_drawn(period).last <= last]


def _lines(session: Session, area_path: str, wanted) -> list[tuple[BatchVisit, str]]:  # type: ignore[no-untyped-def]
    """In the order of the sheets, each with the name of its unit."""
    rows = select(BatchVisit, Unit.zh).select_from(BatchVisit).join(Batch).join(Visit, Visit.id == BatchVisit.visit_id)
    rows = rows.join(Unit, Unit.id == Visit.unit_id)
    rows = rows.join(Area, Area.id == Visit.area_id).where(wanted, BatchVisit.reason.is_not(None))
    rows = rows.where(Area.path.startswith(area_path, autoescape=True))
    rows = rows.order_by(Batch.drawn_at, Batch.number, BatchVisit.place)
    found = session.execute(rows.options(joinedload(BatchVisit.visit), joinedload(BatchVisit.batch)))
    return [(line, unit) for line, unit in found]


Told = tuple[dict[str, Ruling], dict[str, list[str]], dict[tuple[str, str], CallBack]]


def _told(session: Session, visits: Iterable[Visit]) -> Told:
    """Of the newest revisions: the ruling that stands, the flags that stand; the calls by batch and visit."""
    revision = {visit.id: visit.revision for visit in visits}
    rulings: dict[str, Ruling] = {}
    flags: dict[str, list[str]] = {}
    rows = select(Ruling).where(Ruling.visit_id.in_(revision), Ruling.kind != "second")
    for row in session.scalars(rows.order_by(Ruling.decided_at, Ruling.id).options(joinedload(Ruling.decided_by))):
        if row.revision == revision[row.visit_id]:
            rulings[row.visit_id] = row
    found = (
        select(Finding).where(Finding.visit_id.in_(revision), Finding.withdrawn_at.is_(None)).order_by(Finding.made_at)
    )
    for one in session.scalars(found):
        if one.revision == revision[one.visit_id] and one.code not in flags.setdefault(one.visit_id, []):
            flags[one.visit_id].append(one.code)
    calls = session.scalars(select(CallBack).where(CallBack.visit_id.in_(revision)))
    return rulings, flags, {(call.batch_id, call.visit_id): call for call in calls}


def _drawn(line: BatchVisit, unit: str, told: Told) -> Drawn:
    rulings, flags, calls = told
    call = calls.get((line.batch_id, line.visit_id))
    return Drawn(line, unit, rulings.get(line.visit_id), flags.get(line.visit_id, []), call)


def sheet(batch: Batch) -> dict:
    """Plain data; drawn: [visit id, stratum, reason, read twice] in the order of the sheet."""
    drawn = [[line.visit_id, line.stratum, line.reason, line.second] for line in batch.visits if line.reason]
    return {"number": batch.number, "period": batch.period, "seed": batch.seed, "covered": len(batch.visits),
            "drawn": drawn, "sample_digest": batch.sample_digest, "rules": batch.rules}  # fmt: skip


def lines_of(batch: Batch) -> list[str]:
    told = sheet(batch)
    head = [f"抽样号 number  {batch.unit.zh} {batch_said(batch)}  {told['number']}", f"种子 seed       {told['seed']}",
            f"覆盖 covered    {told['covered']}    抽中 drawn  {len(told['drawn'])}"]  # fmt: skip
    reasons = Counter(reason for _, _, reason, _ in told["drawn"])
    names = load_pack().files["spot_check"]["sampling"]["reason"]
    return [
        *head,
        "  ".join(f"{names.get(reason, reason)} {number}" for reason, number in sorted(reasons.items())),
        *(
            f"{visit_id}  {stratum}  {reason}{'  ×2' if second else ''}"
            for visit_id, stratum, reason, second in told["drawn"]
        ),
    ]
