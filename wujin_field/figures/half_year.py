"""The half-year table of one unit (E3): place types down, forms across, every cell a number of activities (R198, R199)."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ..domain import Pack
from ..models import Activity, ActivityTally, TallyUnit, Unit


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
    here = ActivityTally.activity_id == TallyUnit.activity_id
    cells = select(ActivityTally.place_type, ActivityTally.form, func.count()).join(TallyUnit, here).where(*counted)
    table = Table(
        Counter(
            {
                (place, form): n
                for place, form, n in session.execute(cells.group_by(ActivityTally.place_type, ActivityTally.form))
            }
        )
    )
    return _with_people(session, pack, table, counted)


def _with_people(session: Session, pack: Pack, table: Table, counted: list) -> Table:
    enforcement = needs = 0
    rows = select(
        ActivityTally.place_type, ActivityTally.context, Activity.audiences, Activity.channels, Activity.needs
    )
    rows = rows.join(TallyUnit, ActivityTally.activity_id == TallyUnit.activity_id)
    for place, context, audiences, channels, said in session.execute(
        rows.join(Activity, Activity.id == TallyUnit.activity_id).where(*counted)
    ):
        table.head_counts[place] += sum(audiences.values())
        table.leaflets[place] += sum(n for code, n in channels.items() if _is_paper(pack, code))
        enforcement += context == "enforcement"
        needs += bool(said.strip())
    return Table(table.activities, table.head_counts, table.leaflets, enforcement, needs)


def _is_paper(pack: Pack, channel: str) -> bool:
    """What is counted in 份: leaflets and booklets, never banners or screens."""
    return pack["channel"].get(channel, {}).get("unit") in ("份", "册")
