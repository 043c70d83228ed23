"""The tree of areas: which units answer for each, how many people they have with which marks, how many places it holds."""

from collections import Counter, defaultdict
from dataclasses import dataclass

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from ..domain import Pack
from ..models import Area, Person, PersonMark, Unit, Venue


@dataclass(frozen=True)
class AreaLine:
    """One area. depth from 0; marks: {code: people of its units who bear it}."""

    area: Area
    depth: int
    units: list[Unit]
    people: int
    venues: int
    marks: dict[str, int]


def area_lines(session: Session, pack: Pack, path: str) -> list[AreaLine]:
    """The active ones of a subtree, in the order of the tree."""
    inside = Area.path.startswith(path, autoescape=True)
    found = list(session.scalars(select(Area).where(inside, Area.active).order_by(Area.path)))
    units = defaultdict(list)
    for unit in session.scalars(select(Unit).join(Area).where(inside, Unit.active).order_by(Unit.code)):
        units[unit.area_id].append(unit)
    people = _counted(session, select(Person.unit_id, func.count()).where(Person.active).group_by(Person.unit_id))
    venues = _counted(session, select(Venue.area_id, func.count()).where(Venue.active).group_by(Venue.area_id))
    marked, base = _marked(session), min((area.path.count("/") for area in found), default=0)
    return [
        AreaLine(area, area.path.count("/") - base, units[area.id], sum(people.get(unit.id, 0) for unit in units[area.id]),
                 venues.get(area.id, 0),
                 {mark: sum(marked[(unit.id, mark)] for unit in units[area.id]) for mark in pack["mark"]})
        for area in found
    ]  # fmt: skip


def _marked(session: Session) -> Counter[tuple[str, str]]:
    """(unit id, mark) → people."""
    rows = select(Person.unit_id, PersonMark.mark, func.count()).join(Person, Person.id == PersonMark.person_id)
    rows = rows.where(Person.active).group_by(Person.unit_id, PersonMark.mark)
    return Counter({(unit, mark): n for unit, mark, n in session.execute(rows)})


def _counted(session: Session, rows: Select) -> dict[str, int]:
    return {row[0]: row[1] for row in session.execute(rows)}
