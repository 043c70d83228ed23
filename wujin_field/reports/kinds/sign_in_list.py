"""签到表: to be signed with a pen; no ID numbers, no telephone numbers (about: the activity)."""

from ...figures.entries import entries
from ..ask import Ask, zh_date
from ..paper import Paper, Table
from ..wording import one_line


def paper(ask: Ask) -> Paper:
    told = entries(ask.session, ask.pack, ask.path, ask.span.first, ask.span.last) if ask.about else []
    one = next((entry for entry in told if entry.id == ask.about), None)
    what, day = (one_line(one.text), zh_date(one.day)) if one else ("", ask.layout["date_blank"])
    rows = tuple((number, "", "", "") for number in range(1, ask.layout["rows_blank"] + 1))
    table = Table(tuple(ask.layout["columns"]), rows, widths=(2, 5, 8, 5))
    return ask.paper([table], head=(f"活动：{what}", f"日期：{day}　地点："))
