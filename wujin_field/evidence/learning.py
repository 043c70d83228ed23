"""Our poster looks the same everywhere, and that is what it is for: such a picture is learnt, and never flagged again."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..domain import Pack
from ..models import LearntPicture, Photo, Visit, VisitPhoto
from ..models.journal import seal
from .likeness import Likeness


def learn(session: Session, visit_ids: list[str], likeness: Likeness, pack: Pack, now: datetime) -> None:
    """Learn pictures of these visits that several people tagged as material at several places."""
    rows = select(Photo.dhash).join(VisitPhoto, VisitPhoto.sha256 == Photo.sha256)
    rows = rows.where(VisitPhoto.visit_id.in_(visit_ids), VisitPhoto.role == "material", Photo.dhash.is_not(None))
    for dhash in filter(None, set(session.scalars(rows))):
        if _everywhere(session, dhash, likeness, pack["flag"]["same_photo_near"]):
            add(session, dhash, None, now)


def add(session: Session, dhash: str, who: str | None, now: datetime) -> None:
    """Learn one picture; who: the person who said that it is our poster."""
    if session.get(LearntPicture, dhash) is None:
        row = LearntPicture(dhash=dhash, learnt_by_id=who, learnt_at=now)
        session.add(row)
        seal(session, row, now, who, "learnt")


def _everywhere(session: Session, dhash: str, likeness: Likeness, rule: dict) -> bool:
    alike = [sha256 for sha256, _ in likeness.near(int(dhash, 16), rule["strong_distance_max"])]
    rows = select(Visit.author_id, Visit.venue_id).join(VisitPhoto, VisitPhoto.visit_id == Visit.id)
    shown = session.execute(rows.where(VisitPhoto.sha256.in_(alike), VisitPhoto.role == "material")).all()
    people, venues = {row.author_id for row in shown}, {row.venue_id for row in shown}
    return len(people) >= rule["learnt_people"] and len(venues) >= rule["learnt_venues"]
