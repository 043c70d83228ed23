"""隐患台账: every hazard of the period with its before and after (E8). A home is printed as its village's."""

from ...figures.ledger import HazardLine, hazard_lines
from ..ask import Ask
from ..paper import Paper, Picture, Table, Text

SEVERITIES = {"minor": "轻微", "general": "一般", "serious": "严重"}
WIDTHS = (4, 9, 10, 13, 5, 8, 9, 9, 9, 6, 6, 12)


def paper(ask: Ask) -> Paper:
    lines = hazard_lines(ask.session, ask.path, ask.span.first, ask.span.last)
    rows = tuple(_row(ask, number, line) for number, line in enumerate(lines, 1))
    blocks = [
        Table(tuple(ask.layout["columns"]), rows, WIDTHS, left=(3, 6)),
        *([] if rows else [Text(ask.layout["empty"])]),
    ]
    return ask.paper(blocks, head=(f"填报单位：{ask.unit.zh}　时段：{ask.window}",), across=True)


def _row(ask: Ask, number: int, line: HazardLine) -> tuple:
    fixed = line.fixed.isoformat() if line.fixed else ""
    result = line.result or ("当场整改" if line.fixed_on_spot else "超期未改" if line.due < ask.today else "整改中")
    return (number, line.found.isoformat(), line.place, line.text, SEVERITIES.get(line.severity, line.severity),
            line.responsible, line.measure, line.due.isoformat(), fixed, line.checked_by, result, _pair(line))  # fmt: skip


def _pair(line: HazardLine) -> tuple[Picture, ...] | str:
    """Invariant C4.23: what a home looks like inside is for the station and the home alone."""
    if line.private:
        return "住户照片不印"
    shown = [("整改前", line.before), ("整改后", line.after)]
    return tuple(
        Picture(word, sha256, f"{word}（照片缺失）", f"{line.place}{word}") for word, sha256 in shown if sha256
    )
