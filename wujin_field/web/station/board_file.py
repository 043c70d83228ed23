"""The month board out of the house: a line for every unit as on its page, what each entry lacks in words, as Excel or CSV."""

from flask import Response

from ...db import writing
from ...domain import load_pack
from ..again import asks_again
from ..pages import language, local, say
from . import station
from .reports import BOARD, Line, asked_for, board
from .scope import audit
from .table_file import table_file

HEADS = [
    ("编号", "Id"), ("单位", "Unit"), ("进度", "State"), ("版本", "Version"), ("迟报", "Late"), ("活动", "Activities"),
    ("含上月补报", "Of the month before"), ("照片", "Photos"), ("还缺（处）", "Lacking"), ("还缺什么", "What is missing"),
    ("报送时间", "Handed in"), ("已收纸质", "Paper received"), ("已收电子", "Electronic received"),
]  # fmt: skip


@station.get("/reports/list.<form>")
@asks_again
def export_board(form: str) -> Response:
    pack = load_pack()
    kind, period, _wrong = asked_for(pack)
    heads = [head[language() == "en"] for head in HEADS]
    rows = [_row(line, kind) for line in board(kind, period)]
    answer = table_file(form, f"board-{kind}-{period}", f"{pack.name('report', kind)}{period}", heads, rows)
    with writing() as session:
        audit(session, "exported", "list", "board", form=form)
    return answer


def _row(line: Line, kind: str) -> list[object]:
    one = line.report
    sent = local(one.submitted_at, "%Y-%m-%d %H:%M") if one and one.submitted_at else ""
    received = (one.paper_at, one.electronic_at) if one else (None, None)
    return [line.unit.code, line.unit.zh, _state(line), one.version if one else "", _late(line), line.entries, line.carried,
            line.pictures, len(line.gaps), _lacks(line, kind), sent,
            *(day.isoformat() if day else "" for day in received)]  # fmt: skip


def _state(line: Line) -> str:
    return {"none": say("未开始"), "begun": say("起草"), "submitted": say("已报"), "returned": say("退回"),
            "received": say("收到")}[line.state]  # fmt: skip


def _late(line: Line) -> str:
    if not line.late:
        return ""
    return say("迟报") if line.report and line.report.submitted_at else say("已过期")


def _lacks(line: Line, kind: str) -> str:
    if line.nothing or line.gaps:
        return line.nothing or "\n".join(f"{gap.lacks} {gap.entry}".strip() for gap in line.gaps)
    return say("还没有活动") if kind == BOARD and not line.entries else say("齐了")
