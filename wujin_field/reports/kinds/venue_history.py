"""场所走访记录: every visit of one venue (about), or of all open ones; a home prints only when asked for by itself."""

from ...figures.history import VisitLine, visit_lines
from ..ask import Ask, NothingToPrint
from ..numerals import zh_number
from ..paper import Block, Heading, Paper, Picture, Table

PLACES_MAX = 300  # a paper nobody can lift helps nobody


def paper(ask: Ask) -> Paper:
    lines = visit_lines(ask.session, ask.path, ask.span.first, ask.span.last, ask.about)
    places: dict[tuple[str, str], list[VisitLine]] = {}
    for line in lines:
        places.setdefault((line.venue_id, line.venue), []).append(line)
    if not places:
        raise NothingToPrint(f"{ask.unit.zh}在这段时间里没有走访记录")
    if len(places) > PLACES_MAX:
        raise NothingToPrint(f"这段时间走访了{len(places)}个场所，超过{PLACES_MAX}个，请缩短时段或只选一个场所")
    blocks: list[Block] = []
    for number, ((_, name), mine) in enumerate(places.items(), 1):
        blocks += [Heading(f"{zh_number(number)}、{name}"), _table(ask, mine)]
    return ask.paper(blocks, head=(f"时段：{ask.window}",), across=True)


def _table(ask: Ask, lines: list[VisitLine]) -> Table:
    rows = tuple(_row(ask, line) for line in lines)
    return Table(tuple(ask.layout["columns"]), rows, widths=(10, 12, 8, 16, 18, 12), left=(3, 4))


def _row(ask: Ask, line: VisitLine) -> tuple:
    ok, fail, unseen = (line.answers.get(value, 0) for value in ("ok", "fail", "unseen"))
    result = f"合格{ok}项，不合格{fail}项，没看到{unseen}项"
    hazards = "\n".join(f"{text}（{'当场整改' if fixed else '限期整改'}）" for text, fixed in line.hazards) or "无"
    photos = tuple(Picture("照片", sha256, "照片缺失", line.venue) for sha256 in line.photos[:1])
    kind = ask.pack.name("activity_kind", line.activity_kind)
    return (line.day.isoformat(), kind, line.people, result, hazards, photos or "")
