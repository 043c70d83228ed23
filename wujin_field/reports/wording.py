"""Filling the patterns of reports.toml: which wording fits these days, and a text fit for one line."""

from collections.abc import Mapping
from typing import Any

from wujin_field.periods import Span

# one [[report]] entry of reports.toml
Layout = Mapping[str, Any]


def for_span(layout: Layout, key: str, span: Span) -> Any:
    """The wording for one day, for days of two months, or the usual one (the month is said only once)."""
    kind = "_one_day" if span.one_day else "_cross_month" if span.crosses_month else ""
    return layout[key + kind]


def ends(span: Span) -> dict[str, int]:
    return {"m1": span.first.month, "d1": span.first.day, "m2": span.last.month, "d2": span.last.day}


def one_line(text: str) -> str:
    """A heading is one paragraph; 　 counts as a blank, so a form of blanks is an empty text."""
    return " ".join(text.split())
