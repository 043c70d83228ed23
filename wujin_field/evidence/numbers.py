"""Can the numbers of the activity be true? Said once, at the activity's first visit."""

from collections.abc import Iterator

from sqlalchemy import select

from ..models import Activity, Area, Visit
from .case import Case, Flag

ROUND = 100
ENOUGH = 5  # activities that make a habit


def check(case: Case) -> Iterator[Flag]:
    """odd_numbers; detail.why names the rule."""
    activity, rule = case.activity, case.rule("odd_numbers")
    if activity is None or activity.author_id != case.visit.author_id or not _first(case):
        return
    why = next(_reasons(case, activity, rule), None)
    if why:
        leaflets = activity.channels.get("leaflet", 0)
        yield case.flag("odd_numbers", why=why, people=activity.people, leaflets=leaflets)


def _reasons(case: Case, activity: Activity, rule: dict) -> Iterator[str]:
    area = case.session.get(Area, activity.area_id)
    if rule["people_over_area_population"] and area and area.population and activity.people > area.population:
        yield "population"
    if activity.people > rule["people_over"]:
        yield "people"
    leaflets = activity.channels.get("leaflet", 0)
    if activity.people and leaflets > rule["leaflets_per_person_over"] * activity.people:
        yield "leaflets"
    if (
        activity.people
        and activity.people % ROUND == 0
        and _round_share(case, activity) > rule["round_hundreds_share_over"]
    ):
        yield "round"


def _round_share(case: Case, activity: Activity) -> float:
    """Of the author's newest activities with people: how many end in two noughts."""
    rows = select(Activity.people).where(Activity.author_id == activity.author_id, Activity.people > 0)
    people = list(case.session.scalars(rows.order_by(Activity.started_at.desc()).limit(20)))
    return sum(number % ROUND == 0 for number in people) / len(people) if len(people) >= ENOUGH else 0


def _first(case: Case) -> bool:
    first = select(Visit.id).where(Visit.activity_id == case.visit.activity_id).order_by(Visit.started_at, Visit.id)
    return case.session.scalar(first.limit(1)) == case.visit.id
