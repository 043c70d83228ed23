"""What the figures hand to the reports: plain values, nothing that could reach a table.

Days are local calendar days of the activity's start (quotas.toml `activity_date`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from wujin_field.periods import Span


@dataclass(frozen=True)
class PictureFact:
    """One stored photo, named by the SHA-256 of its bytes (hex); `stamp`: the lines printed into a stamped copy."""

    sha256: str
    caption: str = ""
    stamp: tuple[str, ...] = ()


@dataclass(frozen=True)
class ActivityFact:
    """One outing (场次) to print: submitted or accepted, never returned (C4, 19); all its pictures, in order."""

    id: str
    day: date
    place_zh: str
    text: str
    pictures: tuple[PictureFact, ...] = ()


@dataclass(frozen=True)
class MonthFacts:
    """One village and month. `weeks` are the report weeks, editable by the clerk; they must cover the month.

    `activities` are all of this month's, also those after `due_day`; `carried` are last month's after its due day.
    """

    town: str
    area: str
    year: int
    month: int
    weeks: Sequence[Span]
    due_day: int
    activities: tuple[ActivityFact, ...] = ()
    carried: tuple[ActivityFact, ...] = ()
    carried_span: Span | None = None
    person: str = ""
    reviewer: str = ""
    submitted_on: date | None = None
    public: bool = True


@dataclass(frozen=True)
class PlanRowFact:
    """One activity cycle of the year's plan (R165-R168): its number, its days, where, about what, by whom."""

    number: int
    first: date
    last: date
    targets: tuple[str, ...] = ()
    focus: str = ""
    person: str = ""


@dataclass(frozen=True)
class PlanFacts:
    """The plan of one village and year. basis: the paper that it follows; the blank has no place for it."""

    town: str
    area: str
    year: int
    rows: tuple[PlanRowFact, ...] = ()
    basis: str = ""
