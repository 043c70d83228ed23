"""台账: the small records, one mechanism for every kind that registers.toml describes."""

from collections.abc import Mapping
from datetime import date

from flask import Response, abort, redirect, request
from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import aliased, joinedload, selectinload

from ...db import db, local_day, utc_now, writing
from ...domain import load_pack
from ...domain.registers import options, shown
from ...figures.registers import totals
from ...figures.tallies import up_to_date
from ...figures.targets import Target, targets
from ...figures.told import cases_told
from ...models import Area, RegisterEntry, RegisterUnit, Unit
from ...models.journal import append_audit
from ...models.registers import NotAllowed, steps_open, take_step
from ...sync.envelope import is_id
from .. import guard
from ..pages import language, show
from . import register_form as form_of
from . import station

PAGE = 50


@station.get("/registers")
@guard.also(*guard.UNIT_PAPERS)
def registers() -> Response:
    return show("station/registers/all.html", groups=_groups(), numbers=_numbers())


@station.get("/registers/<kind>")
@guard.also(*guard.UNIT_PAPERS)
def register(kind: str) -> Response:
    described, year = find_kind(kind), _year()
    unit, state, after = (request.args.get(name, "") for name in ("unit", "state", "after"))
    whole = chosen(kind)
    after_row = next((place for place, entry in enumerate(whole) if entry.id == after), -1) if is_id(after) else -1
    page = whole[after_row + 1 : after_row + 1 + PAGE]
    onward = page[-1].id if len(whole) > after_row + 1 + PAGE else None
    return show(
        "station/registers/kind.html", "station/registers/_lines.html", register=described, targets=_targets(kind, page),
        told=_told(kind, year),
        measures=options(load_pack(), described["field"][0]), kind=kind, year=year,
        entries=page, totals=totals(load_pack(), described, whole), unit=unit, state=state, onward=onward,
        may_write=may_write(described), lifecycle=lifecycle_of(described), units=_units_with(kind, year),
    )  # fmt: skip


def chosen(kind: str) -> list[RegisterEntry]:
    """The entries of ?year=, of one unit (?unit=) and one state (?state=) where asked, newest first."""
    asked = {Unit.code: request.args.get("unit"), RegisterEntry.state: request.args.get("state")}
    rows = _of_year(kind, _year()).where(*(column == value for column, value in asked.items() if value))
    return list(db.session.scalars(rows.options(selectinload(RegisterEntry.units), selectinload(RegisterEntry.files))))


@station.get("/registers/<kind>/new")
@guard.also(*guard.UNIT_PAPERS)
def new_entry(kind: str) -> Response:
    described = _writable(kind)
    return form_of.page(kind, described, None, {"day": [local_day(utc_now()).isoformat()]}, [])


@station.post("/registers/<kind>/new")
@guard.also(*guard.UNIT_PAPERS)
def add_entry(kind: str) -> Response:
    described = _writable(kind)
    typed, wrong = form_of.read(described, guard.person(), guard.within_units(guard.person()))
    if wrong:
        return form_of.page(kind, described, None, form_of.typed(), wrong, status=422)
    with writing() as session:
        entry = RegisterEntry(
            kind=kind, author_id=guard.caller().person_id, state=lifecycle_of(described).get("start", "")
        )
        form_of.fill(entry, typed)
        session.add(entry)
        session.flush()
        append_audit(session, entry.created_at, entry.author_id, "added", "register", entry.id, register=kind)
        address = f"/station/registers/{kind}/{entry.id}"
    return redirect(address, 303)  # type: ignore[return-value]


@station.get("/registers/<kind>/<uuid:entry_id>")
@guard.also(*guard.UNIT_PAPERS)
def entry(kind: str, entry_id: object) -> Response:
    return page_of(find(kind, entry_id))


@station.get("/registers/<kind>/<uuid:entry_id>/edit")
@guard.also(*guard.UNIT_PAPERS)
def edit_entry(kind: str, entry_id: object) -> Response:
    found = _editable(find(kind, entry_id))
    return form_of.page(kind, find_kind(kind), found, form_of.held(found), [])


