"""What is printed into a photo that was asked for with its stamp: when, where, whose, which visit, and its digest."""

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from ..config import STATION_ZONE
from ..models import Area, Visit, VisitPhoto
from ..review.sheet import visit_number


def stamps(session: Session, area_path: str, digests: set[str], unit: str) -> dict[str, tuple[str, ...]]:
    """digest → two lines. A home is its village; the time is the shutter's."""
    rows = select(VisitPhoto, Visit).join(Visit, VisitPhoto.visit_id == Visit.id).join(Area, Visit.area_id == Area.id)
    rows = rows.where(Area.path.startswith(area_path, autoescape=True), VisitPhoto.sha256.in_(digests))
    found = session.execute(rows.options(joinedload(Visit.venue), joinedload(Visit.area)).order_by(Visit.id)).unique()
    return {photo.sha256: _lines(photo, visit, unit) for photo, visit in found}


def _lines(photo: VisitPhoto, visit: Visit, unit: str) -> tuple[str, ...]:
    open_venue = visit.venue if visit.venue and visit.venue.privacy == "open" else None
    place = f"{visit.area.zh} {open_venue.zh}" if open_venue else visit.area.zh
    when = f"{photo.taken_at.astimezone(STATION_ZONE):%Y-%m-%d %H:%M}"
    return (f"{when}　{place}", f"{unit}　走访 {visit_number(visit.id)}　核验 {photo.sha256[:12]}")
