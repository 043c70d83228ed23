"""Who does it: areas and their units, teams and their members, who waits to join; and what waits for the clerk to decide."""

from collections import defaultdict
from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from ...db import local_day
from ...domain import Pack
from ...models import Area, Person, Registration, Team, Unit, Visit, care
from ...periods import read, year_of
from ...sync.aside import aside_of
from ...sync.aside import told as in_words
from ..areas import area_lines
from ..service import served
from .shelf import AREA, DAY, ID, NAME, PLACE, STATE, UNIT, Shelf, Wanted, is_home, told, within

CLERK = ("station_clerk",)
REASONS = {"revoked_phone": "手机已经停用", "conflict": "两个版本对不上"}
DECISIONS = {None: "待决定", "taken": "收下了", "dismissed": "不收"}


def _areas(session: Session, pack: Pack, wanted: Wanted) -> Iterator[dict]:
    """As the tree has them; a unit's marks in words: 安全员 2、…"""
    for line in area_lines(session, pack, wanted.area_path):
        marks = [f"{pack.name('mark', code)} {n}" for code, n in line.marks.items() if n]
        yield {"id": line.area.code, "level": line.depth + 1, "name": line.area.zh, "people": line.people,
               "units": "、".join(unit.zh for unit in line.units), "marks": "、".join(marks), "venues": line.venues}  # fmt: skip


def _teams(session: Session, pack: Pack, wanted: Wanted) -> Iterator[dict]:
    rows = within(select(Team).join(Unit).join(Area), wanted).order_by(Area.path, Team.zh)
    for one in session.scalars(rows.options(joinedload(Team.unit), selectinload(Team.members))):
        yield {"id": one.id, "name": one.zh, "unit": one.unit.zh, "people": len(one.members), "active": int(one.active)}


def _members(session: Session, pack: Pack, wanted: Wanted) -> Iterator[dict]:
    """Of one team (code: its id) in one year, in the order of names, never of hours."""
    rows = within(select(Team).join(Unit).join(Area).where(Team.id == wanted.code), wanted)
    team = session.scalar(rows.options(joinedload(Team.unit).joinedload(Unit.area), selectinload(Team.members)))
    year = read(wanted.period, pack) if wanted.period else year_of(wanted.today)
    hours = served(session, team.unit.area.path, year.first, year.last) if team else {}
    for one in team.members if team else ():
        done = hours.get(one.id)
        yield {"id": one.id, "name": one.name, "role": pack.name("field_role", one.field_role),
               "times": done.times if done else 0, "hours": done.hours if done else 0}  # fmt: skip


def _joining(session: Session, pack: Pack, wanted: Wanted) -> Iterator[dict]:
    rows = within(select(Registration).join(Unit).join(Area).where(Registration.decided_at.is_(None)), wanted)
    for one in session.scalars(rows.order_by(Registration.at).options(joinedload(Registration.unit))):
        yield {"id": one.id, "name": one.name, "role": pack.name("field_role", one.field_role), "unit": one.unit.zh,
               "day": told(local_day(one.at))}  # fmt: skip


def _aside(session: Session, pack: Pack, wanted: Wanted) -> Iterator[dict]:
    """What waits, then what was decided; a home without its name."""
    mine = within(select(Person.id).join(Unit).join(Area), wanted)
    for done in (False, True):
        for one in [in_words(session, pack, *pair) for pair in session.execute(aside_of(mine, done)).all()]:
            yield {"id": one.row.id, "kind": "走访" if one.row.kind == "visit" else "活动", "photos": one.photos,
                   "place": "" if one.home else one.place, "person": one.person.name,
                   "day": told(local_day(one.at)) if one.at else "", "reason": REASONS.get(one.row.reason, one.row.reason),
                   "state": DECISIONS[one.row.decision]}  # fmt: skip


def _pending(session: Session, pack: Pack, wanted: Wanted) -> Iterator[dict]:
    """A line for visits with the same words, code and area, as the page puts them together."""
    groups: dict[tuple, list[Visit]] = defaultdict(list)
    rows = within(care.pending().join(Area, Visit.area_id == Area.id), wanted).order_by(Visit.started_at.desc())
    for visit in session.scalars(rows.options(joinedload(Visit.area))):
        groups[visit.place_text, visit.scanned_code, visit.area_id].append(visit)
    for visits in groups.values():
        newest = visits[0]
        yield {"id": newest.id, "name": "" if is_home(None, newest.place_type) else newest.place_text,
               "area": newest.area.zh, "place_type": pack.name("place_type", newest.place_type),
               "visits": len(visits), "day": told(newest.day), "code": newest.scanned_code or ""}  # fmt: skip


PERSON, ROLE = ("姓名", "Name"), ("身份", "Role")
ANY: tuple[str, ...] = ()
SHELVES = (
    Shelf("areas", "区域和单位", "Areas and units", {
        "id": ID, "level": ("第几层", "Level"), "name": NAME, "units": ("单位", "Units"), "people": ("人员", "People"),
        "marks": ("其中", "Of these"), "venues": ("场所", "Venues")}, filters=ANY, listed=_areas),
    Shelf("teams", "志愿服务小队", "Volunteer teams", {
        "id": ID, "name": NAME, "unit": UNIT, "people": ("队员（人）", "Members"), "active": ("还在活动", "Active")},
        filters=ANY, listed=_teams),
    Shelf("members", "小队队员", "Members of a team", {
        "id": ID, "name": PERSON, "role": ROLE, "times": ("服务次数", "Times out"), "hours": ("小时", "Hours")},
        filters=("code", "period"), outward=False, listed=_members, chosen=True),
    Shelf("joining", "申请加入", "Asking to join", {
        "id": ID, "name": PERSON, "role": ROLE, "unit": UNIT, "day": ("哪天申请", "Asked on")},
        filters=ANY, outward=False, listed=_joining, readers=CLERK),
    Shelf("aside", "放在一边的", "Set aside", {
        "id": ID, "kind": ("什么", "What"), "place": ("在哪里", "Where"), "person": ("谁记的", "Whose"), "day": DAY,
        "photos": ("照片（张）", "Photos"), "reason": ("为什么", "Why"), "state": STATE},
        filters=ANY, outward=False, listed=_aside, readers=CLERK),
    Shelf("pending", "待确认场所", "Places to be confirmed", {
        "id": ID, "name": ("现场写的名字", "As written on the spot"), "area": AREA, "place_type": PLACE,
        "visits": ("走访（次）", "Visits"), "day": ("最近一次", "Last"), "code": ("扫的编码", "Code scanned")},
        filters=ANY, outward=False, listed=_pending),
)  # fmt: skip
