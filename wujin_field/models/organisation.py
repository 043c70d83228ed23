"""Areas (where) and units (who answers): two trees that meet."""

from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from ..db import Base, Key, Ref


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
    """单位: station, committee, department, company. unit_kind is a code of roles.toml."""

    __tablename__ = "unit"
    id: Mapped[Key]
    code: Mapped[str] = mapped_column(unique=True)
    zh: Mapped[str]
    unit_kind: Mapped[str]
    parent_id: Mapped[Ref | None] = mapped_column(ForeignKey("unit.id"))
    area_id: Mapped[Ref] = mapped_column(ForeignKey("area.id"))
    responsible_office: Mapped[str | None]
    active: Mapped[bool] = mapped_column(default=True)
    area: Mapped[Area] = relationship()


def station_above(session: Session, area: Area) -> Unit | None:
    """The fire station that answers for this area: the nearest one at it or above it."""
    stations = session.scalars(
        select(Unit).join(Area).where(Unit.unit_kind == "station", Unit.active).order_by(Area.path.desc())
    )
    return next((unit for unit in stations if area.path.startswith(unit.area.path)), None)
