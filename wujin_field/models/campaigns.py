"""Campaigns (方案、活动月) with their stages, work items, deadlines and quotas; what was sent in; calendar addresses."""

from datetime import date, datetime

from sqlalchemy import Date, ForeignKey, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..db import Base, Key, Ref, utc_now
from .organisation import Unit

LINES = ("stage", "item", "deadline", "quota")


class Campaign(Base):
    """From, to, the theme of the year (a text, R84), its level, who organises it; code: a span of calendar.toml it fills."""

    __tablename__ = "campaign"
    id: Mapped[Key]
    unit_id: Mapped[Ref] = mapped_column(ForeignKey("unit.id"))
    zh: Mapped[str]
    first_day: Mapped[date] = mapped_column(Date)
    last_day: Mapped[date] = mapped_column(Date)
    theme: Mapped[str] = mapped_column(default="")
    level: Mapped[str] = mapped_column(default="township")  # county, township, trade, enterprise, village
    code: Mapped[str | None]
    tag: Mapped[str] = mapped_column(default="")
    basis_doc: Mapped[str] = mapped_column(default="")
    closed_at: Mapped[datetime | None]
    unit: Mapped[Unit] = relationship()
    lines: Mapped[list["CampaignLine"]] = relationship(
        order_by="CampaignLine.kind, CampaignLine.number, CampaignLine.id", cascade="all, delete-orphan"
    )
    organisers: Mapped[list[Unit]] = relationship(secondary="campaign_organiser", order_by=Unit.code)


class CampaignOrganiser(Base):
    """Two or more make it a joint campaign (R24, R29)."""

    __tablename__ = "campaign_organiser"
    campaign_id: Mapped[str] = mapped_column(ForeignKey("campaign.id"), primary_key=True)
    unit_id: Mapped[str] = mapped_column(ForeignKey("unit.id"), primary_key=True)


class CampaignLine(Base):
    """One line of a campaign's paper: a stage, a work item with its triple (R135), a deadline, a quota.

    lead: a person or a unit, as printed (R145). day_of_month: a deadline that comes back every month.
    """

    __tablename__ = "campaign_line"
    id: Mapped[Key]
    campaign_id: Mapped[Ref] = mapped_column(ForeignKey("campaign.id"))
    kind: Mapped[str]
    number: Mapped[int] = mapped_column(default=0)
    text: Mapped[str] = mapped_column(default="")
    first_day: Mapped[date | None] = mapped_column(Date)
    last_day: Mapped[date | None] = mapped_column(Date)
    place: Mapped[str] = mapped_column(default="")
    lead: Mapped[str] = mapped_column(default="")
    cooperating: Mapped[str] = mapped_column(default="")
    responsible: Mapped[str] = mapped_column(default="")
    activity_kind: Mapped[str | None]
    quota: Mapped[str | None]
    wanted: Mapped[int | None]
    day_of_month: Mapped[int | None]


class Submission(Base):
    """What a unit sent in for a deadline of quotas.toml: one per unit, deadline and period (2026, 2026-11).

    The program makes files, a person sends them: each way has the day that somebody entered (R115, R201).
    """

    __tablename__ = "submission"
    __table_args__ = (UniqueConstraint("unit_id", "deadline", "period"),)
    id: Mapped[Key]
    unit_id: Mapped[Ref] = mapped_column(ForeignKey("unit.id"))
    deadline: Mapped[str]
    period: Mapped[str]
    paper_at: Mapped[date | None] = mapped_column(Date)
    electronic_at: Mapped[date | None] = mapped_column(Date)
    noted_by_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    noted_at: Mapped[datetime] = mapped_column(default=utc_now)


class CalendarFeed(Base):
    """A secret address of a unit's calendar. We keep the token's hash; a new one makes the old one silent."""

    __tablename__ = "calendar_feed"
    id: Mapped[Key]
    unit_id: Mapped[Ref] = mapped_column(ForeignKey("unit.id"))
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    made_at: Mapped[datetime] = mapped_column(default=utc_now)
    revoked_at: Mapped[datetime | None]
    unit: Mapped[Unit] = relationship()