@station.post("/registers/<kind>/<uuid:entry_id>/edit")
@guard.also(*guard.UNIT_PAPERS)
def change_entry(kind: str, entry_id: object) -> Response:
    """Two clerks at once: the second is shown what stands there now, keeps what was typed, and decides."""
    described, found = find_kind(kind), _editable(find(kind, entry_id))
    typed, wrong = form_of.read(described, guard.person(), guard.within_units(guard.person()))
    other = request.form.get("revision") != str(found.revision)
    if wrong or other:
        return form_of.page(kind, described, found, form_of.typed(), wrong, status=409 if other else 422, other=other)
    with writing() as session:
        row = session.get_one(RegisterEntry, found.id)
        form_of.fill(row, typed)
        row.revision, row.changed_at = row.revision + 1, utc_now()
        append_audit(
            session, row.changed_at, guard.caller().person_id, "changed", "register", row.id, revision=row.revision
        )
    return redirect(f"/station/registers/{kind}/{entry_id}", 303)  # type: ignore[return-value]


@station.post("/registers/<kind>/<uuid:entry_id>/void")
@guard.also(*guard.UNIT_PAPERS)
def void_entry(kind: str, entry_id: object) -> Response:
    """With a reason it no longer counts; without one (撤销作废) it counts again."""
    found = _editable(find(kind, entry_id), void_too=True)
    with writing() as session:
        row = session.get_one(RegisterEntry, found.id)
        row.void_reason = request.form.get("reason", "").strip()[:200] or None
        what = "voided" if row.void_reason else "restored"
        append_audit(session, utc_now(), guard.caller().person_id, what, "register", row.id)
    return redirect(f"/station/registers/{kind}/{entry_id}", 303)  # type: ignore[return-value]


@station.post("/registers/<kind>/<uuid:entry_id>/steps")
@guard.also(*guard.UNIT_PAPERS)
def step(kind: str, entry_id: object) -> Response:
    found, described = find(kind, entry_id), find_kind(kind)
    reason = request.form.get("reason", "").strip()[:500]
    try:
        with writing() as session:
            row = session.get_one(RegisterEntry, found.id)
            take_step(session, lifecycle_of(described), row, request.form.get("step", ""), reason, guard.person())
    except NotAllowed:
        return page_of(find(kind, entry_id), status=422, refused=request.form.get("step", ""))
    return redirect(f"/station/registers/{kind}/{entry_id}", 303)  # type: ignore[return-value]


def _targets(kind: str, entries: list[RegisterEntry]) -> dict[str, Target]:
    """What was done beside what was asked for; nothing for other kinds."""
    if kind != "yearly_target":
        return {}
    up_to_date(load_pack())
    return targets(db.session(), entries)


def _told(kind: str, year: int) -> dict[str, int]:
    """At how many activities of the reader's area each case was told; nothing for other kinds."""
    whole = date(year, 1, 1), date(year, 12, 31)
    return cases_told(db.session(), guard.scope_path(guard.person()), *whole) if kind == "accident_case" else {}


def page_of(found: RegisterEntry, status: int = 200, refused: str = "", wrong_file: str = "") -> Response:
    described, who = find_kind(found.kind), guard.person()
    life = lifecycle_of(described)
    lines = [(field, shown(load_pack(), field, found.values.get(field["code"]), language() == "en"))
             for field in described["field"]]  # fmt: skip
    return show(
        "station/registers/entry.html", status=status, register=described, kind=found.kind, entry=found, lines=lines,
        lifecycle=life, steps=steps_open(life, found, who.access, who.unit_id), refused=refused, wrong_file=wrong_file,
        may_write=may_edit(described, found),
    )  # fmt: skip


def find_kind(kind: str) -> Mapping:
    """What the pack says of it, or 404."""
    return load_pack()["register"].get(kind) or abort(404)


