"""What is printed, as plain data: annex 2 (月度工作情况) and annex 1 (五进计划表) of the township's blank forms.

Rules: domain E1, E2, R160, R165-R171. `layout` is the [[report]] entry of reports.toml; every printed word is there.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import count

from wujin_field.periods import Span, month_of
from wujin_field.reports.facts import ActivityFact, MonthFacts, PictureFact, PlanFacts, PlanRowFact
from wujin_field.reports.numerals import zh_number
from wujin_field.reports.paper import Heading, Paper, Photos, Picture, Table, Text
from wujin_field.reports.weeks import covers
from wujin_field.reports.wording import Layout, ends, for_span, one_line

PLAN_WIDTHS = (304, 236, 226, 118)


@dataclass(frozen=True)
class Entry:
    """One activity; `number` runs on through the whole report."""

    number: int
    heading: str
    pictures: tuple[Picture, ...]
    id: str = ""


@dataclass(frozen=True)
class WeekSection:
    """One week, or the days carried over; `empty` and `note` are lines to print, or ''."""

    heading: str
    entries: tuple[Entry, ...]
    empty: str = ""
    note: str = ""


@dataclass(frozen=True)
class MonthlyReport:
    """Annex 2, top to bottom. `dated` stamps the file, so that the same content is the same file."""

    mark: str
    title_lines: tuple[str, ...]
    weeks: tuple[WeekSection, ...]
    carried: WeekSection | None
    footer: str
    closing: str
    unit: str
    dated: date

    @property
    def sections(self) -> tuple[WeekSection, ...]:
        return self.weeks + ((self.carried,) if self.carried else ())

    @property
    def pictures(self) -> Iterator[Picture]:
        return (picture for section in self.sections for entry in section.entries for picture in entry.pictures)


@dataclass(frozen=True)
class PlanTable:
    """Annex 1. Every row has one text per column; a text may hold two lines."""

    mark: str
    title_lines: tuple[str, ...]
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    unit: str
    dated: date
    basis: str = ""


def monthly_report(facts: MonthFacts, layout: Layout) -> MonthlyReport:
    """Annex 2 of one village and month. ValueError when a day or an activity of the month would not be printed."""
    _nothing_lost(facts)
    numbers = count(1)
    weeks = tuple(_week(n, span, facts, layout, numbers) for n, span in enumerate(facts.weeks, 1))
    return MonthlyReport(
        mark=layout["mark"],
        title_lines=_title(facts, layout, month=facts.month),
        weeks=weeks,
        carried=_carried(facts, layout, numbers),
        footer=_footer(facts, layout),
        closing=layout["closing"] if facts.public else "",
        unit=facts.town + facts.area,
        dated=facts.submitted_on or month_of(date(facts.year, facts.month, 1)).last,
    )


def plan_table(facts: PlanFacts, layout: Layout) -> PlanTable:
    """Annex 1 of one village and year, filled up with empty rows to `rows_min` so that it can be written on by hand."""
    keys = [column["key"] for column in layout["columns"]]
    rows = [_plan_row(row, keys, layout) for row in facts.rows]
    rows += [("",) * len(keys)] * (layout["rows_min"] - len(rows))
    return PlanTable(
        mark=layout["mark"],
        title_lines=_title(facts, layout),
        columns=tuple(column["zh"] for column in layout["columns"]),
        rows=tuple(rows),
        unit=facts.town + facts.area,
        dated=date(facts.year, 1, 1),
        basis=facts.basis,
    )


def month_paper(report: MonthlyReport) -> Paper:
    """Annex 2 as every writer takes it."""
    blocks = [block for section in report.sections for block in _section_blocks(section)]
    return Paper(
        kind="annex2_monthly", mark=report.mark, title_lines=report.title_lines, blocks=tuple(blocks), unit=report.unit,
        dated=report.dated.isoformat(), foot=(report.footer,), closing=report.closing,
    )  # fmt: skip


def _section_blocks(section: WeekSection) -> Iterator[Heading | Text | Photos]:
    yield Heading(section.heading)
    for entry in section.entries:
        yield Heading(entry.heading, 2, kept=bool(entry.pictures))
        if entry.pictures:
            yield Photos(entry.pictures, entry.id)
    yield from (Text(line) for line in (section.empty, section.note) if line)


def plan_paper(plan: PlanTable) -> Paper:
    """Annex 1 as every writer takes it: wide enough for （12月27日-1月2日） in one line, high enough for a pen."""
    table = Table(plan.columns, plan.rows, widths=PLAN_WIDTHS if len(plan.columns) == 4 else (), tall=True)
    return Paper(
        kind="annex1_plan", mark=plan.mark, title_lines=plan.title_lines, blocks=(table,), unit=plan.unit,
        dated=plan.dated.isoformat(), fields={"依据": plan.basis},
    )  # fmt: skip


def _nothing_lost(facts: MonthFacts) -> None:
    month = month_of(date(facts.year, facts.month, 1))
    if not covers(facts.weeks, month):
        raise ValueError(f"the report weeks do not cover {facts.year}-{facts.month:02} day by day")
    if strangers := [activity.id for activity in facts.activities if activity.day not in month]:
        raise ValueError(f"not of {facts.year}-{facts.month:02}: {', '.join(strangers)}")


def _title(facts: MonthFacts | PlanFacts, layout: Layout, **more: int) -> tuple[str, ...]:
    names = {"town": facts.town, "area": facts.area, "year": facts.year, **more}
    return tuple(line.format(**names) for line in layout["title_lines"])


def _week(number: int, span: Span, facts: MonthFacts, layout: Layout, numbers: Iterator[int]) -> WeekSection:
    in_time = [a for a in facts.activities if a.day in span and a.day.day <= facts.due_day]
    names = {"n_zh": zh_number(number), "month": facts.month}
    return WeekSection(
        heading=for_span(layout, "week_heading", span).format(**names, **ends(span)),
        entries=_entries(in_time, layout, numbers),
        empty="" if in_time else _empty(span, facts.due_day, layout),
        note=layout["after_due_note"].format(due_day=facts.due_day) if span.last.day > facts.due_day else "",
    )


def _empty(span: Span, due_day: int, layout: Layout) -> str:
    """On the due day nobody can say yet that the rest of the week is empty."""
    if span.first.day > due_day:
        return ""
    return layout["empty_week" if span.last.day <= due_day else "empty_week_until_due"].format(due_day=due_day)


def _carried(facts: MonthFacts, layout: Layout, numbers: Iterator[int]) -> WeekSection | None:
    if not facts.carried:
        return None
    days = [activity.day for activity in facts.carried]
    span = facts.carried_span or Span(min(days), max(days))
    heading = for_span(layout, "carried_heading", span).format(**ends(span))
    return WeekSection(heading, _entries(facts.carried, layout, numbers))


def _entries(activities: Iterable[ActivityFact], layout: Layout, numbers: Iterator[int]) -> tuple[Entry, ...]:
    in_order = sorted(activities, key=lambda activity: (activity.day, activity.id))
    return tuple(_entry(next(numbers), activity, layout) for activity in in_order)


def _entry(number: int, activity: ActivityFact, layout: Layout) -> Entry:
    text = one_line(activity.text)
    pattern = layout["entry_heading" if text else "entry_heading_no_text"]
    heading = pattern.format(k_zh=zh_number(number), place_zh=activity.place_zh, text=text)
    shown = activity.pictures[: layout["photos_per_entry_expected"]]
    return Entry(number, heading, tuple(_picture(i, fact, layout) for i, fact in enumerate(shown, 1)), activity.id)


def _picture(number: int, fact: PictureFact, layout: Layout) -> Picture:
    label = layout["photo_label"].format(i=number)
    missing = layout["photo_missing"].format(label=label)
    return Picture(label, fact.sha256, missing, one_line(fact.caption), fact.stamp)


def _footer(facts: MonthFacts, layout: Layout) -> str:
    blank = layout["footer_name_blank"]
    return layout["footer"].format(
        person=facts.person or blank, reviewer=facts.reviewer or blank, date=_date(facts.submitted_on, layout)
    )


def _date(day: date | None, layout: Layout) -> str:
    if day is None:
        return layout["footer_date_blank"]
    return layout["footer_date"].format(year=day.year, month=day.month, day=day.day)


def _plan_row(row: PlanRowFact, keys: list[str], layout: Layout) -> tuple[str, ...]:
    span = Span(row.first, row.last)
    cycle = "\n".join(for_span(layout, "cycle_lines", span)).format(n_zh=zh_number(row.number), **ends(span))
    targets = layout["targets_join"].join(row.targets)
    cells = {"cycle": cycle, "targets": targets, "focus": row.focus, "person": row.person}
    return tuple(cells[key] for key in keys)
