"""工作情况通报 (R195, E7): units in administrative order, no person's name, shares only from ten spot checks upward."""

from collections.abc import Iterator

from ...figures.handing_in import handed_in, reporting_units
from ...figures.rulings import ruling_lines
from ...figures.totals import sums, totals
from ..ask import Ask
from ..paper import Block, Paper, Table, Text
from ..periods import said

CHECKED_MIN = 10
WIDTHS = (12, 6, 6, 6)


def paper(ask: Ask) -> Paper:
    told = ([ask.text(key, ask.layout[key])] for key in ("good", "demands"))
    parts = [_whole(ask), _reporting(ask), _units(ask), _checks(ask), *told]
    return ask.paper(ask.sections(parts), foot=(ask.unit.zh, ask.layout["reviewed"]))


def _whole(ask: Ask) -> Iterator[Block]:
    groups = totals(ask.session, ask.path, ask.span.first, ask.span.last)
    yield ask.text("whole", ask.layout["whole"], {**sums(groups), "时段": said(ask.period)})


def _reporting(ask: Ask) -> Iterator[Block]:
    lines = handed_in(ask.session, ask.pack, ask.path, (ask.span.first, ask.span.last), ask.today)
    rows = tuple((line.unit, line.on_time, line.late, line.missing) for line in lines)
    yield Table(tuple(ask.layout["reporting_columns"]), rows, WIDTHS, left=(0,))


def _units(ask: Ask) -> Iterator[Block]:
    units = reporting_units(ask.session, ask.path)
    rows: tuple[tuple, ...] = tuple((unit.zh, *sums(_totals_of(ask, unit.area.path)).values()) for unit in units)
    yield Table(tuple(ask.layout["units_columns"]), rows, WIDTHS, left=(0,))


def _totals_of(ask: Ask, area_path: str) -> list:
    return totals(ask.session, area_path, ask.span.first, ask.span.last)


def _checks(ask: Ask) -> Iterator[Block]:
    results: dict[str, list[str]] = {}
    for line in ruling_lines(ask.session, ask.path, ask.span.first, ask.span.last):
        results.setdefault(line.unit, []).append(line.result)
    enough = {unit: mine for unit, mine in results.items() if len(mine) >= CHECKED_MIN}
    rows = tuple((unit, len(mine), sum(result.startswith("pass") for result in mine)) for unit, mine in enough.items())
    if rows:
        yield Table(tuple(ask.layout["checks_columns"]), rows, WIDTHS[:3], left=(0,))
    note = "checks_all" if rows and len(rows) == len(results) else "checks_note"
    yield Text(ask.layout[note].format(min=CHECKED_MIN))
