"""A demonstration site beside its standard: for every demand the newest thing somebody saw there, and what the site did."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..domain import Pack
from ..models import Hazard, RegisterEntry, Visit
from ..models.rulings import PRINTED, latest_result, state_of

YEAR = 365


@dataclass(frozen=True)
class Seen:
    """What a visit answered to one demand: value ok, fail, na or unseen; photos are digests of that visit."""

    visit_id: str
    day: date
    value: str
    note: str
    photos: tuple[str, ...]


@dataclass(frozen=True)
class Demand:
    """One item of the standard. seen: the newest answer other than "not seen", or None."""

    code: str
    name: tuple[str, str]
    seen: Seen | None

    @property
    def met(self) -> bool:
        return self.seen is not None and self.seen.value == "ok"


@dataclass(frozen=True)
class Dossier:
    """demands of the standard; visits, openings and visitors of the last 365 days; hazards found there since ever."""

    demands: tuple[Demand, ...]
    visits: int
    openings: int
    visitors: int
    hazards: int

    @property
    def met(self) -> int:
        return sum(demand.met for demand in self.demands)


def dossier(session: Session, pack: Pack, site: RegisterEntry, today: date) -> Dossier:
    """Submitted and accepted visits at the site's place, newest answer first; a returned visit proves nothing."""
    visits = _visits(session, site)
    items = pack["template"].get(site.values["standard"], {}).get("item", [])
    demands = tuple(
        Demand(item["code"], (item["zh"], item.get("en", item["zh"])), _newest(visits, item["code"])) for item in items
    )
    openings = _openings(session, site, today)
    hazards = session.scalars(select(Hazard.id).where(Hazard.venue_id == site.venue_id)).all()
    lately = sum((today - visit.day).days < YEAR for visit in visits)
    return Dossier(demands, lately, len(openings), sum(one.values.get("visitors", 0) for one in openings), len(hazards))


def _visits(session: Session, site: RegisterEntry) -> list[Visit]:
    rows = select(Visit, latest_result().scalar_subquery()).where(Visit.venue_id == site.venue_id)
    newest_first = rows.order_by(Visit.started_at.desc(), Visit.id.desc())
    return [visit for visit, result in session.execute(newest_first) if state_of(result) in PRINTED]


def _newest(visits: list[Visit], item: str) -> Seen | None:
    for visit in visits:
        answer = visit.answers.get(item)
        if answer and answer.get("value", "unseen") != "unseen":
            return Seen(visit.id, visit.day, answer["value"], answer.get("note", ""), tuple(answer.get("photos", [])))
    return None


def _openings(session: Session, site: RegisterEntry, today: date) -> list[RegisterEntry]:
    rows = select(RegisterEntry).where(RegisterEntry.kind == "hall_opening", RegisterEntry.venue_id == site.venue_id)
    rows = rows.where(RegisterEntry.void_reason.is_(None))
    return [one for one in session.scalars(rows) if 0 <= (today - one.day).days < YEAR]
