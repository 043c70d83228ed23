"""工作情况通报 (R195, E7): units in administrative order, no person's name, shares only from ten spot checks upward."""

from collections.abc import Iterator

from ...figures.deadlines import dues_of_year, standings
from ...figures.half_year import half_year_table
from ...figures.totals import sums
from ...periods import in_words
from ...review.sheet import sheets
from ..ask import Ask
from ..gather import committees_below
from ..paper import Block, Paper, Table, Text

WIDTHS = (11, 6, 7, 6)


def paper(ask: Ask) -> Paper:
    told = ([ask.text(key, ask.layout[key])] for key in ("good", "demands"))
    parts = [_whole(ask), _reporting(ask), _units(ask), _checks(ask), *told]
    return ask.paper(ask.sections(parts), foot=(ask.unit.zh, ask.layout["reviewed"]))


def _whole(ask: Ask) -> Iterator[Block]:
    yield ask.text("whole", ask.layout["whole"], {**sums(ask.counted), "时段": in_words(ask.period)})


def _reporting(ask: Ask) -> Iterator[Block]:
    """Every paper whose due day lies in the period and is past."""
    dues = [due for due in dues_of_year(ask.pack, ask.span.first.year) if due.due in ask.span and due.due < ask.today]
    found = standings(ask.session, ask.pack, dues, committees_below(ask.session, ask.path))
    states: dict[str, list[str]] = {}
    for one in found:
        states.setdefault(one.unit.zh, []).append(one.state(ask.today))
    wanted = ("on_time", "late", "overdue")
    rows: tuple[tuple, ...] = tuple((unit, *(mine.count(state) for state in wanted)) for unit, mine in states.items())
    yield (
        Table(tuple(ask.layout["reporting_columns"]), rows, WIDTHS, left=(0,)) if rows else Text(ask.layout["no_dues"])
    )


def _units(ask: Ask) -> Iterator[Block]:
    units, days = committees_below(ask.session, ask.path), (ask.span.first, ask.span.last)
    rows: Iterator[tuple] = (
        (unit.zh, *sums(half_year_table(ask.session, ask.pack, unit, *days)).values()) for unit in units
    )
    yield Table(tuple(ask.layout["units_columns"]), tuple(rows), WIDTHS, left=(0,))


def _checks(ask: Ask) -> Iterator[Block]:
    """By unit, what was drawn and looked at; the shares of a few would say nothing about them."""
    least, results = ask.pack.files["spot_check"]["sampling"]["min_n_for_rate"], dict[str, list[str]]()
    for one in (one for sheet in sheets(ask.session, ask.path, ask.span.first, ask.span.last) for one in sheet.drawn):
        if one.ruling:
            results.setdefault(one.unit, []).append(one.ruling.result)
    enough = {unit: mine for unit, mine in results.items() if len(mine) >= least}
    rows = tuple((unit, len(mine), sum(result.startswith("pass") for result in mine)) for unit, mine in enough.items())
    if rows:
        yield Table(tuple(ask.layout["checks_columns"]), rows, WIDTHS[:3], left=(0,))
    note = "checks_all" if rows and len(rows) == len(results) else "checks_note"
    yield Text(ask.layout[note].format(min=least))
