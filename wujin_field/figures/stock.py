"""What an area has, whatever the period: fixed places of education, volunteers."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ..models import Area, Person, Unit, Venue

EDUCATION_PLACES = ("fixed_education_place", "education_room", "publicity_point")


def stock(session: Session, area_path: str) -> dict[str, int]:
    """阵地: fixed places (处); 志愿者: active ones (名)."""
    inside = Area.path.startswith(area_path, autoescape=True)
    places = select(func.count(Venue.id)).join(Area).where(inside, Venue.active, Venue.venue_kind.in_(EDUCATION_PLACES))
    people = select(func.count(Person.id)).join(Unit).join(Area).where(inside, Person.active)
    volunteers = people.where(Person.field_role == "volunteer")
    return {"阵地": session.scalar(places) or 0, "志愿者": session.scalar(volunteers) or 0}
