"""Areas (where) and units (who answers): two trees that meet."""

from datetime import date

from sqlalchemy import Date, ForeignKey, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from ..db import Base, Key, Ref, local_day, utc_now, uuid7
from .naming import clean

COMMITTEES = {"village": ("village_committee", "村民委员会"), "community": ("community_committee", "居民委员会")}


class Misplaced(Exception):
    """What is asked would tear the tree. code: name_missing, under_itself, still_used."""

    def __init__(self, code: str):
        super().__init__(code)
        self.code = code


class Area(Base):
    """区域: county → township → village or community → group, estate, grid.

    path: codes from the root, each followed by a slash; a subtree is a prefix, so scope stays inside the query.
    """

    __tablename__ = "area"
    id: Mapped[Key]
    code: Mapped[str] = mapped_column(unique=True)
    zh: Mapped[str]
    area_kind: Mapped[str]  # county, township, village, community, group, estate, grid
    parent_id: Mapped[Ref | None] = mapped_column(ForeignKey("area.id"))
    path: Mapped[str] = mapped_column(index=True)
    settlement: Mapped[str]  # town or country
    households: Mapped[int | None]
    population: Mapped[int | None]
    shops: Mapped[int | None]
    active: Mapped[bool] = mapped_column(default=True)


class Unit(Base):
    """单位: station, committee, department, company. unit_kind is a code of roles.toml.

    phone: of the office, never a person's own: where people turn to (R164).
    begun_on: from which day on it owes papers and figures; none: since the first activity of all (figures/deadlines.py).
    """

    __tablename__ = "unit"
    id: Mapped[Key]
    code: Mapped[str] = mapped_column(unique=True)
    zh: Mapped[str]
    unit_kind: Mapped[str]
    parent_id: Mapped[Ref | None] = mapped_column(ForeignKey("unit.id"))
    area_id: Mapped[Ref] = mapped_column(ForeignKey("area.id"))
    responsible_office: Mapped[str | None]
    phone: Mapped[str] = mapped_column(default="", server_default="")
    begun_on: Mapped[date | None] = mapped_column(Date)
    active: Mapped[bool] = mapped_column(default=True)
    area: Mapped[Area] = relationship()


def station_above(session: Session, area: Area) -> Unit | None:
    """The fire station that answers for this area: the nearest one at it or above it."""
    stations = session.scalars(
        select(Unit).join(Area).where(Unit.unit_kind == "station", Unit.active).order_by(Area.path.desc())
    )
    return next((unit for unit in stations if area.path.startswith(unit.area.path)), None)


def add_area(session: Session, parent: Area | None, zh: str, area_kind: str, code: str = "") -> Area:
    """A new area under `parent`; without a code it gets the next free one. Raises Misplaced."""
    code = code or _free(session, Area, f"{parent.code}-" if parent else "area-")
    settlement = "town" if area_kind == "community" or (parent and parent.settlement == "town") else "country"
    path = f"{parent.path if parent else ''}{code}/"
    area = Area(id=uuid7(), code=code, zh=_named(zh), area_kind=area_kind, parent_id=parent.id if parent else None,
                path=path, settlement=settlement)  # fmt: skip
    session.add(area)
    session.flush()
    return area


def add_unit(session: Session, zh: str, unit_kind: str, area: Area, parent: Unit | None = None, code: str = "") -> Unit:
    """A new unit that sits in `area`. Raises Misplaced."""
    code = code or _free(session, Unit, f"{area.code}-")
    unit = Unit(id=uuid7(), code=code, zh=_named(zh), unit_kind=unit_kind, area_id=area.id,
                parent_id=parent.id if parent else None, begun_on=local_day(utc_now()))  # fmt: skip
    session.add(unit)
    session.flush()
    return unit


def add_village(
    session: Session, parent: Area, zh: str, area_kind: str, above: Unit | None
) -> tuple[Area, Unit | None]:
    """The area, and with a village or community its committee. Raises Misplaced."""
    area = add_area(session, parent, zh, area_kind)
    if area_kind not in COMMITTEES:
        return area, None
    kind, ending = COMMITTEES[area_kind]
    return area, add_unit(session, f"{area.zh}{ending}", kind, area, above, area.code)


def move_area(session: Session, area: Area, parent: Area) -> None:
    """With everything below it: their paths follow, what was recorded there keeps its area. Raises Misplaced."""
    if parent.path.startswith(area.path):
        raise Misplaced("under_itself")
    old, new = area.path, f"{parent.path}{area.code}/"
    below = session.scalars(select(Area).where(Area.path.startswith(old, autoescape=True))).all()
    for row in below:
        row.path = new + row.path.removeprefix(old)
    area.parent_id = parent.id


def rename(thing: Area | Unit, zh: str) -> None:
    thing.zh = _named(zh)


def retire_area(session: Session, area: Area) -> None:
    """It leaves the lists and stays in the records. Raises Misplaced while something living is in it."""
    below = select(func.count(Area.id)).where(
        Area.path.startswith(area.path, autoescape=True), Area.active, Area.id != area.id
    )
    if session.scalar(below) or session.scalar(select(Unit.id).where(Unit.area_id == area.id, Unit.active).limit(1)):
        raise Misplaced("still_used")
    area.active = False


def _named(zh: str) -> str:
    if not (name := clean(zh)):
        raise Misplaced("name_missing")
    return name


def _free(session: Session, table: type[Area] | type[Unit], stem: str) -> str:
    taken = set(session.scalars(select(table.code).where(table.code.startswith(stem, autoescape=True))))
    return next(code for number in range(1, len(taken) + 2) if (code := f"{stem}{number}") not in taken)
