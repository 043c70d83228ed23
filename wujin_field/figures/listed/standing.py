"""How the units stand: quotas of a week, papers that are due, sums of a period, spot checks, score sheets, levels of a plan."""

from collections.abc import Iterator, Sequence
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from ...domain import Pack
from ...models import Area, DayTally, PlanTable, Unit
from ...periods import Period, month_of, read, year_of
from .. import assessment, coverage
from ..belief import Share, belief
from ..calendar import events_of_year
from ..deadlines import dues_of_year, standings
from ..quotas import cell_sums, quota_lines
from ..rollup import OFFICES, rollup
from ..scopes import COMMITTEES
from ..told import channels_reached
from .shelf import DAY, DESK, ID, NAME, STATE, UNIT, Shelf, Wanted, told, units_asked

DUE_STATES = {"on_time": "按时", "late": "迟报", "overdue": "没有报", "open": "还没报"}
LOOKERS = (*DESK, "reporter", "lead_view", "coordinator")


def _period(pack: Pack, wanted: Wanted, otherwise: Period) -> Period:
    return read(wanted.period, pack) if wanted.period else otherwise


def _week(session: Session, pack: Pack, wanted: Wanted) -> Iterator[dict]:
    """On a day (`first`, today): the month of every unit, then its quotas; the page puts them side by side."""
    day = wanted.first or wanted.today
    units = units_asked(session, wanted)
    month = month_of(day)
    done = _month(session, units, month)
    lines = quota_lines(session, pack, units, day)
    for unit in units:
        whole, sure, short = done.get(unit.id, (0, 0, 0))
        yield _quota(unit, "本月活动（场）", month, whole, sure)
        yield _quota(unit, "照片不到三张的（场）", month, short)
        for line in (one for one in lines if one.unit_id == unit.id):
            kind = f" · {pack.name('place_type', line.place_type)}" if line.place_type else ""
            numbers = (line.done, line.final, line.wanted, line.missing) if line.known else ("",) * 4
            yield _quota(
                unit, line.quota["zh"] + kind, line.period, *numbers, "" if line.out_of is None else line.out_of
            )


def _quota(unit: Unit, what: str, period: Period, *numbers: int | str) -> dict:
    told_so_far = zip(("done", "final", "wanted", "missing", "out_of"), (*numbers, *[""] * 5), strict=False)
    return {"id": unit.code, "unit": unit.zh, "what": what, "first": told(period.first), "last": told(period.last),
            **dict(told_so_far)}  # fmt: skip


def _month(session: Session, units: Sequence[Unit], month: Period) -> dict[str, tuple[int, int, int]]:
    """unit id → activities, accepted, with too few pictures."""
    sums = [func.sum(getattr(DayTally, name)) for name in ("progress", "final", "short")]
    mine = DayTally.scope_id.in_([unit.id for unit in units]), DayTally.cut == "all"
    rows = select(DayTally.scope_id, *sums).where(*mine, DayTally.day.between(month.first, month.last))
    return {scope: (int(a), int(b), int(c)) for scope, a, b, c in session.execute(rows.group_by(DayTally.scope_id))}


def _calendar(session: Session, pack: Pack, wanted: Wanted) -> Iterator[dict]:
    """The days of a year, and every paper that is due from every unit, in order of time."""
    year = _period(pack, wanted, year_of(wanted.today)).first.year
    days = [(one.first, 0, _event(one)) for one in events_of_year(pack, year)]
    owed = standings(session, pack, dues_of_year(pack, year), units_asked(session, wanted))
    lines = [*days, *((one.due.due, 1, _standing(one, wanted.today)) for one in owed)]
    yield from (row for _day, _kind, row in sorted(lines, key=lambda line: line[:2]))


def _event(one) -> dict:  # type: ignore[no-untyped-def]
    return {"id": one.code, "day": told(one.first), "last": told(one.last), "what": one.entry["zh"], "theme": one.theme,
            "unit": "", "period": "", "paper": "", "electronic": "", "state": "", "late": ""}  # fmt: skip


def _standing(one, today: date) -> dict:  # type: ignore[no-untyped-def]
    return {"id": one.due.code, "day": told(one.due.due), "last": told(one.due.due), "what": one.due.deadline["zh"],
            "theme": "", "unit": one.unit.zh, "period": one.due.period.key, "paper": told(one.paper),
            "electronic": told(one.electronic), "state": DUE_STATES[one.state(today)], "late": one.days_late}  # fmt: skip


