"""活动总结: the campaign's days in figures, what was done, what remains (R113)."""

from ...figures.totals import covered_areas, sums
from ..ask import Ask, zh_date
from ..paper import Block, Paper, Table


def paper(ask: Ask) -> Paper:
    parts: list = [_figures(ask), *([ask.text(key, ask.layout[key])] for key in ("ways", "problems"))]
    return ask.paper(ask.sections(parts), foot=(ask.unit.zh,))


def _figures(ask: Ask) -> list[Block]:
    days = ask.path, ask.span.first, ask.span.last
    counted = ask.counted
    figures = {**sums(counted), "起": zh_date(ask.span.first), "止": zh_date(ask.span.last),
               "覆盖村社": covered_areas(ask.session, *days)}  # fmt: skip
    rows = [(ask.pack.name("form", form), counted.column(form)) for form in ask.pack["form"]]
    table = Table(tuple(ask.layout["columns"]), (*rows, ("合计", sum(number for _, number in rows))))
    return [ask.text("figures", ask.layout["figures"], figures), table]
