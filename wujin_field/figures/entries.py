"""The activities of an area and a span of days, with the photos a report may show. One line per activity, never per visit."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import Session, joinedload

from ..domain import Pack
from ..models import Activity, Area, Venue, Visit, VisitPhoto
from ..models.rulings import PRINTED, latest_result, state_of
from .counting import counts_as_activity, main_place_type
from .tallying import SAME_UNIT


@dataclass(frozen=True)
class Entry:
    """photos: digests in printing order. text: the author's sentence, or one drafted from the record."""

    id: str
    day: date
    place_type: str
    text: str
    photos: tuple[str, ...]
    visits: int


def entries(session: Session, pack: Pack, area_path: str, first: date, last: date) -> list[Entry]:
    """Submitted and accepted activities that started on these local days, both included (invariant C4.19)."""
    rows = select(Activity).join(Area).where(Area.path.startswith(area_path, autoescape=True))
    rows = rows.where(Activity.day.between(first, last), Activity.void_reason.is_(None))
    activities = session.scalars(rows.order_by(Activity.day, Activity.started_at, Activity.id)).all()
    visits = _printable_visits(session, [activity.id for activity in activities])
    return [
        _entry(session, pack, activity, visits.get(activity.id, []))
        for activity in activities
        if counts_as_activity(pack, activity.context)
        if visits.get(activity.id) or not _has_visits(session, activity.id)
    ]


def _printable_visits(session: Session, activity_ids: list[str]) -> dict[str, list[Visit]]:
    rows: Select = select(Visit, latest_result().scalar_subquery()).join(Activity, Activity.id == Visit.activity_id)
    rows = rows.where(Visit.activity_id.in_(activity_ids), SAME_UNIT)
    grouped: dict[str, list[Visit]] = {}
    whole = joinedload(Visit.photos), joinedload(Visit.venue)
    for visit, result in session.execute(rows.order_by(Visit.started_at, Visit.id).options(*whole)).unique():
        if state_of(result) in PRINTED:
            grouped.setdefault(visit.activity_id, []).append(visit)
    return grouped


def _has_visits(session: Session, activity_id: str) -> bool:
    """A broadcast has none and prints; an outing whose every visit was returned does not."""
    return bool(session.scalar(select(exists().where(Visit.activity_id == activity_id))))


def _entry(session: Session, pack: Pack, activity: Activity, visits: list[Visit]) -> Entry:
    text = activity.entry_text.strip() or _drafted(pack, activity, visits)
    photos = tuple(photo.sha256 for visit in visits for photo in _in_order(pack, visit.photos))
    place_type = main_place_type(activity.place_type, [visit.place_type for visit in visits])
    return Entry(activity.id, activity.day, place_type, text, tuple(dict.fromkeys(photos)), len(visits))


def _in_order(pack: Pack, photos: list[VisitPhoto]) -> list[VisitPhoto]:
    roles = pack["report"]["annex2_monthly"]["photo_order"]
    rank = {role: place for place, role in enumerate(roles)}
    return sorted(photos, key=lambda photo: (rank.get(photo.role, len(rank)), photo.position))


def _drafted(pack: Pack, activity: Activity, visits: list[Visit]) -> str:
    """A plain sentence for a record whose author wrote none: where, what, how many."""
    kind = pack.name("activity_kind", activity.activity_kind)
    names = list(dict.fromkeys(_shown(visit.venue) for visit in visits if _shown(visit.venue)))
    where = "、".join(names[:3]) + (f"等{len(visits)}处" if len(visits) > 3 else "")
    people = f"，参加{activity.people}人" if activity.people else ""
    return f"{where or activity.area.zh}：{kind}{people}"


def _shown(venue: Venue | None) -> str:
    """A home is not named on paper: its village is."""
    return "" if venue is None or venue.privacy == "strict" else venue.zh