def _rollup(session: Session, pack: Pack, wanted: Wanted) -> Iterator[dict]:
    """kind=offices: the county's own list, otherwise every unit below."""
    kinds = OFFICES if wanted.kind == "offices" else ()
    units, period = units_asked(session, wanted, kinds), _period(pack, wanted, year_of(wanted.today))
    units.sort(key=lambda unit: kinds.index(unit.unit_kind) if kinds else 0)
    for one in rollup(session, pack, units, period, wanted.today):
        yield {"id": one.unit.code, "unit": one.unit.zh, **{key: getattr(one, key) for key in SUMS}}


def _spot_checks(session: Session, pack: Pack, wanted: Wanted) -> Iterator[dict]:
    """All together first; units without a visit are left out."""
    units, period = units_asked(session, wanted), _period(pack, wanted, month_of(wanted.today))
    whole, *lines = belief(session, pack, units, period)
    for line in (whole, *(one for one in lines if one.visits)):
        shares = {key: value for name in SHARES for key, value in _share(name, getattr(line, name)).items()}
        unit = {"id": line.unit.code, "unit": line.unit.zh} if line.unit else {"id": "", "unit": "合计"}
        yield unit | {"visits": line.visits} | shares


def _share(name: str, one: Share) -> dict:
    """many, of, and a rate only where there is one."""
    rate = f"{one.percent}%（{one.interval[0]}%～{one.interval[1]}%）" if one.known else ""
    return {name: one.many, f"{name}_of": one.of, f"{name}_rate": rate}


def _assessment(session: Session, pack: Pack, wanted: Wanted) -> Iterator[dict]:
    """In administrative order, never by score; a score only once it is published."""
    period = _period(pack, wanted, year_of(wanted.today))
    for unit in units_asked(session, wanted, assessment.KINDS):
        sheet = assessment.newest_sheet(session, unit.id, period.key)
        points = assessment.published_total(sheet) if sheet else None
        state = "还没评" if sheet is None else "已公布" if sheet.published_at else "在评"
        yield {"id": unit.code, "unit": unit.zh, "period": period.key, "state": state, "version": sheet.version if sheet else "",
               "points": "" if points is None else points,
               "grade": "" if points is None else assessment.grade(pack, points)["zh"]}  # fmt: skip


def _levels(session: Session, pack: Pack, wanted: Wanted) -> Iterator[dict]:
    """How much of this month's plan arrived at each level (R75)."""
    rows = select(PlanTable).join(Unit).join(Area, Area.id == Unit.area_id)
    rows = rows.where(PlanTable.year == wanted.today.year, PlanTable.kind == "fire")
    rows = rows.where(Area.path.startswith(wanted.area_path, autoescape=True)).order_by(Area.path)
    tables = session.scalars(rows.options(selectinload(PlanTable.rows), selectinload(PlanTable.unit))).all()
    for one in coverage.levels(session, pack, tables, month_of(wanted.today), wanted.today):
        yield {"id": one.unit.code, "unit": one.unit.zh, "planned": one.planned, "sent": one.sent_down, "done": one.done,
               "verified": one.verified}  # fmt: skip


def _needs(session: Session, pack: Pack, wanted: Wanted) -> Iterator[dict]:
    """This year's, newest first; nobody's name stands in it (R178)."""
    for day, area, said, one in coverage.needs_said(session, wanted.area_path, year_of(wanted.today).first):
        yield {"id": one, "day": told(day), "area": area, "text": said}


def _year(session: Session, pack: Pack, wanted: Wanted) -> Iterator[dict]:
    """The sums beside the coverage: this year's, the last twelve weeks', and by which channel whom since the first day."""
    path, year, today = wanted.area_path, year_of(wanted.today), wanted.today
    area = session.scalars(select(Area.id).where(Area.path == path)).first() or ""
    for week, done, final in coverage.weeks_in_a_row(session, pack, area, today):
        yield _sum("每周", f"{week.first} – {week.last}", done, final)
    for code, (done, villages) in coverage.town_and_country(session, path, year).items():
        yield _sum("城镇和农村", f"{SETTLEMENTS.get(code, code)}（{villages}个村社）", done)
    for month, n in coverage.registered(session, area, today):
        yield _sum("学习平台新注册（累计人数）", month, n)
    units = [unit for unit in units_asked(session, wanted) if unit.unit_kind not in COMMITTEES]
    sums = cell_sums(session, [unit.id for unit in units], "all", [""], year)
    for unit in units:
        yield _sum("站和各部门", unit.zh, *sums.get((unit.id, ""), (0, 0)))
    sums = cell_sums(session, [area], "context", None, year)
    for code in pack["context"]:
        yield _sum("结合什么工作", pack.name("context", code), *sums.get((area, code), (0, 0)))
    for code, (done, final) in coverage.programmes_served(session, pack, path, year).items():
        yield _sum("也算进别的工作", pack.name("programme", code), done, final)
    drills, trades = coverage.drills_by_trade(session, pack, path, year)
    for code, n in trades.items():
        yield _sum("演练按行业", pack.name("trade", code) if code else "其他地方", n)
    yield _sum("演练按行业", "全部演练", drills)
    for channel, audiences in channels_reached(session, path, wanted.first or year.first, today).items():
        for code, n in audiences.items():
            yield _sum(f"用什么办法到了谁：{pack.name('channel', channel)}", pack.name("audience", code), n)


