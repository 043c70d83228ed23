"""The month board: which village has what, and what is missing where, before the 28th (R160, domain.md G)."""

from dataclasses import dataclass, field
from datetime import date

from flask import Response, request
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from ...db import db, local_day, utc_now
from ...domain import Pack, load_pack
from ...figures.tallies import up_to_date
from ...models import Photo, Report, Unit
from ...periods import beside, fitting, kind_of
from ...reports.ask import Ask
from ...reports.handing_in import due_of, is_late, shown
from ...reports.kinds import KINDS, NothingToPrint
from ...reports.paper import Heading, Paper, Photos, pictures_of
from ..pages import say, show
from . import station
from .papers import may_write, settings, units_for

BOARD = "annex2_monthly"


@dataclass(frozen=True)
class Gap:
    """What an entry lacks, in words."""

    entry: str
    lacks: str


@dataclass(frozen=True)
class Line:
    """One unit's paper; carried: how many of its entries are of the month before; nothing: why it cannot be printed."""

    unit: Unit
    report: Report | None
    late: bool
    entries: int = 0
    pictures: int = 0
    gaps: list[Gap] = field(default_factory=list)
    nothing: str = ""
    carried: int = 0

    @property
    def state(self) -> str:
        return self.report.state if self.report else "none"


@station.get("/reports")
def reports() -> Response:
    pack, today = load_pack(), local_day(utc_now())
    kind, period, wrong = asked_for(pack)
    lines = board(kind, period)
    return show(
        "station/papers/board.html", kind=kind, kinds=KINDS, period=period, lines=lines, wrong=wrong,
        typed=request.args.get("period", ""), due=due_of(pack, kind, period), today=today, states=counted(lines),
        length=kind_of(period), may_write=may_write(), beside=beside(period),
    )  # fmt: skip


def asked_for(pack: Pack) -> tuple[str, str, bool]:
    """?kind=, ?period= and whether the period that was typed is none of this kind."""
    kind, today, typed = request.args.get("kind", BOARD), local_day(utc_now()), request.args.get("period", "")
    kind = kind if kind in KINDS else BOARD
    length = pack["report"][kind]["period"]
    try:
        return kind, fitting(typed, length, today), False
    except ValueError:
        return kind, fitting("", length, today), bool(typed)


def board(kind: str, period: str) -> list[Line]:
    """A line for every unit in scope that owes this paper, in administrative order."""
    pack, units = load_pack(), units_for(kind)
    up_to_date(pack)
    newest = _newest(kind, period)
    return [line_of(Ask(db.session(), pack, kind, unit, period), newest.get(unit.id)) for unit in units]


def next_to_do(ask: Ask) -> Unit | None:
    """Whose paper of this kind and period comes next on the board: not handed in, or returned."""
    if ask.about:
        return None
    units, newest = units_for(ask.kind), _newest(ask.kind, ask.period)
    here = next((n for n, unit in enumerate(units) if unit.id == ask.unit.id), 0)
    open_still = (unit for unit in (*units[here + 1 :], *units[:here]) if _is_open(newest.get(unit.id)))
    return next(open_still, None)


def _is_open(report: Report | None) -> bool:
    return report is None or report.state in ("begun", "returned")


def _newest(kind: str, period: str) -> dict[str, Report]:
    """By unit, of those in scope."""
    rows = select(Report).where(Report.kind == kind, Report.period == period, Report.about == "")
    rows = rows.where(Report.unit_id.in_([unit.id for unit in units_for(kind)])).options(selectinload(Report.steps))
    return {report.unit_id: report for report in db.session.scalars(rows.order_by(Report.version))}


def line_of(ask: Ask, report: Report | None) -> Line:
    late = bool(report and is_late(ask.session, ask.pack, report)) or _overdue(ask, report)
    try:
        paper = shown(ask, report, settings())
    except NothingToPrint as nothing:
        return Line(ask.unit, report, late, nothing=str(nothing))
    counts = paper.counts()
    carried = carried_in(paper, ask.layout.get("carried_heading", ""))
    return Line(ask.unit, report, late, counts["entries"], counts["pictures"], gaps_in(paper, ask), carried=carried)


def carried_in(paper: Paper, heading: str) -> int:
    """Entries below the heading of what the month before left over, which comes last; without them a month's own are counted."""
    headings = [block for block in paper.blocks if isinstance(block, Heading)]
    at = next(
        (n for n, one in enumerate(headings) if heading and one.text.startswith(heading.partition("（")[0])),
        len(headings),
    )
    return sum(one.level == 2 for one in headings[at:])


def _overdue(ask: Ask, report: Report | None) -> bool:
    due: date | None = due_of(ask.pack, ask.kind, ask.period)
    return bool(due and due < ask.today and (report is None or report.submitted_at is None))


def gaps_in(paper: Paper, ask: Ask) -> list[Gap]:
    """By entry: too few pictures, or pictures whose bytes are not here. An empty week is no gap, it is a fact."""
    wanted = ask.layout.get("photos_per_entry_expected", 0)
    here = _arrived({picture.sha256 for picture in paper.pictures})
    gaps, heading, seen = list[Gap](), "", True
    for block in (*paper.blocks, Heading("", 1)):
        if isinstance(block, Heading):
            if heading and not seen and wanted:
                gaps.append(Gap(heading, say("没有照片")))
            heading, seen = (block.text if block.level == 2 else ""), False
        elif shown := pictures_of(block):
            seen = True
            lacks = [picture.label for picture in shown if picture.sha256 not in here]
            if lacks:
                gaps.append(Gap(heading, say("%(labels)s还没有收到原图", labels="、".join(lacks))))
            elif isinstance(block, Photos) and len(shown) < wanted:
                gaps.append(Gap(heading, say("只有%(n)s张照片", n=len(shown))))
    return gaps


def _arrived(digests: set[str]) -> set[str]:
    """Those whose bytes came, and out of which a picture comes."""
    return set(db.session.scalars(select(Photo.sha256).where(Photo.sha256.in_(digests), Photo.fault.is_(None))))


def counted(lines: list[Line]) -> dict[str, int]:
    """How many units stand in each state."""
    states = ("none", "begun", "submitted", "returned", "received")
    return {state: sum(line.state == state for line in lines) for state in states}
