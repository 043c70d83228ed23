"""Every paper by its code: gather, compose, write. A new kind is one line here and one file beside it."""

import re
from collections.abc import Callable
from typing import BinaryIO

from sqlalchemy.orm import Session

from ..domain import Pack
from ..models import Unit
from . import docx
from .content import monthly_report, plan_table
from .gather import month_facts, plan_facts

Picture = Callable[[str], bytes | None]


class NothingToPrint(Exception):
    """This unit has no such paper for this period; the text says what is missing."""


def annex2_monthly(session: Session, pack: Pack, unit: Unit, period: str, picture: Picture, out: BinaryIO) -> None:
    year, month = read_month(period)
    facts = month_facts(session, pack, unit, year, month)
    docx.write_monthly(monthly_report(facts, pack["report"]["annex2_monthly"]), picture, out)


def annex1_plan(session: Session, pack: Pack, unit: Unit, period: str, picture: Picture, out: BinaryIO) -> None:
    year = read_year(period)
    facts = plan_facts(session, unit, year)
    if facts is None:
        raise NothingToPrint(f"{unit.zh}还没有{year}年的计划表")
    docx.write_plan(plan_table(facts, pack["report"]["annex1_plan"]), out)


KINDS = {"annex2_monthly": annex2_monthly, "annex1_plan": annex1_plan}


def read_month(period: str) -> tuple[int, int]:
    """'2026-11' → (2026, 11). Raises ValueError."""
    found = re.fullmatch("(2[0-9]{3})-(0?[1-9]|1[0-2])", period)
    if not found:
        raise ValueError(period)
    return int(found[1]), int(found[2])


def read_year(period: str) -> int:
    """'2026', or the year of '2026-11'. Raises ValueError."""
    return int(period) if re.fullmatch("2[0-9]{3}", period) else read_month(period)[0]
