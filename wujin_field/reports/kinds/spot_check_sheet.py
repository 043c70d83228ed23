"""抽查表: what was drawn and what the look at it said, visit by visit (F2)."""

from ...figures.rulings import RulingLine, ruling_lines
from ..ask import Ask
from ..paper import Paper, Table, Text

WIDTHS = (5, 8, 14, 7, 10, 8, 10, 18, 7, 10)


def paper(ask: Ask) -> Paper:
    lines = ruling_lines(ask.session, ask.path, ask.span.first, ask.span.last)
    rows = tuple(_row(ask, number, line) for number, line in enumerate(lines, 1))
    blocks = [
        Table(tuple(ask.layout["columns"]), rows, WIDTHS, left=(7,)),
        *([] if rows else [Text(ask.layout["empty"])]),
    ]
    return ask.paper(blocks, head=(f"时段：{ask.window}　共{len(rows)}条",), across=True)


def _row(ask: Ask, number: int, line: RulingLine) -> tuple:
    place, result = ask.pack.name("place_type", line.place_type), ask.pack.name("result", line.result)
    return (number, line.visit, line.unit, place, "", ask.layout["method_zh"], result, line.reason, line.by,
            line.day.isoformat())  # fmt: skip
