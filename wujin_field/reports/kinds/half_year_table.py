"""安全宣传“五进”工作末端落实情况统计表: one page across, one unit, one window (E3, R198, R199)."""

from collections.abc import Callable

from ...figures.half_year import Table as Counted
from ...figures.register_counts import pilots, submissions
from ...figures.totals import sums
from ..ask import Ask, zh_date
from ..paper import Paper, Table, Text

FORMS = 8  # the seven forms and 其他 come first among the columns; then sums of other things


def paper(ask: Ask) -> Paper:
    counted = ask.counted
    places = [code for code in ask.layout["rows"] if code != "total"]
    cells = {place: _line(ask, counted, place) for place in places}
    rows = [*cells.values(), [_sum(column) for column in zip(*cells.values(), strict=True)]]
    names = [*(ask.pack.name("place_type", place) for place in places), ask.layout["total_zh"]]
    columns = [ask.layout["column_zh"].get(code) or ask.pack.name("form", code) for code in ask.layout["columns"]]
    table = Table(
        (ask.layout["corner_zh"], *(column.replace("（", "\n（") for column in columns)),
        tuple((name, *row) for name, row in zip(names, rows, strict=True)),
        widths=(7, *(6 for _ in columns)),
    )
    blocks = [table, *_below(ask, counted), _check(ask, rows, counted.total - sum(map(counted.row, places)))]
    more = {"head": (_head(ask),), "foot": (ask.layout["opinion"],), "fields": _fields(ask, names, columns, rows)}
    return ask.paper(blocks, across=True, **more)


def _line(ask: Ask, counted: Counted, place: str) -> list[int | None]:
    """One place type: activities by form, their sum, then people, leaflets, and the pilots of the registers."""
    by_form = {form: counted.activities[place, form] for form in ask.layout["columns"][:FORMS]}
    whole = sums(counted, place)
    others = {"activities_total": sum(by_form.values()), "people": whole["人次"], "leaflets": whole["资料"],
              "pilots": counted_in(ask, pilots, {"group_by": ["place_type"]}, place)}  # fmt: skip
    return [(by_form | others).get(column) for column in ask.layout["columns"]]


def counted_in(ask: Ask, counter: Callable, quota: dict, place: str | None = None) -> int:
    """What the unit and those below it recorded by the end of the window: sent in or under way."""
    return counter(ask.session, ask.pack, quota, [ask.unit], ask.span).get((ask.unit.id, place), (0, 0))[0]


def _sum(column: tuple[int | None, ...]) -> int | None:
    return None if None in column else sum(value for value in column if value is not None)


def _head(ask: Ask) -> str:
    return ask.layout["head"].format(
        unit=ask.unit.zh, **{"from": zh_date(ask.span.first), "to": zh_date(ask.span.last)},
        person=ask.named("person"), phone=ask.phone("　　　　　").replace(" ", "\u00a0"),
    )  # fmt: skip


def _below(ask: Ask, counted: Counted) -> list[Text]:
    sent = {code: counted_in(ask, submissions, {"filter": {"submission": [code]}}) for code in ("work", "case")}
    figures = {"enforcement": counted.enforcement, "needs": counted.needs, "works": sent["work"], "cases": sent["case"]}
    told = ask.text("below", ask.layout["below_zh"], figures, "line")
    return [told, ask.text("remarks", ask.layout["remarks_zh"], style="line")]


def _check(ask: Ask, rows: list[list[int | None]], others: int) -> Text:
    """E3: 合计 = sum of columns = sum of rows, printed, so that whoever reads it can see it; and what is no row of it."""
    total = rows[-1][FORMS] or 0
    columns, lines = sum(rows[-1][n] or 0 for n in range(FORMS)), sum(row[FORMS] or 0 for row in rows[:-1])
    verdict = ask.layout["check_good" if total == columns == lines else "check_bad"]
    if others:
        verdict = ask.layout["check_others"].format(verdict=verdict, others=others)
    return Text(ask.layout["check"].format(total=total, columns=columns, lines=lines, verdict=verdict), "line")


def _fields(ask: Ask, names: list[str], columns: list[str], rows: list[list[int | None]]) -> dict:
    """企业_安全宣讲 and so on, for the superior's own form."""
    named = {f"{name}_{column}": value for name, row in zip(names, rows, strict=True)
             for column, value in zip(columns, row, strict=True)}  # fmt: skip
    plain = {"".join(letter for letter in name if letter not in "（）()"): value for name, value in named.items()}
    return plain | {"填报单位": ask.unit.zh, "统计时段": ask.window,
                    "填报人": ask.words.person, "联系电话": ask.phone("")}  # fmt: skip
