"""What the two papers of a campaign share: which campaign is meant, and how its lines are said."""

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from ...figures.campaigns import window
from ...models import Area, Campaign, CampaignLine, Unit
from ..ask import Ask, NothingToPrint
from ..gather import town_of


def campaign_of(ask: Ask) -> Campaign:
    """The one that is asked about; else the shortest of the unit's own, and of those above it, that touch the days."""
    codes = ask.path.rstrip("/").split("/")
    seen = ["/".join(codes[:n]) + "/" for n in range(1, len(codes) + 1)]
    rows = select(Campaign).join(Unit, Unit.id == Campaign.unit_id).join(Area, Area.id == Unit.area_id)
    rows = rows.where(Area.path.in_(seen)).options(selectinload(Campaign.lines), selectinload(Campaign.organisers))
    days = Campaign.first_day <= ask.span.last, Campaign.last_day >= ask.span.first
    found = ask.session.scalars(rows.where(Campaign.id == ask.about) if ask.about else rows.where(*days)).all()
    if not found:
        raise NothingToPrint(ask.layout["nothing"].format(window=ask.window))
    return min(found, key=lambda one: (one.last_day - one.first_day, one.first_day, one.id))


def lines_of(campaign: Campaign, kind: str) -> list[CampaignLine]:
    return [line for line in campaign.lines if line.kind == kind]


def days_of(campaign: Campaign, line: CampaignLine | None = None) -> str:
    """11月1日—11月30日, or one day."""
    span = window(campaign, line)
    first, last = (f"{day.month}月{day.day}日" for day in (span.first, span.last))
    return first if first == last else f"{first}—{last}"


def title_of(ask: Ask, campaign: Campaign) -> tuple[str, ...]:
    """青禾镇2026年 over 消防宣传月活动方案; a name that ends in 方案 bears the paper's own word instead."""
    area = campaign.unit.area
    place = town_of(ask.session, area) + area.zh
    ending, name = ask.layout["ending"], campaign.zh.removeprefix(campaign.unit.zh).removeprefix(place)
    told = name.removesuffix("方案") + ending.removeprefix("活动") if name.endswith("方案") else name + ending
    return f"{place}{campaign.first_day.year}年", told