def _sum(what: str, name: str, done: int, final: int | str = "") -> dict:
    return {"what": what, "name": name, "done": done, "final": final}


SETTLEMENTS = {"town": "城镇", "country": "农村"}
SUMS = {"activities": ("活动（场）", "Activities"), "accepted": ("其中已核（场）", "Accepted"),
        "visits": ("走访（次）", "Visits"), "people": ("到场（人）", "People present"),
        "reach": ("触达（人次）", "Reached elsewhere"),
        "registrations": ("平台登记（人）", "Registrations"), "found": ("查出隐患", "Hazards found"),
        "verified": ("销号", "Closed"), "overdue": ("逾期", "Overdue"), "on_time": ("材料按时", "Papers in time"),
        "late": ("材料迟报", "Papers late"), "not_sent": ("材料未报", "Papers missing")}  # fmt: skip
SHARES = {"looked": ("有人看过", "Looked at"), "true": ("抽中的属实", "Found true"), "signed": ("手机签名", "Signed"),
          "placed": ("照片有定位", "Placed"), "plain": ("没有要看的提示", "Nothing flagged"),
          "closed": ("销号复核属实", "Closed hazards confirmed")}  # fmt: skip
DONE, FINAL, MISSING = ("做了", "Done"), ("其中已核", "Accepted"), ("还差", "Missing")
SHELVES = (
    Shelf("week", "本周和本月", "The week and the month", {
        "id": ID, "unit": UNIT, "what": ("哪一项", "What"), "first": ("从哪天", "From"), "last": ("到哪天", "To"), "done": DONE,
        "final": FINAL, "wanted": ("要求", "Asked for"), "missing": MISSING, "out_of": ("共几处", "Out of")},
        filters=("first",), listed=_week),
    Shelf("calendar", "日历和报送", "Calendar and papers due", {
        "id": ID, "day": DAY, "last": ("到哪天", "To"), "what": ("什么", "What"), "theme": ("主题", "Theme"), "unit": UNIT,
        "period": ("时段", "Period"), "paper": ("已收纸质", "Paper received"),
        "electronic": ("已收电子", "Electronic received"), "state": STATE, "late": ("晚了（天）", "Days late")},
        filters=("period",), listed=_calendar),
    Shelf("rollup", "各单位汇总", "Sums by unit", {"id": ID, "unit": UNIT, **SUMS},
          filters=("period", "kind"), listed=_rollup, readers=(*DESK, "lead_view", "coordinator")),
    Shelf("spot_checks", "抽查情况", "Spot checks by unit", {
        "id": ID, "unit": UNIT, "visits": ("走访（次）", "Visits"),
        **{f"{key}{tail}": (zh + more, en + said) for key, (zh, en) in SHARES.items()
           for tail, more, said in (("", "", ""), ("_of", "：共", " of"), ("_rate", "：比例（95%区间）", ", rate (95 %)"))}},
        filters=("period",), listed=_spot_checks, readers=LOOKERS),
    Shelf("assessment", "考核", "Score sheets", {
        "id": ID, "unit": UNIT, "period": ("时段", "Period"), "state": STATE, "version": ("版本", "Version"),
        "points": ("得分", "Points"), "grade": ("等次", "Grade")},
        filters=("period",), outward=False, listed=_assessment, readers=(*DESK, "reporter", "coordinator")),
    Shelf("levels", "计划一层层落到哪里", "How far the plan arrived", {
        "id": ID, "unit": UNIT, "planned": ("本月计划", "Planned this month"), "sent": ("报下去", "Sent down"), "done": DONE,
        "verified": FINAL}, filters=(), listed=_levels),
    Shelf("sums", "覆盖的各项合计", "Sums beside the coverage", {
        "what": ("哪一类", "Of what"), "name": NAME, "done": ("数", "Number"), "final": FINAL},
        filters=("first",), outward=False, listed=_year),
    Shelf("needs", "群众的需求和意见", "What people asked for", {
        "id": ID, "day": DAY, "area": NAME, "text": ("说了什么", "What was said")}, filters=(), listed=_needs),
)  # fmt: skip
