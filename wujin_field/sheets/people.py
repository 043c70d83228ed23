"""人员: rows that become people. No ID numbers; a second person of the same name in a unit is asked about."""

import re

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..db import uuid7
from ..domain import Pack
from ..models import Area, Person, PersonArea, Unit
from ..models.changes import note
from .checking import Checking, Names
from .read import half_width
from .venues import areas_by_id

ID_NUMBER = re.compile(r"\d{17}[\dXx]|\d{15}")


class People(Checking):
    """One row: {values: columns of person, areas: [id]}."""

    def begin(self, session: Session, pack: Pack, path: str) -> None:
        self.pack, areas = pack, areas_by_id(session, path)
        self.area_names = Names((name, area.id) for area in areas.values() for name in (area.zh, area.code))
        inside = select(Unit).join(Area).where(Area.path.startswith(path, autoescape=True), Unit.active)
        units = list(session.scalars(inside))
        self.units = Names((name, unit.id) for unit in units for name in (unit.zh, unit.code))
        self.roles = Names(
            (entry.get(key), code) for code, entry in pack["field_role"].items() for key in ("zh", "en", "code")
        )
        self.access = Names(
            (entry.get(key), code) for code, entry in pack["access"].items() for key in ("zh", "en", "code")
        )
        people = select(Person.unit_id, Person.name).where(
            Person.unit_id.in_([unit.id for unit in units]), Person.active
        )
        self.known = {tuple(row) for row in session.execute(people)}
        self.seen: dict[tuple, int] = {}

    def row(self, cells: dict[str, str]) -> dict | None:
        if any(ID_NUMBER.search(half_width(text).replace(" ", "")) for text in cells.values()):
            self.bad("name", "id_number")
        unit, role = self.one(self.units, cells, "unit"), self.one(self.roles, cells, "role")
        chosen = self.one(self.access, cells, "access") if cells["access"] else None
        names = [part for part in re.split("[、,，;；]", cells["areas"]) if part.strip()]
        areas = [self.one(self.area_names, cells, "areas", name.strip()) for name in names]
        self.short(cells, name=40)
        if not (unit and role and cells["name"]):
            return None
        if (earlier := self.seen.setdefault((unit, cells["name"]), self.line)) != self.line:
            self.bad("name", "name_twice", row=earlier)
        elif (unit, cells["name"]) in self.known:
            self.bad("name", "person_taken")
        self.count("new")
        access = chosen or self.pack["field_role"][role]["access"]
        return {
            "values": {"name": cells["name"], "unit_id": unit, "field_role": role, "access": access},
            "areas": areas,
        }


def apply(session: Session, pack: Pack, rows: list[dict], who: str | None, import_id: str) -> None:
    for row in rows:
        person = Person(id=uuid7(), revision=1, **row["values"])
        session.add(person)
        session.add_all(PersonArea(person_id=person.id, area_id=area) for area in dict.fromkeys(row["areas"]) if area)
        session.flush()
        note(session, person, "imported", {}, who, import_id)
