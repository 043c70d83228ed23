"""The station's paper of the year and the fire month, from campaigns.toml; what came in on time, and what came late."""

import tomllib
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from ..db import uuid7
from ..models import Campaign, CampaignLine, Submission, Unit

if TYPE_CHECKING:
    from .town import Town

PAPERS = tomllib.loads((Path(__file__).parent / "campaigns.toml").read_text(encoding="utf-8"))["campaign"]
SAME = ("text", "place", "lead", "cooperating", "responsible", "activity_kind", "quota", "wanted", "day_of_month")


def add_campaigns(session: Session, town: "Town", today: date) -> None:
    """The campaigns of today's year, and the receipts of last month's reports."""
    for paper in PAPERS:
        row = Campaign(
            id=uuid7(), unit_id=town.units["station"].id, zh=paper["zh"], theme=paper["theme"], code=paper.get("code"),
            first_day=_day(today, paper["from"]), last_day=_day(today, paper["to"]), level=paper.get("level", "township"),
            basis_doc=paper.get("basis_doc", "").format(year=today.year), lines=list(_lines(paper, today)),
        )  # fmt: skip
        row.organisers = [session.get_one(Unit, town.units[code].id) for code in paper["organisers"]]
        session.add(row)
    session.add_all(_receipts(town, today))


def _lines(paper: dict, today: date) -> Iterator[CampaignLine]:
    for kind in ("stage", "item", "deadline", "quota"):
        for number, line in enumerate(paper.get(kind, []), 1):
            days = {
                name: _day(today, line[end]) for name, end in (("first_day", "from"), ("last_day", "to")) if end in line
            }
            yield CampaignLine(
                id=uuid7(), kind=kind, number=number, **{name: line[name] for name in SAME if name in line}, **days
            )


def _receipts(town: "Town", today: date) -> Iterator[Submission]:
    """Of eleven villages nine in time, one late, one not at all."""
    before = today.replace(day=1) - timedelta(days=1)
    clerk = town.people["何敏"].id
    for number, unit in enumerate(town.committees()[:-1]):
        day = (
            before.replace(day=26 if number % 3 else 28)
            if number
            else min(before, before.replace(day=28) + timedelta(days=2))
        )
        yield Submission(id=uuid7(), unit_id=unit.id, deadline="monthly_report", period=f"{before:%Y-%m}",
                         paper_at=day, electronic_at=day, noted_by_id=clerk)  # fmt: skip


def _day(today: date, month_day: str) -> date:
    return date.fromisoformat(f"{today.year}-{month_day}")
