"""What a campaign adds up to: in all, by stage and by work item; and how its quotas stand."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ..domain import Pack
from ..models import ActivityTally, Campaign, CampaignLine, TallyUnit, Unit
from .periods import Period
from .quotas import Line, applies, cell_sums, lines_of

Numbers = tuple[int, int]


@dataclass(frozen=True)
class Quota:
    """One quota of a campaign's paper: how many of the units it asks have what the paper wants."""

    line: CampaignLine
    found: list[Line]

    @property
    def reached(self) -> int:
        return sum(one.done >= self.wanted(one) for one in self.found)

    def wanted(self, one: Line) -> int:
        return self.line.wanted or one.wanted


def window(campaign: Campaign, line: CampaignLine | None = None) -> Period:
    """The line's own days, or the campaign's."""
    first = line.first_day if line and line.first_day else campaign.first_day
    last = line.last_day if line and line.last_day else campaign.last_day
    return Period(campaign.id, first, last)


def done_in(session: Session, campaign: Campaign, line: CampaignLine | None = None) -> Numbers:
    """(progress, final) of its unit with all below it. September counts in both stages, and once in the whole (R131)."""
    cut, code = ("activity_kind", line.activity_kind) if line and line.activity_kind else ("all", "")
    sums = cell_sums(session, [campaign.unit_id], cut, [code], window(campaign, line))
    return sums.get((campaign.unit_id, code), (0, 0))


def together(session: Session, campaign: Campaign) -> tuple[Numbers, dict[str, Numbers]]:
    """(progress, final) of a joint campaign: in all, each activity once; and by organiser's id, each in full (C4.21)."""
    ids, days = [unit.id for unit in campaign.organisers], window(campaign)
    here = TallyUnit.unit_id.in_(ids), TallyUnit.day.between(days.first, days.last)
    once = select(TallyUnit.activity_id).where(*here).distinct().subquery()
    whole = select(func.coalesce(func.sum(ActivityTally.progress), 0), func.coalesce(func.sum(ActivityTally.final), 0))
    done, final = session.execute(whole.join(once, once.c.activity_id == ActivityTally.activity_id)).one()
    sums = cell_sums(session, ids, "all", [""], days)
    return (int(done), int(final)), {unit: sums.get((unit, ""), (0, 0)) for unit in ids}


def quotas_of(session: Session, pack: Pack, campaign: Campaign, units: list[Unit], day: date) -> list[Quota]:
    """The campaign's quotas on a day, for those of these units that each of them asks."""
    found = []
    for line in campaign.lines:
        quota = pack["quota"].get(line.quota or "")
        if line.kind == "quota" and quota:
            asked = [unit for unit in units if applies(quota, unit)]
            found.append(Quota(line, lines_of(session, pack, quota, asked, day)))
    return found
