"""Volunteer teams (R10, R152), and who is a safety leader in a village (R6)."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..db import Base, Key, Ref, utc_now
from .organisation import Unit
from .people import Person


class Team(Base):
    """消防志愿服务小队: a name, a unit that it belongs to, its members."""

    __tablename__ = "team"
    id: Mapped[Key]
    unit_id: Mapped[Ref] = mapped_column(ForeignKey("unit.id"))
    zh: Mapped[str]
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    unit: Mapped[Unit] = relationship()
    members: Mapped[list[Person]] = relationship(secondary="team_member", order_by=Person.name)


class TeamMember(Base):
    __tablename__ = "team_member"
    team_id: Mapped[str] = mapped_column(ForeignKey("team.id"), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)


class PersonMark(Base):
    """mark: a code of roles.toml's table `mark`."""

    __tablename__ = "person_mark"
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)
    mark: Mapped[str] = mapped_column(primary_key=True)
