"""The papers that were handed in: who asked for which, what stood in it when it was sent, and its steps.

A version that was submitted never changes again; a correction is the next version, and says what changed.
"""

import secrets
from datetime import date, datetime

from sqlalchemy import Date, ForeignKey, LargeBinary, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from ..db import Base, Key, Ref, utc_now
from .organisation import Unit
from .people import Person, token_hash

STATES = ("begun", "submitted", "returned", "received")


class Report(Base):
    """One version of one unit's paper for one period. period: as periods.py reads it; about: '' or an id.

    words: what the clerk decided (reports/ask.py). content, digest: the frozen paper (reports/paper.py), once submitted.
    edits counts the saves, so that two clerks notice each other. code is the address of its public check.
    """

    __tablename__ = "report"
    __table_args__ = (UniqueConstraint("kind", "unit_id", "period", "about", "version"),)
    id: Mapped[Key]
    kind: Mapped[str]
    unit_id: Mapped[Ref] = mapped_column(ForeignKey("unit.id"))
    period: Mapped[str]
    about: Mapped[str] = mapped_column(default="")
    version: Mapped[int] = mapped_column(default=1)
    words: Mapped[dict]
    edits: Mapped[int] = mapped_column(default=0)
    edited_at: Mapped[datetime] = mapped_column(default=utc_now)
    edited_by_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    content: Mapped[dict | None]
    digest: Mapped[str | None] = mapped_column(String(64))
    code: Mapped[str | None] = mapped_column(unique=True)
    changes: Mapped[list] = mapped_column(default=list)
    submitted_at: Mapped[datetime | None]
    paper_at: Mapped[date | None] = mapped_column(Date)
    electronic_at: Mapped[date | None] = mapped_column(Date)
    unit: Mapped[Unit] = relationship()
    edited_by: Mapped[Person] = relationship()
    steps: Mapped[list["ReportStep"]] = relationship(order_by="ReportStep.at, ReportStep.id")

    @property
    def state(self) -> str:
        """begun, submitted, returned or received: read from the latest step."""
        return self.steps[-1].step if self.steps else "begun"


class ReportStep(Base):
    """step: submitted, returned (with a reason), received."""

    __tablename__ = "report_step"
    id: Mapped[Key]
    report_id: Mapped[Ref] = mapped_column(ForeignKey("report.id"))
    step: Mapped[str]
    reason: Mapped[str] = mapped_column(default="")
    by_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime] = mapped_column(default=utc_now)
    by: Mapped[Person] = relationship()


class PaperForm(Base):
    """The superior's own template for one kind of paper: a .docx or .xlsx, as it was uploaded. chosen: used from now on."""

    __tablename__ = "paper_form"
    id: Mapped[Key]
    unit_id: Mapped[Ref] = mapped_column(ForeignKey("unit.id"))
    kind: Mapped[str]
    name: Mapped[str]
    suffix: Mapped[str]  # docx, xlsx
    body: Mapped[bytes] = mapped_column(LargeBinary)
    chosen: Mapped[bool] = mapped_column(default=False)
    uploaded_by_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    uploaded_at: Mapped[datetime] = mapped_column(default=utc_now)


class ApiToken(Base):
    """A key for another platform: read only, its hash alone is kept. scopes: names of lists; until: None for no end."""

    __tablename__ = "api_token"
    id: Mapped[Key]
    unit_id: Mapped[Ref] = mapped_column(ForeignKey("unit.id"))
    name: Mapped[str]
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    scopes: Mapped[list]
    made_by_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    made_at: Mapped[datetime] = mapped_column(default=utc_now)
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    unit: Mapped[Unit] = relationship()


def newest_report(session: Session, kind: str, unit_id: str, period: str, about: str = "") -> Report | None:
    """Its latest version, begun or submitted."""
    rows = select(Report).where(Report.kind == kind, Report.unit_id == unit_id, Report.period == period)
    return session.scalars(rows.where(Report.about == about).order_by(Report.version.desc()).limit(1)).first()


def first_sent(session: Session, report: Report) -> datetime | None:
    """When the first version of this paper came: a returned one counts from its first submission (domain.md D, R163)."""
    same = select(Report.submitted_at).where(
        Report.kind == report.kind, Report.unit_id == report.unit_id, Report.period == report.period,
        Report.about == report.about, Report.submitted_at.is_not(None),
    )  # fmt: skip
    return session.scalar(same.order_by(Report.version).limit(1))


def new_token(person: Person, name: str, scopes: list[str]) -> tuple[ApiToken, str]:
    """A new key of this person's unit and its text, which is told once and never stored."""
    key = f"wj_{secrets.token_urlsafe(30)}"
    row = ApiToken(unit_id=person.unit_id, name=name, scopes=scopes, token_hash=token_hash(key), made_by_id=person.id)
    return row, key
