"""Months of a span."""

from collections.abc import Iterator
from datetime import date


def months_in(first: date, last: date) -> Iterator[date]:
    """The first day of every month that the span touches."""
    year, month = first.year, first.month
    while (year, month) <= (last.year, last.month):
        yield date(year, month, 1)
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