def find(kind: str, entry_id: object) -> RegisterEntry:
    """An entry of somebody's own area, or one that names a unit of it; 404 for all others."""
    find_kind(kind)
    rows = _seen().where(RegisterEntry.id == str(entry_id), RegisterEntry.kind == kind)
    return db.session.scalar(rows) or abort(404)


def lifecycle_of(described: Mapping) -> dict:
    return load_pack()["lifecycle"].get(described.get("lifecycle", ""), {})


def may_write(described: Mapping) -> bool:
    return guard.caller().access in described["who"]


def may_edit(described: Mapping, found: RegisterEntry) -> bool:
    """Whoever may write this kind, for units they answer for; what was accepted stays as it was accepted."""
    mine = db.session.scalar(
        select(Unit.id).join(Area).where(Unit.id == found.unit_id, guard.within_units(guard.person()))
    )
    settled = found.state in ("submitted", "accepted", "selected", "published", "answered", "closed")
    return may_write(described) and bool(mine) and not settled


def _writable(kind: str) -> Mapping:
    described = find_kind(kind)
    return described if may_write(described) else abort(403)


def _editable(found: RegisterEntry, void_too: bool = False) -> RegisterEntry:
    if not may_edit(find_kind(found.kind), found):
        abort(403)
    return found if void_too or not found.void_reason else abort(404)


def _seen() -> Select:
    who = guard.person()
    named = aliased(Unit)
    of_named = select(RegisterUnit.entry_id).join(named, named.id == RegisterUnit.unit_id)
    of_area = of_named.join(Area, Area.id == named.area_id).where(guard.within_scope(who))
    mine = of_named.where(named.id == who.unit_id) if who.access == "reporter" else of_area
    rows = select(RegisterEntry).join(Unit, Unit.id == RegisterEntry.unit_id).join(Area, Area.id == Unit.area_id)
    shared = [kind for kind, described in load_pack()["register"].items() if described.get("shared")]
    rows = rows.where(or_(guard.within_units(who), RegisterEntry.id.in_(mine), RegisterEntry.kind.in_(shared)))
    return rows.options(joinedload(RegisterEntry.unit), joinedload(RegisterEntry.author))


def _of_year(kind: str, year: int) -> Select:
    rows = _seen().where(RegisterEntry.kind == kind, RegisterEntry.day.between(date(year, 1, 1), date(year, 12, 31)))
    return rows.where(RegisterEntry.void_reason.is_(None)).order_by(RegisterEntry.day.desc(), RegisterEntry.id.desc())


def _units_with(kind: str, year: int) -> list[Unit]:
    """Units that have an entry, to filter by."""
    ids = _of_year(kind, year).with_only_columns(RegisterEntry.unit_id).order_by(None).distinct()
    return list(db.session.scalars(select(Unit).where(Unit.id.in_(ids)).order_by(Unit.code)))


def _year() -> int:
    typed = request.args.get("year", "")
    return (
        int(typed) if typed.isascii() and typed.isdigit() and 2000 <= int(typed) <= 2100 else local_day(utc_now()).year
    )


def _groups() -> list[tuple[dict, list[dict]]]:
    pack = load_pack()
    return [
        (group, [kind for kind in pack["register"].values() if kind["group"] == code])
        for code, group in pack["group"].items()
    ]


def _numbers() -> dict[str, int]:
    """How many entries of each kind stand this year."""
    year = local_day(utc_now()).year
    rows = _seen().where(
        RegisterEntry.day.between(date(year, 1, 1), date(year, 12, 31)), RegisterEntry.void_reason.is_(None)
    )
    ids = rows.with_only_columns(RegisterEntry.id).options()
    counted = select(RegisterEntry.kind, func.count()).where(RegisterEntry.id.in_(ids)).group_by(RegisterEntry.kind)
    return {kind: number for kind, number in db.session.execute(counted)}  # noqa: C416  # a Row is no pair to mypy
