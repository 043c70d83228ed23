"""'2026-11', '2026', '2026-H1', '2026-Q4' → the days they mean. The half years are those of quotas.toml, day for day."""

import re
from datetime import date

from ..domain import Pack
from ..figures.periods import half_years, quarter_of, year_of
from .weeks import Span, month_span


def read_month(period: str) -> tuple[int, int]:
    """'2026-11' → (2026, 11). Raises ValueError."""
    found = re.fullmatch("(2[0-9]{3})-(0?[1-9]|1[0-2])", period)
    if not found:
        raise ValueError(period)
    return int(found[1]), int(found[2])


def read_year(period: str) -> int:
    """The year of any period. Raises ValueError."""
    kind_of(period)
    return int(period[:4])


def kind_of(period: str) -> str:
    """month, year, half_year or quarter. Raises ValueError."""
    if re.fullmatch("2[0-9]{3}", period):
        return "year"
    found = re.fullmatch("2[0-9]{3}-(H[12]|Q[1-4])", period)
    if found:
        return "half_year" if found[1][0] == "H" else "quarter"
    read_month(period)
    return "month"


def span_of(period: str, pack: Pack) -> Span:
    """First and last day, as figures/periods.py has them. Raises ValueError."""
    year, kind = read_year(period), kind_of(period)
    if kind == "month":
        return month_span(*read_month(period))
    found = {"year": lambda: year_of(date(year, 1, 1)), "half_year": lambda: half_years(pack, year)[int(period[-1]) - 1],
             "quarter": lambda: quarter_of(date(year, 3 * int(period[-1]), 1))}[kind]()  # fmt: skip
    return Span(found.first, found.last)


def fitting(period: str, kind: str, today: date) -> str:
    """The period of this kind that `period` lies in: 2026-11 → 2026, 2026-Q4 or 2026-H2. Raises ValueError."""
    if period and kind_of(period) == kind:
        return period
    year, month = read_month(period) if period and kind_of(period) == "month" else (today.year, today.month)
    year = read_year(period) if period else year
    return {"year": f"{year}", "half_year": f"{year}-H{1 if month <= 6 else 2}", "quarter": f"{year}-Q{(month + 2) // 3}",
            "month": f"{year}-{month:02}"}[kind]  # fmt: skip


def said(period: str) -> str:
    """In Chinese words, for titles and file names."""
    year, kind = read_year(period), kind_of(period)
    if kind == "month":
        return f"{year}年{read_month(period)[1]}月"
    return {"year": f"{year}年", "half_year": f"{year}年{'上' if period[-1] == '1' else '下'}半年",
            "quarter": f"{year}年第{'一二三四'[int(period[-1]) - 1] if kind == 'quarter' else ''}季度"}[kind]  # fmt: skip
