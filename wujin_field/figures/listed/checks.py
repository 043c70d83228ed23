"""What was looked at and handed in: batches, findings, coverage, papers."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, joinedload

from ...db import local_day
from ...domain import Pack
from ...evidence.found import sentence
from ...models import Area, Batch, BatchVisit, Finding, Report, Unit, Visit
from ...models.rulings import latest_result
from ...review.sheet import batch_said, visit_number
from .. import coverage
from .shelf import AREA, DAY, ID, NAME, PLACE, UNIT, Shelf, Wanted, told, within

QUIET_DAYS = 30


def _batches(wanted: Wanted) -> Select:
    """Drawn on these days, with how many it covers, drew, and has seen."""
    looked = latest_result().scalar_subquery()
    mine = select(func.count()).where(BatchVisit.batch_id == Batch.id).correlate(Batch)
    covered, drawn = mine.scalar_subquery(), mine.where(BatchVisit.reason.is_not(None)).scalar_subquery()
    seen = select(func.count()).select_from(BatchVisit).join(Visit, Visit.id == BatchVisit.visit_id)
    seen = seen.where(BatchVisit.batch_id == Batch.id, BatchVisit.reason.is_not(None), looked.is_not(None)).correlate(
        Batch
    )
    rows = within(select(Batch, covered, drawn, seen.scalar_subquery()).join(Area, Batch.area_id == Area.id), wanted)
    return rows.options(joinedload(Batch.unit))


def _batch(pack: Pack, line: Any) -> dict:
    one, covered, drawn, seen = line
    return {"id": one.id, "number": batch_said(one), "unit": one.unit.zh, "period": one.period, "seed": one.seed,
            "day": told(local_day(one.drawn_at)), "covered": covered, "drawn": drawn, "seen": seen,
            "closed": told(local_day(one.closed_at)) if one.closed_at else ""}  # fmt: skip


def _findings(wanted: Wanted) -> Select:
    """Those that stand; a flag is a reason to look, so none bears a person's name."""
    rows = select(Finding, Visit, Unit).join(Visit, Visit.id == Finding.visit_id).join(Area, Area.id == Visit.area_id)
    rows = rows.join(Unit, Unit.id == Visit.unit_id)
    rows = rows.where(Finding.withdrawn_at.is_(None), Finding.revision == Visit.revision)
    rows = rows.where(Finding.code == wanted.kind) if wanted.kind else rows
    return within(rows, wanted, Visit.day, Visit.place_type).options(joinedload(Visit.area))


def _finding(pack: Pack, line: Any) -> dict:
    one, visit, unit = line
    return {"id": one.id, "visit": visit_number(visit.id), "day": told(visit.day), "unit": unit.zh, "area": visit.area.zh,
            "place_type": pack.name("place_type", visit.place_type), "flag": pack.name("flag", one.code),
            "level": LEVELS.get(one.level, one.level), "text": sentence(pack, one.code, one.detail)}  # fmt: skip


def _coverage(session: Session, pack: Pack, wanted: Wanted) -> Iterator[dict]:
    """As its page has it: villages, groups, kinds of venues, audiences; since the first day asked, or for thirty days."""
    since = wanted.first or wanted.today - timedelta(days=QUIET_DAYS - 1)
    path, levels = wanted.area_path, ("village", "community")
    area = session.scalars(select(Area.id).where(Area.path == path)).first() or ""
    shown = coverage.in_focus if wanted.state == "focus" else list
    reached: tuple[tuple[str, Iterable[coverage.Reach]], ...] = (
        ("村（社区）", coverage.areas_reached(session, path, levels, since)),
        ("组、小区、网格", coverage.groups_reached(session, path, since)),
        ("场所种类", shown(coverage.kinds_reached(session, pack, path, since))),
        ("宣传对象", shown(coverage.audiences_reached(session, pack, area, since))),
    )
    for level, lines in reached:
        for one in lines:
            yield {"id": one.code, "level": level, "name": one.zh, "last": told(one.last), "done": one.done,
                   "out_of": one.out_of, "days": one.days_quiet(wanted.today), "quiet": int(one.quiet)}  # fmt: skip


def _reports(wanted: Wanted) -> Select:
    rows = select(Report).join(Unit, Report.unit_id == Unit.id).join(Area, Unit.area_id == Area.id)
    rows = rows.where(Area.path.startswith(wanted.area_path, autoescape=True), Report.submitted_at.is_not(None))
    rows = rows.where(Report.kind == wanted.kind) if wanted.kind else rows
    rows = rows.where(Report.period == wanted.period) if wanted.period else rows
    return rows.options(joinedload(Report.unit))


def _report(pack: Pack, line: Any) -> dict:
    one: Report = line[0]
    return {"id": one.id, "unit": one.unit.zh, "kind": pack.name("report", one.kind), "period": one.period,
            "version": one.version, "state": REPORT_STATES[one.state], "submitted_at": told(one.submitted_at),
            "paper_at": told(one.paper_at), "electronic_at": told(one.electronic_at), "digest": one.digest or ""}  # fmt: skip


REPORT_STATES = {"begun": "起草", "submitted": "已报", "returned": "退回", "received": "收到"}
LEVELS = {"strong": "重", "medium": "中", "weak": "轻", "none": "只作说明"}
PAPERS = {"id": ID, "unit": UNIT, "kind": ("材料", "Paper"), "period": ("时段", "Period"), "version": ("版本", "Version"),
          "state": ("进度", "State"), "submitted_at": ("报送时间（UTC）", "Handed in (UTC)"),
          "paper_at": ("已收纸质", "Paper received"),
          "electronic_at": ("已收电子", "Electronic received"), "digest": ("内容摘要", "Digest")}  # fmt: skip
SHELVES = (
    Shelf("batches", "抽查批次", "Spot-check batches", {
        "id": ID, "number": ("抽样号", "Number"), "unit": UNIT, "period": ("时段", "Period"), "seed": ("种子", "Seed"),
        "day": ("抽出日期", "Drawn on"), "covered": ("覆盖（条）", "Covered"), "drawn": ("抽中（条）", "Drawn"),
        "seen": ("已看（条）", "Seen"), "closed": ("结束日期", "Closed on")}, _batches, _batch, Batch.id, ()),
    Shelf("findings", "提示项", "Findings", {
        "id": ID, "visit": ("走访编号", "Visit"), "day": DAY, "unit": UNIT, "area": AREA, "place_type": PLACE,
        "flag": ("提示项", "Flag"), "level": ("轻重", "Weight"), "text": ("说明", "In words")},
        _findings, _finding, Finding.id, ("first", "last", "place_type", "kind")),
    Shelf("coverage", "覆盖", "Coverage", {
        "id": ID, "level": ("层级", "Level"), "name": NAME, "last": ("最近一次", "Last"),
        "done": ("这段时间（次或处）", "In this time"),
        "out_of": ("共几处", "Out of"), "days": ("空了几天", "Days since"), "quiet": ("空白", "Nothing at all")},
        filters=("first", "state"), listed=_coverage),
    Shelf("reports", "材料报送", "Reports handed in", PAPERS, _reports, _report, Report.id, ("kind", "period")),
)  # fmt: skip
