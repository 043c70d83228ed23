"""A sheet's life: checked (nothing written), then imported, all or nothing; undoing.py takes it back."""

from collections.abc import Callable
from dataclasses import asdict
from types import ModuleType
from typing import BinaryIO

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..db import utc_now
from ..domain import Pack
from ..models import Area, SheetImport, Unit
from ..models.journal import append_audit
from . import people, plan, venues
from .checking import Checking
from .read import PROBLEMS_MAX, Problem, Unusable, read

KINDS: dict[str, tuple[type[Checking], ModuleType]] = {
    "venues": (venues.Venues, venues),
    "people": (people.People, people),
    "plan": (plan.Plan, plan),
}
Tell = Callable[[int, int], None]


def check(
    session: Session, pack: Pack, kind: str, file: BinaryIO, name: str, path: str, who: str | None,
    tell: Tell = lambda done, total: None,
) -> SheetImport:  # fmt: skip
    """Read and judge every row; writes nothing but what is returned, which the caller may add. path: the reader's area."""
    sheet = SheetImport(kind=kind, name=name[:200], who_id=who, rows=[], problems=[])
    try:
        limits = {**pack.files["sheets"], **pack["sheet"][kind]}  # a kind may have a rows_max of its own
        found = read(file, limits["columns"], limits, tell)
    except Unusable as unusable:
        return _with(sheet, [], [unusable.problem])
    judge = KINDS[kind][0](pack["sheet"][kind]["columns"])
    judge.problems += found.problems
    judge.begin(session, pack, path)
    rows, total = [], len(found.lines)
    found.lines.reverse()
    while found.lines:  # taken away as they are judged: fifty thousand rows are never there twice
        row = judge.check(found.lines.pop())
        rows += [row] if not judge.problems else []
        if (done := total - len(found.lines)) % 250 == 0 or done == total:
            tell(done, total)
    sheet.new, sheet.changed, sheet.same = (judge.counts[what] for what in ("new", "changed", "same"))
    return _with(sheet, rows, judge.problems)


def _with(sheet: SheetImport, rows: list, problems: list[Problem]) -> SheetImport:
    ordered = sorted(problems, key=lambda one: (one.row, one.column))[:PROBLEMS_MAX]
    sheet.problems = [asdict(one) for one in ordered]
    sheet.rows = [] if problems else [row for row in rows if row is not None]
    return sheet


def import_rows(session: Session, pack: Pack, sheet: SheetImport, who: str | None) -> None:
    """All rows, in the caller's transaction."""
    KINDS[sheet.kind][1].apply(session, pack, sheet.rows, who, sheet.id)
    sheet.state, sheet.imported_at, sheet.rows = "imported", utc_now(), []
    append_audit(
        session, utc_now(), who, "imported", "sheet", sheet.id, of=sheet.kind, new=sheet.new, changed=sheet.changed
    )


def words_of(session: Session, pack: Pack, path: str) -> dict[str, list[str]]:
    """What may stand in the columns that have `words`, for the template's second sheet."""
    areas = select(Area.zh).where(Area.path.startswith(path, autoescape=True), Area.active).order_by(Area.path)
    units = (
        select(Unit.zh).join(Area).where(Area.path.startswith(path, autoescape=True), Unit.active).order_by(Area.path)
    )
    of_pack = {table: [entry["zh"] for entry in pack[table].values() if not entry.get("retired")]
               for table in ("venue_kind", "place_type", "field_role", "access")}  # fmt: skip
    return of_pack | {
        "areas": list(session.scalars(areas)),
        "units": list(session.scalars(units)),
        "yesno": ["是", "否"],
        "plan_kind": list(plan.PLAN_KINDS.values()),
    }
