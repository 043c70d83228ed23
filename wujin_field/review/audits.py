"""销号复核: of the hazards closed in the time of a draw one in five is looked at again, and each without a second photo."""

from datetime import datetime, timedelta
from math import ceil

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, joinedload

from ..db import local_day
from ..domain import Pack
from ..models import Area, Batch, Hazard, HazardAudit, HazardStep, Person, Visit
from ..models.hazards import steps_of, take_step
from ..models.journal import seal
from .ruling import NotYours
from .sample import order

OUTCOMES = ("confirmed", "not_confirmed", "not_reached")


def draw_audits(session: Session, batch: Batch, first: datetime, after: datetime, now: datetime, pack: Pack) -> int:
    """Draw those of the batch's area and time by its seed; how many."""
    rules = pack.files["spot_check"]["sampling"]
    bare, seen = closed(session, session.get_one(Area, batch.area_id).path, first, after)
    by_chance = sorted(seen, key=lambda step: order(f"{batch.seed}:hazard", step.hazard_id))
    by_chance = by_chance[: ceil(rules["verified_hazards_share"] * len(by_chance))]
    due = local_day(now) + timedelta(days=rules["on_site_within_days"])
    for reason, steps in (("no_second_photo", bare), ("random", by_chance)):
        for step in steps:
            row = HazardAudit(batch_id=batch.id, hazard_id=step.hazard_id, step_id=step.id, reason=reason, due=due)
            session.add(row)
            seal(session, row, now, None, "asked_for", hazard=step.hazard_id)
    return len(bare) + len(by_chance)


def closed(session: Session, path: str, first: datetime, after: datetime) -> tuple[list[HazardStep], list[HazardStep]]:
    """The steps that closed hazards of an area in that time: those without any picture since it was found, and the others."""
    rows = (
        select(HazardStep, Hazard)
        .join(Hazard, Hazard.id == HazardStep.hazard_id)
        .join(Visit, Visit.id == Hazard.visit_id)
    )
    rows = rows.join(Area, Area.id == Visit.area_id).where(
        HazardStep.step == "verified", Hazard.state == "verified", HazardStep.recorded_at >= first,
        HazardStep.recorded_at < after, Area.path.startswith(path, autoescape=True),
        HazardStep.id.not_in(select(HazardAudit.step_id)),
    )  # fmt: skip
    bare: list[HazardStep] = []
    seen: list[HazardStep] = []
    for step, hazard in session.execute(rows.order_by(HazardStep.recorded_at, HazardStep.id)).all():
        steps = steps_of(session, hazard)
        if steps[-1].id == step.id:
            (seen if any(one.photo for one in steps) else bare).append(step)
    return bare, seen


def open_audits(session: Session, scope: ColumnElement[bool]) -> list[HazardAudit]:
    """The soonest due first."""
    place = joinedload(HazardAudit.hazard)
    whole = (place.joinedload(Hazard.venue), place.joinedload(Hazard.visit).joinedload(Visit.area),
             joinedload(HazardAudit.step).joinedload(HazardStep.by))  # fmt: skip
    rows = audits_in(scope).where(HazardAudit.done_at.is_(None)).order_by(HazardAudit.due, HazardAudit.id)
    return list(session.scalars(rows.options(*whole)))


def audits_in(scope: ColumnElement[bool]):  # type: ignore[no-untyped-def]
    rows = select(HazardAudit).join(Hazard, Hazard.id == HazardAudit.hazard_id)
    return rows.join(Visit, Visit.id == Hazard.visit_id).join(Area, Area.id == Visit.area_id).where(scope)


def answer(session: Session, audit: HazardAudit, who: Person, outcome: str, note: str, now: datetime) -> None:
    """What was found; a hazard that was not put right is open again. Raises NotYours, KeyError for another outcome."""
    if outcome not in OUTCOMES:
        raise KeyError(outcome)
    if audit.step.by_id == who.id:
        raise NotYours
    audit.outcome, audit.note, audit.done_by_id, audit.done_at = outcome, note, who.id, now
    seal(session, audit, now, who.id, "audited", outcome=outcome)
    if outcome == "not_confirmed" and audit.hazard.state == "verified":
        take_step(session, audit.hazard, "reopened", who, now, note=note or "audit")
