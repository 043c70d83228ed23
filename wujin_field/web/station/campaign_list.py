"""Campaigns out of the house: a line each with what it added up to, as Excel or CSV."""

from flask import Response
from sqlalchemy.orm import selectinload

from ...db import db, writing
from ...domain import load_pack
from ...figures.campaigns import together
from ...figures.tallies import up_to_date
from ...models import Campaign
from ..again import asks_again
from ..pages import language
from . import station
from .campaigns import in_sight
from .scope import audit
from .table_file import table_file

HEADS = [
    ("名称", "Name"), ("从哪天", "From"), ("到哪天", "To"), ("今年的主题", "Theme of the year"), ("话题", "Tag line"),
    ("文号", "Document"), ("主办单位", "Organisers"), ("活动（场）", "Activities"), ("已核（场）", "Accepted"),
    ("线上（场）", "Online"), ("走访（次）", "Visits"), ("到场（人）", "People present"), ("宣传单（份）", "Leaflets"),
]  # fmt: skip


@station.get("/campaigns/list.<form>")
@asks_again
def export_campaigns(form: str) -> Response:
    up_to_date(load_pack())
    found = db.session.scalars(in_sight().options(selectinload(Campaign.organisers)).order_by(Campaign.first_day)).all()
    heads, rows = [head[language() == "en"] for head in HEADS], [_row(one) for one in found]
    answer = table_file(form, "campaigns", "方案和活动月", heads, rows)
    with writing() as session:
        audit(session, "exported", "list", "campaigns", form=form)
    return answer


def _row(one: Campaign) -> list[object]:
    """Of a joint campaign each activity once."""
    whole, _by_unit = together(db.session(), one)
    return [one.zh, one.first_day.isoformat(), one.last_day.isoformat(), one.theme, one.tag, one.basis_doc,
            "、".join(unit.zh for unit in one.organisers), whole.done, whole.final, whole.online, whole.visits,
            whole.people, whole.channels["leaflet"]]  # fmt: skip
