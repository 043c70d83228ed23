"""年度宣传工作总结 (R162, E5): drafted in sentences from the year's figures; the clerk changes the words, never the figures."""

import re
from collections.abc import Iterator

from ... import ledger
from ...figures.entries import Entry, entries
from ...figures.half_year import Table as Counted
from ...figures.stock import stock
from ...figures.totals import covered_areas, sums
from ...periods import numbers_of
from ..ask import Ask, zh_date
from ..numerals import zh_number
from ..paper import Block, Paper, Picture, Table


def paper(ask: Ask) -> Paper:
    groups = ask.counted
    told = ([ask.text(key, ask.layout[key])] for key in ("sites", "problems", "plans"))
    signed = f"{ask.unit.zh}　{ask.layout['date_blank'].format(year=numbers_of(ask.period)[0])}"
    return ask.paper(ask.sections([_basics(ask, groups), _ways(ask, groups), _hazards(ask), *told]), foot=(signed,))


def _basics(ask: Ask, groups: Counted) -> Iterator[Block]:
    covered = covered_areas(ask.session, ask.path, ask.span.first, ask.span.last)
    figures = {**sums(groups), **stock(ask.session, ask.path), "覆盖村社": covered, "年": ask.span.first.year,
               "单位": ask.place, "取数日": _taken(ask)}  # fmt: skip
    yield ask.text("basics", ask.layout["basics"], figures)
    places = ((ask.pack.name("place_type", code), sums(groups, code)) for code in _places(ask, groups))
    rows: list[tuple] = [(name, *figures.values()) for name, figures in places]
    yield Table(tuple(ask.layout["table_columns"]), (*rows, ("合计", *sums(groups).values())))


def _ways(ask: Ask, groups: Counted) -> Iterator[Block]:
    """One paragraph for each of the five entries and one for all other places, then one picture of each entry, side by side:
    about two pages, for a station a little more (E5)."""
    pictures: list[Picture] = []
    told = entries(ask.session, ask.pack, ask.path, ask.span.first, ask.span.last)
    for number, code in enumerate(_five(ask), 1):
        place, counted = ask.pack.name("place_type", code), sums(groups, code)
        best = next((entry for entry in reversed(told) if entry.place_type == code and entry.photos), None)
        pattern = ask.layout["way" if best else "way_alone" if counted["场次"] else "way_none"]
        names = {"序号": zh_number(number), "场所类别": place, "事例": _brief(ask, best) if best else ""}
        yield ask.text(f"way_{code}", pattern, counted | names)
        if best:
            pictures.append(Picture(f"进{place}", best.photos[0], f"进{place}（照片缺失）", best.text))
    others = [code for code in _places(ask, groups) if code not in _five(ask)]
    if others:
        numbers = (f"进{ask.pack.name('place_type', code)}{sums(groups, code)['场次']}场次" for code in others)
        yield ask.text("way_others", ask.layout["way_others"], {"其他场所": "、".join(numbers)})
    if pictures:
        yield Table(("",) * len(pictures), (tuple((one,) for one in pictures),))


def _brief(ask: Ask, best: Entry) -> str:
    """Its first clauses, as many as leave the summary short; the first one whole."""
    first, *more = re.split("(?=[，；])", best.text.rstrip("。；"))
    for clause in more:
        if len(first + clause) > ask.layout["example_max"]:
            break
        first += clause
    return first


def _five(ask: Ask) -> list[str]:
    rows = ask.pack["report"]["half_year_table"]["rows"]
    return [code for code in ask.pack["place_type"] if code in rows]


def _places(ask: Ask, groups: Counted) -> list[str]:
    """The five entries always, other places only where somebody went."""
    return [code for code in ask.pack["place_type"] if code in _five(ask) or sums(groups, code)["场次"]]


def _hazards(ask: Ask) -> Iterator[Block]:
    """Every hazard that nobody took back (C3)."""
    told = [
        entry for entry in ledger.entries(ask.session, ask.path, ask.span.first, ask.span.last) if entry.state != "void"
    ]
    fixed = [entry for entry in told if entry.fixed]
    figures = {
        "发现": len(told), "当场": sum(entry.hazard.fixed_on_spot for entry in told), "已改": len(fixed),
        "按期": sum(entry.fixed <= entry.hazard.due for entry in fixed if entry.fixed),
        "复查": sum(entry.state == "verified" for entry in told),
        "移交": sum(entry.state == "handed_over" for entry in told),
        "超期": sum(entry.overdue(ask.today) for entry in told), "取数日": _taken(ask),
    }  # fmt: skip
    yield ask.text("hazards", ask.layout["hazards" if told else "hazards_none"], figures)


def _taken(ask: Ask) -> str:
    """The day on which the figures were taken (E5)."""
    return zh_date(min(ask.today, ask.span.last))
