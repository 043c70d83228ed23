"""The half-year table of one unit (E3): place types down, forms across, every cell a number of activities (R198, R199)."""

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ..domain import Pack
from ..models import ActivityTally, TallyUnit, Unit


@dataclass(frozen=True)
class Table:
    """activities: (place type, form) → n; head_counts (人次), leaflets (份) by place type. Place types of 五进 and others."""

    activities: Counter[tuple[str, str]] = field(default_factory=Counter)
    head_counts: Counter[str] = field(default_factory=Counter)
    leaflets: Counter[str] = field(default_factory=Counter)
    enforcement: int = 0
    needs: int = 0

    @property
    def total(self) -> int:
        return sum(self.activities.values())

    def row(self, place_type: str) -> int:
        return sum(n for (place, _), n in self.activities.items() if place == place_type)

    def column(self, form: str) -> int:
        return sum(n for (_, of), n in self.activities.items() if of == form)


def half_year_table(
    session: Session, pack: Pack, unit: Unit, first: date, last: date, count_status: str = "progress"
) -> Table:
    """Activities that count for this unit on these local days. count_status: progress, or final for a printed table."""
    counted = [TallyUnit.unit_id == unit.id, TallyUnit.day.between(first, last)]
    counted.append((ActivityTally.final if count_status == "final" else ActivityTally.progress) == 1)
    cut = ActivityTally.place_type, ActivityTally.form, ActivityTally.context
    sums = func.sum(ActivityTally.heads), func.sum(ActivityTally.papers), func.sum(ActivityTally.needs)
    rows = select(*cut, func.count(), *sums).join(TallyUnit, ActivityTally.activity_id == TallyUnit.activity_id)
    table, enforcement, needs = Table(), 0, 0
    for place, form, context, number, heads, papers, needed in session.execute(rows.where(*counted).group_by(*cut)):
        table.activities[place, form] += number
        table.head_counts[place] += int(heads)
        table.leaflets[place] += int(papers)
        enforcement += number if context == "enforcement" else 0
        needs += int(needed)
    return replace(table, enforcement=enforcement, needs=needs)
