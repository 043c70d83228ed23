"""What a campaign adds up to: in all, by stage and by work item; and how its quotas stand."""

from collections import Counter
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..domain import Pack
from ..models import Activity, ActivityTally, Campaign, CampaignLine, TallyUnit, Unit
from ..periods import Period
from .quotas import Line, applies, cell_sums, lines_of

Numbers = tuple[int, int]


@dataclass(frozen=True)
class Sum:
    """done, final: activities handed in and accepted (场); visits, people present (人), reach elsewhere (人次); online: of the
    activities; channels: code → how many in the channel's own unit, leaflets in 份 and so on."""

    done: int
    final: int
    visits: int
    people: int
    reach: int
    online: int
    channels: Counter[str]


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
    return Period(first, last, campaign.id)


def done_in(session: Session, campaign: Campaign, line: CampaignLine | None = None) -> Numbers:
    """(progress, final) of its unit with all below it. September counts in both stages, and once in the whole (R131)."""
    cut, code = ("activity_kind", line.activity_kind) if line and line.activity_kind else ("all", "")
    sums = cell_sums(session, [campaign.unit_id], cut, [code], window(campaign, line))
    return sums.get((campaign.unit_id, code), (0, 0))


def together(session: Session, campaign: Campaign) -> tuple[Sum, dict[str, Sum]]:
    """A joint campaign: in all, each activity once; and by organiser's id, each in full (C4.21)."""
    ids, days = [unit.id for unit in campaign.organisers], window(campaign)
    return sum_of(session, ids, days), {unit: sum_of(session, [unit], days) for unit in ids}


def sum_of(session: Session, units: list[str], days: Period) -> Sum:
    """What these units did on these days, each activity once."""
    here = TallyUnit.unit_id.in_(units), TallyUnit.day.between(days.first, days.last)
    once = select(TallyUnit.activity_id).where(*here).distinct()
    rows = select(ActivityTally.final, ActivityTally.visits, Activity.people, ActivityTally.reach, Activity.channels,
                  Activity.online)  # fmt: skip
    rows = rows.join(Activity, Activity.id == ActivityTally.activity_id)
    found = session.execute(rows.where(ActivityTally.progress == 1, Activity.id.in_(once))).all()
    channels: Counter[str] = Counter()
    for row in found:
        channels.update({code: n for code, n in row.channels.items() if n})
    final, visits, people, reach = (sum(row[at] for row in found) for at in range(4))
    return Sum(len(found), final, visits, people, reach, sum(row.online for row in found), channels)


def campaigns_of(session: Session, activity: Activity) -> list[Campaign]:
    """Those it counts in: their days hold its day, and an organiser of theirs has it among its own (R188)."""
    mine = select(TallyUnit.unit_id).where(TallyUnit.activity_id == activity.id)
    rows = select(Campaign).where(Campaign.first_day <= activity.day, Campaign.last_day >= activity.day)
    return list(session.scalars(rows.where(Campaign.organisers.any(Unit.id.in_(mine))).order_by(Campaign.first_day)))


def quotas_of(session: Session, pack: Pack, campaign: Campaign, units: list[Unit], day: date) -> list[Quota]:
    """The campaign's quotas on a day, for those of these units that each of them asks."""
    found = []
    for line in campaign.lines:
        quota = pack["quota"].get(line.quota or "")
        if line.kind == "quota" and quota:
            asked = [unit for unit in units if applies(quota, unit)]
            found.append(Quota(line, lines_of(session, pack, quota, asked, day)))
    return found
