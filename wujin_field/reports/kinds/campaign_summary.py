"""活动总结: the campaign's days in figures, those of its page; what was done, what remains (R24, R113)."""

from collections.abc import Iterator
from datetime import date

from ...figures.campaigns import done_in, quotas_of, together, window
from ...figures.half_year import half_year_table
from ...figures.totals import covered_areas, sums
from ...models import Campaign
from ..ask import Ask, zh_date
from ..gather import committees_below
from ..paper import Block, Paper, Table, Text
from .campaigns import campaign_of, days_of, lines_of, title_of


def paper(ask: Ask) -> Paper:
    campaign = campaign_of(ask)
    parts = [_figures(ask, campaign), *([ask.text(key, ask.layout[key])] for key in ("ways", "problems"))]
    return ask.paper(ask.sections(parts), title_lines=title_of(ask, campaign), dated=campaign.last_day.isoformat(),
                     foot=(campaign.unit.zh, ask.layout["date_blank"].format(year=campaign.last_day.year)))  # fmt: skip


def _figures(ask: Ask, campaign: Campaign) -> Iterator[Block]:
    until = min(ask.today, campaign.last_day)
    figures = _counted(ask, campaign) | {"起": zh_date(campaign.first_day), "止": zh_date(campaign.last_day),
                                         "取数日": zh_date(until)}  # fmt: skip
    yield ask.text("figures", ask.layout["figures"], figures)
    if len(campaign.organisers) > 1:
        yield _joint(ask, campaign)
    yield from _lines(ask, campaign)
    yield from _quotas(ask, campaign, until)


def _counted(ask: Ask, campaign: Campaign) -> dict:
    """场次 as the campaign's page has it; head counts, paper and villages of its unit in the same days."""
    span = window(campaign)
    counted = half_year_table(ask.session, ask.pack, campaign.unit, span.first, span.last)
    done, final = done_in(ask.session, campaign)
    covered = covered_areas(ask.session, campaign.unit.area.path, span.first, span.last)
    return sums(counted) | {"场次": done, "已核": final, "覆盖村社": covered, "单位": campaign.unit.zh}


def _joint(ask: Ask, campaign: Campaign) -> Table:
    """Each organiser has what it took part in; the whole counts it once (C4.21)."""
    whole, by_unit = together(ask.session, campaign)
    told = [(unit.zh, by_unit[unit.id]) for unit in campaign.organisers]
    rows = tuple((name, one.done, one.final) for name, one in [*told, (ask.layout["joint_total"], whole)])
    return Table(tuple(ask.layout["joint_columns"]), rows, (20, 7, 7), left=(0,))


def _lines(ask: Ask, campaign: Campaign) -> Iterator[Table]:
    told = [*lines_of(campaign, "stage"), *(line for line in lines_of(campaign, "item") if line.activity_kind)]
    rows = tuple((line.text, days_of(campaign, line), *done_in(ask.session, campaign, line)) for line in told)
    if rows:
        yield Table(tuple(ask.layout["columns"]), rows, (26, 12, 6, 6), left=(0,))


def _quotas(ask: Ask, campaign: Campaign, day: date) -> Iterator[Text]:
    units = [campaign.unit, *committees_below(ask.session, campaign.unit.area.path)]
    for one in quotas_of(ask.session, ask.pack, campaign, units, max(day, campaign.first_day)):
        words = {"name": ask.pack.name("quota", one.line.quota or ""), "units": len(one.found), "reached": one.reached}
        if one.found:
            yield Text(ask.layout["quota_zh"].format(**words))
