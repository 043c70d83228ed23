"""抽查表: what a draw took, with its number and seed, and what the look at it said, visit by visit (F2).

about: the number of one batch; without it, every batch of the period.
"""

from ...db import local_day
from ...review.sheet import Drawn, Sheet, batch_said, sheets, visit_number
from ..ask import Ask
from ..paper import Block, Heading, Paper, Table, Text

WIDTHS = (4, 10, 13, 6, 13, 9, 9, 15, 7, 10)


def paper(ask: Ask) -> Paper:
    found = sheets(ask.session, ask.path, ask.span.first, ask.span.last, ask.about)
    blocks = [block for one in found for block in _batch(ask, one)] or [Text(ask.layout["empty"])]
    return ask.paper(blocks, head=(ask.layout["head"].format(unit=ask.unit.zh, window=ask.window),), across=True)


def _batch(ask: Ask, found: Sheet) -> list[Block]:
    batch, seen = found.batch, sum(one.ruling is not None for one in found.drawn)
    told = ask.layout["drawn_zh"].format(seed=batch.seed, covered=found.covered, drawn=len(found.drawn), seen=seen,
                                         day=local_day(batch.drawn_at).isoformat(), digest=batch.sample_digest[:16])  # fmt: skip
    rows = tuple(_row(ask, one) for one in found.drawn)
    table = Table(tuple(ask.layout["columns"]), rows, WIDTHS, left=(4, 7))
    return [Heading(ask.layout["number_zh"].format(number=batch_said(batch))), Text(told, "line"), table]


def _row(ask: Ask, one: Drawn) -> tuple:
    flags = "、".join(ask.pack.name("flag", code) for code in one.flags) or ask.layout["no_flag_zh"]
    ruling, visit = one.ruling, one.visit
    result = ask.pack.name("result", ruling.result) if ruling else ask.layout["not_seen_zh"]
    said = (ruling.reason, ruling.decided_by.name if ruling.decided_by else "", local_day(ruling.decided_at).isoformat()) \
        if ruling else ("", "", "")  # fmt: skip
    return (one.line.place, visit_number(visit.id), one.unit, ask.pack.name("place_type", visit.place_type),
            flags, _method(ask, one), result, *said)  # fmt: skip


def _method(ask: Ask, one: Drawn) -> str:
    """The record is always read; one in ten is asked about or visited again."""
    asked = one.call.way if one.call and one.call.outcome else ""
    return "\n".join(ask.layout["method_zh"][way] for way in ("record", asked) if way)
