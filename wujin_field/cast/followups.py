"""What became of the hazards since: most were told, put right and looked at again."""

from datetime import datetime, timedelta
from random import Random

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..models import Hazard, Person
from ..models.hazards import rectified_by, steps_of, take_step
from .town import Town

DAY = timedelta(days=1)
CLERK, SUPERVISOR = "何敏", "罗静"
ELSEWHERE = ("县消防救援大队", "供电所", "镇市场监管所")
DONE = ("通道已经清空", "换了新的灭火器", "线路重新穿了管", "电动车挪到了车棚")


def follow_hazards(session: Session, town: Town, now: datetime, rng: Random) -> None:
    """Every state has some; about one in ten of those that are due was forgotten."""
    for hazard in session.scalars(select(Hazard).order_by(Hazard.found_at, Hazard.id)).all():
        told = hazard.found_at + DAY * rng.uniform(0.3, 2)
        if hazard.fixed_on_spot:
            _look_again(session, town, hazard, told + DAY * 3, now, rng)
        elif told < now and rng.random() < 0.9:
            take_step(session, hazard, "notified", town.people[CLERK], told, how=rng.choice(("spoken", "paper")))
            _go_on(session, town, hazard, told, now, rng)


def _go_on(session: Session, town: Town, hazard: Hazard, told: datetime, now: datetime, rng: Random) -> None:
    later = told + DAY * rng.uniform(2, 9)
    if later >= now:
        return
    if rng.random() < 0.08:
        take_step(session, hazard, "handed_over", town.people[CLERK], later, party=rng.choice(ELSEWHERE))
    elif rng.random() < 0.85:
        who: Person | None = town.people[CLERK] if rng.random() < 0.6 else None  # None: the owner's own page
        after = next((photo.sha256 for photo in hazard.visit.photos if who and photo.sha256 != hazard.photo), None)
        take_step(session, hazard, "rectified", who, later, note=rng.choice(DONE), photo=after)
        _look_again(session, town, hazard, later + DAY * rng.uniform(1, 4), now, rng)


def _look_again(session: Session, town: Town, hazard: Hazard, when: datetime, now: datetime, rng: Random) -> None:
    if when < now and rng.random() < 0.85:
        report = rectified_by(steps_of(session, hazard))
        by_the_clerk = report is not None and report.by_id == town.people[CLERK].id
        who = town.people[SUPERVISOR if by_the_clerk or rng.random() < 0.4 else CLERK]
        take_step(session, hazard, "verified", who, when, how="on_site")
