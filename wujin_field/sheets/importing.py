"""A sheet's life: checked (nothing written), imported (all or nothing), undone (what nobody has touched since)."""

from collections.abc import Callable
from dataclasses import asdict
from types import ModuleType
from typing import Any, BinaryIO

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from ..db import utc_now
from ..domain import Pack
from ..models import (
    Activity,
    Area,
    Device,
    Invite,
    Person,
    PersonArea,
    PlanRow,
    RecordChange,
    SheetImport,
    Unit,
    Venue,
    VenueCode,
    Visit,
)
from ..models.changes import change
from ..models.journal import append_audit
from . import people, plan, venues
from .checking import Checking
from .read import Problem, Unusable, read

KINDS: dict[str, tuple[type[Checking], ModuleType]] = {
    "venues": (venues.Venues, venues),
    "people": (people.People, people),
    "plan": (plan.Plan, plan),
}
PROBLEMS_KEPT = 500
Tell = Callable[[int, int], None]


def check(
    session: Session, pack: Pack, kind: str, file: BinaryIO, name: str, path: str, who: str | None,
    tell: Tell = lambda done, total: None,
) -> SheetImport:  # fmt: skip
    """Read and judge every row; writes nothing but what is returned, which the caller may add. path: the reader's area."""
    sheet = SheetImport(kind=kind, name=name[:200], who_id=who, rows=[], problems=[])
    try:
        found = read(file, pack["sheet"][kind]["columns"], pack.files["sheets"])
    except Unusable as unusable:
        return _with(sheet, [], [unusable.problem])
    judge = KINDS[kind][0](pack["sheet"][kind]["columns"])
    judge.problems += found.problems
    judge.begin(session, pack, path)
    rows = []
    for number, line in enumerate(found.lines, 1):
        rows.append(judge.check(line))
        if number % 250 == 0 or number == len(found.lines):
            tell(number, len(found.lines))
    sheet.new, sheet.changed, sheet.same = (judge.counts[what] for what in ("new", "changed", "same"))
    return _with(sheet, rows, judge.problems)


def _with(sheet: SheetImport, rows: list, problems: list[Problem]) -> SheetImport:
    ordered = sorted(problems, key=lambda one: (one.row, one.column))[:PROBLEMS_KEPT]
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


def undo(session: Session, sheet: SheetImport, who: str | None) -> list[str]:
    """Take back what this import did, where nobody has done anything with it since; the names of what had to stay."""
    session.flush()
    mine = select(RecordChange).where(RecordChange.import_id == sheet.id).order_by(RecordChange.id.desc())
    kept = [name for line in session.scalars(mine).all() if (name := UNDO[line.kind](session, line, who))]
    sheet.state, sheet.undone_at = "undone", utc_now()
    append_audit(session, utc_now(), who, "undone", "sheet", sheet.id, kept=len(kept))
    return kept


def _undo_venue(session: Session, line: RecordChange, who: str | None) -> str:
    venue = session.get_one(Venue, line.subject_id)
    if venue.revision != line.revision:
        return venue.zh
    if line.fields:
        change(session, venue, _as_before(line.fields), who, what="undone")
        return ""
    codes = list(session.scalars(select(VenueCode).where(VenueCode.venue_id == venue.id)))
    if _any(session, Visit.venue_id == venue.id) or any(code.state != "printed" for code in codes) or len(codes) > 1:
        return venue.zh
    session.execute(delete(VenueCode).where(VenueCode.venue_id == venue.id))
    session.delete(line)
    session.delete(venue)
    session.flush()
    return ""


def _undo_person(session: Session, line: RecordChange, who: str | None) -> str:
    person = session.get_one(Person, line.subject_id)
    if person.revision != line.revision or _any(session, Device.person_id == person.id):
        return person.name
    for table in (PersonArea, Invite):
        session.execute(delete(table).where(table.person_id == person.id))
    session.delete(line)
    session.delete(person)
    session.flush()
    return ""


def _undo_week(session: Session, line: RecordChange, who: str | None) -> str:
    row = session.get(PlanRow, line.subject_id)
    if row is None or _any(session, Activity.plan_row_id == line.subject_id):
        return row.focus if row else ""
    session.delete(line)
    session.delete(row)
    session.flush()
    return ""


UNDO = {"venue": _undo_venue, "person": _undo_person, "plan_row": _undo_week}


def _as_before(fields: dict[str, list]) -> dict[str, Any]:
    plain = {name: before for name, (before, _) in fields.items() if not name.endswith("_at")}
    return plain | ({"point_at": None} if "lat_e7" in plain and plain["lat_e7"] is None else {})


def _any(session: Session, condition: Any) -> bool:
    return session.scalar(select(condition.left.table).where(condition).limit(1)) is not None


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
    }
