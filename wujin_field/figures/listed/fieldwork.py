"""Activities, visits and the hazards they found."""

from typing import Any

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import joinedload, selectinload

from ... import ledger
from ...db import local_day
from ...domain import Pack
from ...ledger import matching
from ...models import Activity, ActivityTally, Area, Hazard, TallyUnit, Visit
from ...models.rulings import latest_result, state_of, waits
from ..behind import cut_to
from .shelf import (
    AREA,
    DAY,
    ID,
    KIND,
    PLACE,
    STATE,
    UNIT,
    VENUE,
    VISIT_STATES,
    Shelf,
    Wanted,
    is_home,
    open_name,
    told,
    within,
)


def _activities(wanted: Wanted) -> Select:
    rows = within(select(Activity).join(Area, Activity.area_id == Area.id), wanted, Activity.day, Activity.place_type)
    rows = rows.where(_counted(wanted)) if wanted.state == "counted" else rows
    return rows.where(Activity.void_reason.is_(None)).options(
        joinedload(Activity.area), joinedload(Activity.unit), selectinload(Activity.labels)
    )


def _counted(wanted: Wanted) -> ColumnElement[bool]:
    """As the pages behind a figure have them (behind.activities): what counts, for this unit, in this cut of the figure."""
    same = select(ActivityTally.activity_id).where(
        ActivityTally.activity_id == Activity.id, ActivityTally.progress == 1
    )
    if wanted.unit:
        mine = (TallyUnit.activity_id == ActivityTally.activity_id) & (TallyUnit.day == ActivityTally.day)
        same = same.join(TallyUnit, mine).where(TallyUnit.unit_id == wanted.unit)
    return same.where(cut_to(wanted.cut, wanted.code)).exists()


def _activity(pack: Pack, line: Any) -> dict:
    one: Activity = line[0]
    return {"id": one.id, "day": one.day.isoformat(), "unit": one.unit.zh, "area": one.area.zh, "title": one.title,
            "place_type": pack.name("place_type", one.place_type), "form": pack.name("form", one.form),
            "delivery": pack.name("delivery", one.delivery), "context": pack.name("context", one.context),
            "kind": pack.name("activity_kind", one.activity_kind), "people": one.people,
            "reach": one.asked.get("reach", 0),
            "leaflets": one.channels.get("leaflet", 0), "registrations": one.registrations, "text": one.entry_text,
            "programmes": "、".join(pack.name("programme", label.programme) for label in one.labels)}  # fmt: skip


def _visits(wanted: Wanted) -> Select:
    rows = select(Visit, latest_result().scalar_subquery()).join(Area, Visit.area_id == Area.id)
    rows = within(rows, wanted, Visit.day, Visit.place_type)
    rows = rows.where(waits()) if wanted.state == "waiting" else rows
    return rows.options(joinedload(Visit.area), joinedload(Visit.venue), joinedload(Visit.photos))


def _visit(pack: Pack, line: Any) -> dict:
    one, result = line
    return {"id": one.id, "activity": one.activity_id, "day": one.day.isoformat(), "area": one.area.zh,
            "place_type": pack.name("place_type", one.place_type), "venue_kind": pack.name("venue_kind", one.venue_kind),
            "venue": open_name(one, one.venue), "photos": len(one.photos),
            "state": VISIT_STATES[state_of(result)]}  # fmt: skip


def _hazards(wanted: Wanted) -> Select:
    """As the ledger's page cuts it (ledger.VIEWS, and overdue)."""
    late, view = wanted.state == "overdue", wanted.state if wanted.state in ledger.VIEWS else "all"
    asked = ledger.Wanted("todo" if late else view, wanted.severity, wanted.area_path, wanted.name, late)
    here = Area.path.startswith(wanted.area_path, autoescape=True)
    rows = within(matching(select(Hazard), here, asked, wanted.today), wanted, Visit.day, Visit.place_type)
    return rows.options(joinedload(Hazard.visit).joinedload(Visit.area), joinedload(Hazard.venue))


def _hazard(pack: Pack, line: Any) -> dict:
    hazard: Hazard = line[0]
    words, private = pack["report"]["hazard_ledger"], is_home(hazard.venue, hazard.visit.place_type)
    return {"id": hazard.id, "label": hazard.label, "day": told(local_day(hazard.found_at)), "area": hazard.visit.area.zh,
            "venue": open_name(hazard.visit, hazard.venue), "category": pack.name("category", hazard.category),
            "severity": words["severity_zh"][hazard.severity], "text": "" if private else hazard.text,
            "party": "" if private else hazard.responsible_party, "measure": "" if private else hazard.measure,
            "due": told(hazard.due), "state": words["state_zh"][hazard.state],
            "fixed_on_spot": int(hazard.fixed_on_spot)}  # fmt: skip


SHELVES = (
    Shelf("activities", "活动", "Activities", {
        "id": ID, "day": DAY, "unit": UNIT, "area": AREA, "title": ("名称", "Title"), "place_type": PLACE,
        "form": ("形式", "Form"), "delivery": ("方式", "Way"), "context": ("场合", "Context"), "kind": ("活动类型", "Kind"),
        "people": ("参加人数", "People"),
        "reach": ("触达（人次）", "Reached elsewhere"), "leaflets": ("宣传单（份）", "Leaflets"),
        "registrations": ("平台登记（人）", "Registrations"),
        "programmes": ("也算进的工作", "Also serves"), "text": ("文字", "Text")}, _activities, _activity, Activity.id,
        ("first", "last", "place_type", "unit", "state", "cut", "code")),
    Shelf("visits", "走访", "Visits", {
        "id": ID, "activity": ("活动编号", "Activity"), "day": DAY, "area": AREA, "place_type": PLACE, "venue_kind": KIND,
        "venue": VENUE, "photos": ("照片（张）", "Photos"), "state": STATE}, _visits, _visit, Visit.id,
        ("first", "last", "place_type", "state")),
    Shelf("hazards", "隐患", "Hazards", {
        "id": ID, "label": ("台账号", "Number"), "day": DAY, "area": AREA, "venue": VENUE, "category": ("类别", "Category"),
        "severity": ("等级", "Severity"), "text": ("情况", "What"), "party": ("整改责任方", "Who has to act"),
        "measure": ("整改措施", "Measure"), "due": ("期限", "Due"), "state": STATE,
        "fixed_on_spot": ("当场整改", "Fixed on the spot")},
        _hazards, _hazard, Hazard.id, ("first", "last", "place_type", "state", "severity", "name")),
)  # fmt: skip
