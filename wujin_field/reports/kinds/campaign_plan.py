"""活动方案: theme and days, what happens when and where and who answers for it (R83, R87)."""

from ..ask import Ask, zh_date
from ..gather import plan_rows
from ..paper import Block, Paper, Table, Text


def paper(ask: Ask) -> Paper:
    parts: list = [
        _theme(ask),
        _table(ask),
        *([ask.text(key, ask.layout[key])] for key in ("parts", "demands")),
    ]
    return ask.paper(ask.sections(parts), dated=ask.span.first.isoformat(), foot=(ask.unit.zh,))


def _theme(ask: Ask) -> list[Block]:
    days = {"起": zh_date(ask.span.first), "止": zh_date(ask.span.last)}
    return [ask.text("theme", ask.layout["theme"], days)]


def _table(ask: Ask) -> list[Block]:
    rows = tuple(
        (f"{row.first_day:%m月%d日}—{row.last_day:%m月%d日}", "、".join(row.targets), row.focus, unit)
        for unit, row in plan_rows(ask.session, ask.path, ask.span)
    )
    empty: list[Block] = [] if rows else [Text(ask.layout["empty"])]
    return [Table(tuple(ask.layout["columns"]), rows, widths=(9, 10, 14, 12), left=(2,)), *empty]
