"""Last week some things were not quite right, so that the checks have something to say and the desk something to decide."""

from datetime import datetime, timedelta

from ..config import STATION_ZONE
from .outings import Outing
from .records import Record

WEEK = timedelta(days=7)
COPIED, ELSEWHERE, HASTY, DESK, AGAIN = "廖定邦", "向有田", "余水生", "蒋小琴", "彭秀芳"
FAR_E7 = 300_000  # three kilometres and a bit to the north


def bend(record: Record, outing: Outing, now: datetime) -> None:
    """Changes the claims of a few people of last week before their phones sign them."""
    monday = now.astimezone(STATION_ZONE) - timedelta(days=now.astimezone(STATION_ZONE).weekday())
    if not monday.date() - WEEK <= outing.start.date() < monday.date():
        return
    visits = [claim for claim in record.claims if claim["kind"] == "visit"]
    how = {COPIED: _other_day, ELSEWHERE: _far, HASTY: _hasty, DESK: _gallery}.get(outing.author.name)
    if how and visits:
        how(visits[0])
    if outing.author.name == AGAIN and len(visits) > 1:
        _same_photo(record, visits)


def _other_day(visit: dict) -> None:
    """The picture is of the day before."""
    for photo in visit["photos"][:1]:
        photo["taken_at"] -= 26 * 3_600_000


def _far(visit: dict) -> None:
    for photo in visit["photos"]:
        if "position" in photo:
            photo["position"] = photo["position"] | {"lat_e7": photo["position"]["lat_e7"] + FAR_E7}


def _hasty(visit: dict) -> None:
    """The whole list in a minute and a half."""
    visit["ended_at"] = visit["sent_clock"] = visit["started_at"] + 90_000


def _gallery(visit: dict) -> None:
    for photo in visit["photos"]:
        photo["capture"] = "file"


def _same_photo(record: Record, visits: list[dict]) -> None:
    """The next door shows a picture of the one before."""
    before, after = (visit["photos"][:1] for visit in visits[:2])
    if before and after:
        record.shots.pop(after[0]["sha256"], None)
        after[0]["sha256"] = before[0]["sha256"]
