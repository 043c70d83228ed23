"""What a campaign adds up to: in all, by stage and by work item; and how its quotas stand."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from ..domain import Pack
from ..models import Campaign, CampaignLine, Unit
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


def quotas_of(session: Session, pack: Pack, campaign: Campaign, units: list[Unit], day: date) -> list[Quota]:
    """The campaign's quotas on a day, for those of these units that each of them asks."""
    found = []
    for line in campaign.lines:
        quota = pack["quota"].get(line.quota or "")
        if line.kind == "quota" and quota:
            asked = [unit for unit in units if applies(quota, unit)]
            found.append(Quota(line, lines_of(session, pack, quota, asked, day)))
    return found
