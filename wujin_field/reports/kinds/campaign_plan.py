"""活动方案: theme and days, what happens when and where and who answers for it (R83, R87, R135), as the campaign says."""

from ...models import Campaign, CampaignLine
from ..ask import Ask, zh_date
from ..numerals import zh_number
from ..paper import Block, Paper, Table, Text
from .campaigns import campaign_of, days_of, lines_of, title_of

WIDTHS = (11, 8, 22, 18)


def paper(ask: Ask) -> Paper:
    campaign = campaign_of(ask)
    parts: list = [
        _theme(ask, campaign),
        _items(ask, campaign),
        [ask.text("parts", ask.layout["parts"])],
        _demands(ask, campaign),
    ]
    return ask.paper(ask.sections(parts), title_lines=title_of(ask, campaign), dated=campaign.first_day.isoformat(),
                     foot=(campaign.unit.zh, ask.layout["date_blank"].format(year=campaign.first_day.year)))  # fmt: skip


def _theme(ask: Ask, campaign: Campaign) -> list[Text]:
    words = {"主题": campaign.theme or "（请填写）", "起": zh_date(campaign.first_day), "止": zh_date(campaign.last_day),
             "主办": "、".join(unit.zh for unit in campaign.organisers) or campaign.unit.zh}  # fmt: skip
    told = [ask.text("theme", ask.layout["theme"], words)]
    if campaign.basis_doc:
        told.append(Text(ask.layout["basis_zh"].format(doc=campaign.basis_doc)))
    stages = lines_of(campaign, "stage")
    return told + [
        Text(f"（{zh_number(n)}）{line.text}（{days_of(campaign, line)}）") for n, line in enumerate(stages, 1)
    ]


def _items(ask: Ask, campaign: Campaign) -> list[Block]:
    items = lines_of(campaign, "item")
    rows = tuple((days_of(campaign, line), line.place, line.text, _who(ask, line)) for line in items)
    empty: list[Block] = [] if rows else [Text(ask.layout["empty"])]
    return [Table(tuple(ask.layout["columns"]), rows, WIDTHS, left=(2, 3)), *empty]


def _who(ask: Ask, line: CampaignLine) -> str:
    """The triple (R135), a line each."""
    named = zip(ask.layout["triple_zh"], (line.lead, line.cooperating, line.responsible), strict=True)
    return "\n".join(f"{word}：{who}" for word, who in named if who)


def _demands(ask: Ask, campaign: Campaign) -> list[Text]:
    told = [*(_wanted(ask, line) for line in lines_of(campaign, "quota")),
            *(_due(ask, campaign, line) for line in lines_of(campaign, "deadline"))]  # fmt: skip
    return [Text(f"（{zh_number(n)}）{line}") for n, line in enumerate(told, 1)] + [
        ask.text("demands", ask.layout["demands"])
    ]


def _wanted(ask: Ask, line: CampaignLine) -> str:
    name = ask.pack.name("quota", line.quota or "")
    return ask.layout["quota_zh" if line.wanted else "quota_plain_zh"].format(name=name, wanted=line.wanted)


def _due(ask: Ask, campaign: Campaign, line: CampaignLine) -> str:
    if line.day_of_month:
        return ask.layout["due_monthly_zh"].format(text=line.text, day=line.day_of_month)
    day = line.last_day or campaign.last_day
    return ask.layout["due_zh"].format(text=line.text, month=day.month, day=day.day)
