"""考核评分表 (R41, R163, R194, E6): every item with the figure it rests on; the scores are filled in by people."""

import tomllib
from functools import cache

from ...domain import PACK
from ...figures.handing_in import handed_in
from ...figures.ledger import hazard_lines
from ...figures.rulings import ruling_lines
from ...figures.totals import covered_areas, sums, totals
from ..ask import Ask
from ..paper import Paper, Table
from ..periods import read_year, said

WAYS = {
    "yes_no": "有得满分，无不得分",
    "ratio": "按比例",
    "per_unit": "按件计，有上限",
    "days_late": "按时满分，逾期每日扣1分",
}
CHECKED_MIN = 10


@cache
def scheme() -> dict:
    return tomllib.loads((PACK / "assessment.toml").read_text("utf-8"))


def paper(ask: Ask) -> Paper:
    told = _told(ask)
    rows = tuple(
        (group["zh"] if item is group["item"][0] else "", item["zh"], item["points"], WAYS[item["way"]],
         told.get(item["code"], ""), "", "")
        for group in scheme()["group"] for item in group["item"]
    )  # fmt: skip
    total = ("合计", "", scheme()["full"], "", "", "", "")
    table = Table(tuple(scheme()["columns"]), (*rows, total), widths=(9, 16, 5, 14, 20, 6, 7), left=(1, 4))
    title = scheme()["title"].format(unit=ask.place, year=read_year(ask.period))
    head = f"被考核单位：{ask.unit.zh}　时段：{said(ask.period)}"
    return ask.paper([table], title_lines=(title,), head=(head,), across=True, foot=(ask.layout["signed"],))


def _told(ask: Ask) -> dict[str, str]:
    """The figure beside each item that the records can give."""
    days = ask.path, ask.span.first, ask.span.last
    hazards = hazard_lines(ask.session, *days)
    told = {"monthly": _handed(ask), "weekly": f"活动{sums(totals(ask.session, *days))['场次']}场次",
            "coverage": f"有活动的村（社区）{covered_areas(ask.session, *days)}个", "spot_check": _checked(ask)}  # fmt: skip
    closed = f"发现{len(hazards)}处，已整改{sum(hazard.fixed is not None for hazard in hazards)}处"
    return told | ({"hazard_closed": closed} if hazards else {})


def _handed(ask: Ask) -> str:
    lines = handed_in(ask.session, ask.pack, ask.path, (ask.span.first, ask.span.last), ask.today)
    on_time, late, missing = (sum(getattr(line, name) for line in lines) for name in ("on_time", "late", "missing"))
    return f"按时{on_time}份，迟报{late}份，未报{missing}份"


def _checked(ask: Ask) -> str:
    lines = ruling_lines(ask.session, ask.path, ask.span.first, ask.span.last)
    if len(lines) < CHECKED_MIN:
        return f"抽查{len(lines)}条，不足{CHECKED_MIN}条不计"
    return f"抽查{len(lines)}条，属实{sum(line.result.startswith('pass') for line in lines)}条"
