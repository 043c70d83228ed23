"""考核评分表 (R41, R163, R194, E6): every item with the figure it rests on and what it earns; people check the score."""

from ...figures.assessment import CHECKED, Mark, marks, newest_sheet, sheet_period, total
from ...periods import in_words, numbers_of
from ..ask import Ask
from ..docx import said as cell_said
from ..paper import Paper, Table

WAYS = {
    "yes_no": "有得满分，无不得分",
    "ratio": "按比例",
    "per_unit": "按件计，有上限",
    "days_late": "按时满分，逾期每日扣1分",
}


def paper(ask: Ask) -> Paper:
    scheme = ask.pack.files["assessment"]
    sheet = newest_sheet(ask.session, ask.unit.id, ask.period)
    published, given = bool(sheet and sheet.published_at), sheet.marks if sheet else {}
    frozen = [Mark(**line) for line in sheet.frozen or []] if sheet and published else []
    found = frozen or marks(ask.session, ask.pack, ask.unit, sheet_period(ask.period), ask.today)
    items = [(group, item) for group in scheme["group"] for item in group["item"]]
    own = {item: line["self"] for item, line in given.items() if "self" in line}
    checked = {item: line[CHECKED] for item, line in given.items() if published and CHECKED in line}
    rows = [_row(group, item, mark, own, checked) for (group, item), mark in zip(items, found, strict=True)]
    earned = total(found, checked)
    rows.append(("合计", "", scheme["full"], "折合百分制", "" if earned is None else f"{cell_said(earned)}分", "", ""))
    table = Table(tuple(scheme["columns"]), tuple(rows), widths=(9, 16, 5, 18, 16, 6, 7), left=(1, 4))
    title = scheme["title"].format(unit=ask.place, year=numbers_of(ask.period)[0])
    head = f"被考核单位：{ask.unit.zh}　时段：{in_words(ask.period)}"
    return ask.paper([table], title_lines=(title,), head=(head,), across=True, foot=(ask.layout["signed"],))


def _row(group: dict, item: dict, mark: Mark, own: dict, checked: dict) -> tuple:
    """own: what the unit gave itself; checked: by whom it was checked, once published; empty places are for a pen."""
    first = group["zh"] if item is group["item"][0] else ""
    scores = own.get(item["code"]), checked.get(item["code"])
    return (first, item["zh"], item["points"], WAYS[item["way"]], _told(mark), *scores)


def _told(mark: Mark) -> str:
    """The number beside the score, so that a unit can see where it came from."""
    if not mark.asked:
        return "不考核"
    parts = [f"{mark.done}/{mark.wanted}" if mark.wanted else "", f"迟{mark.days_late}天" if mark.days_late else ""]
    parts.append(f"得{cell_said(mark.score)}分" if mark.points else "还没到期" if mark.open else "")
    return "，".join(part for part in parts if part)
