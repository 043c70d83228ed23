"""居家消防提醒卡: large print for a home, three sentences, what was found and how to put it right (about: the visit)."""

from ...figures.history import VisitLine, visit_lines
from ..ask import Ask
from ..paper import Block, Heading, Paper, Text


def paper(ask: Ask) -> Paper:
    visits = visit_lines(ask.session, ask.path, ask.span.first, ask.span.last, ask.about) if ask.about else []
    blocks: list[Block] = [Text(sentence, "large") for sentence in ask.layout["three"]]
    blocks += _list(ask, "found_zh", [text for line in visits for text, _ in line.hazards])
    blocks += _list(ask, "how_zh", _advice(ask, visits))
    station = f"{ask.layout['station_zh']}{ask.unit.zh}　{ask.phone(ask.layout['phone_blank'])}"
    return ask.paper(blocks, title_lines=(ask.layout["zh"],), foot=(station,))


def _list(ask: Ask, heading: str, lines: list[str]) -> list[Block]:
    """A line for a pen where nothing is known."""
    return [Heading(ask.layout[heading]), *(Text(line, "line") for line in lines or [ask.layout["line_blank"]])]


def _advice(ask: Ask, visits: list[VisitLine]) -> list[str]:
    items = {item["code"]: item for template in ask.pack["template"].values() for item in template.get("item", [])}
    failed = [items[code] for line in visits for code in line.failed if code in items]
    return [item["guidance"] for item in failed if item.get("guidance")]
