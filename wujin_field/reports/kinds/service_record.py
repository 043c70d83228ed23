"""志愿服务记录: a form for each volunteer of the unit, hours by half (E8); free of charge, without ID numbers."""

from ...config import STATION_ZONE
from ...db import local_day
from ...figures.history import VisitLine, visit_lines
from ...figures.service import hours_of, over, volunteers
from ..ask import Ask, NothingToPrint
from ..paper import Block, Heading, Paper, Table, Text

COLUMNS = ("日期", "服务活动", "服务内容", "起止时间", "时长（小时）", "地点")


def paper(ask: Ask) -> Paper:
    lines = visit_lines(ask.session, ask.path, ask.span.first, ask.span.last, private=True)
    blocks: list[Block] = []
    for person_id, name, role in volunteers(ask.session, ask.path, ask.about):
        if mine := [line for line in lines if person_id in line.person_ids]:
            blocks += _record(ask, f"{name}（{ask.pack.name('field_role', role)}）", mine)
    if not blocks:
        raise NothingToPrint(f"{ask.unit.zh}的志愿者在这段时间里没有服务记录")
    return ask.paper(blocks, title_lines=(ask.layout["zh"],), foot=(ask.layout["free_zh"],))


def _record(ask: Ask, heading: str, lines: list[VisitLine]) -> list[Block]:
    outings: dict[str, list[VisitLine]] = {}
    for line in sorted(lines, key=lambda line: (line.started_at, line.id)):
        outings.setdefault(line.activity_id, []).append(line)
    rows = tuple(_row(ask, outing) for outing in outings.values())
    total = sum(row[4] for row in rows)
    told = f"组织单位：{ask.unit.zh}　时段：{ask.window}　服务{len(rows)}次，共{total:g}小时"
    return [Heading(heading), Text(told, "line"), Table(COLUMNS, rows, widths=(15, 12, 16, 14, 8, 12), left=(2, 5))]


def _row(ask: Ask, outing: list[VisitLine]) -> tuple:
    start = outing[0].started_at
    end = over(start, max(line.ended_at for line in outing))
    kind = ask.pack.name("activity_kind", outing[0].activity_kind) or "走访"
    clock = f"{start.astimezone(STATION_ZONE):%H:%M}—{end.astimezone(STATION_ZONE):%H:%M}"
    hazards = sum(len(line.hazards) for line in outing)
    told = f"走访{len(outing)}处" + (f"，发现隐患{hazards}处" if hazards else "")
    return (local_day(start).isoformat(), kind, told, clock, hours_of(start, end), outing[0].area)
