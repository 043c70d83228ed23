"""How many joint campaigns a year had, online and offline (R24, R29): two organisers and at least one activity of the kind."""

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from ..domain import Pack
from ..models import Activity, ActivityTally, Campaign, TallyUnit, Unit
from ..periods import Period
from .counting import fits


def campaigns_measured(session: Session, pack: Pack, quota: Mapping, units: list[Unit], period: Period) -> dict:
    """(unit id, None) → campaigns of the period with enough organisers and at least one activity of the kind.

    The quota is that of all its departments together, so every unit that is asked reads the same number.
    """
    wanted = quota["filter"]
    rows = select(Campaign).where(Campaign.first_day <= period.last, Campaign.last_day >= period.first)
    joint = [
        one
        for one in session.scalars(rows.options(selectinload(Campaign.organisers)))
        if len(one.organisers) >= wanted.get("organisers_min", 1)
    ]
    done = sum(_has_one(session, pack, wanted, one, 0) for one in joint)
    final = sum(_has_one(session, pack, wanted, one, 1) for one in joint)
    return {(unit.id, None): (done, final) for unit in units}


def _has_one(session: Session, pack: Pack, wanted: Mapping, campaign: Campaign, final: int) -> bool:
    units = [unit.id for unit in campaign.organisers]
    theirs = select(TallyUnit.activity_id).where(
        TallyUnit.unit_id.in_(units), TallyUnit.day.between(campaign.first_day, campaign.last_day)
    )
    rows = select(Activity).join(ActivityTally, ActivityTally.activity_id == Activity.id)
    rows = rows.where(Activity.id.in_(theirs), ActivityTally.progress == 1)
    rows = rows.where(ActivityTally.final == 1) if final else rows
    return any(fits(pack, wanted, _described(one, len(units))) for one in session.scalars(rows))


def _described(activity: Activity, organisers: int) -> dict:
    names = ("place_type", "delivery", "form", "context", "activity_kind", "channels", "participants")
    return {name: getattr(activity, name) for name in names} | {"organisers": organisers}
