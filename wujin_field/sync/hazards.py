"""The hazards that a visit found, those that its correction takes back, and those that it looked at again."""

from datetime import datetime, timedelta

import msgspec
from sqlalchemy import Connection, Row

from ..config import STATION_ZONE
from ..db import local_day, uuid7
from ..domain import Pack
from ..models.hazards import LOOKED, TO_DO, seal_hazard
from . import statements as ask
from .envelope import HazardLine, Recheck, VisitClaim
from .facts import Facts


def write_hazards(connection: Connection, pack: Pack, claim: VisitClaim, visit: dict, facts: Facts) -> None:
    """visit: the row's values. What a correction no longer names becomes void: a wrong record, never an open one."""
    held = set(connection.execute(ask.HAZARDS_OF_VISIT, {"visit_id": claim.id}).scalars() if claim.revision > 1 else ())
    for hazard in claim.hazards:
        owner = connection.execute(ask.VISIT_OF_HAZARD, {"the_id": hazard.id}).scalar()
        if owner is None:
            _add(connection, pack, claim, hazard, visit, facts)
        elif owner == claim.id:
            _change(connection, pack, claim, hazard, facts)
    for gone in sorted(held - {hazard.id for hazard in claim.hazards}):
        if _state(connection, gone) != "void":
            _step(connection, gone, claim, facts, "void", "void", note="withdrawn")
    for hazard_id in sorted(held | {hazard.id for hazard in claim.hazards}):
        seal_hazard(connection, hazard_id, facts.now, facts.author_id, "hazard_told")


def write_rechecks(connection: Connection, claim: VisitClaim, visit: dict, facts: Facts) -> None:
    """Re-inspection by scanning the same code: what this visit says of hazards found at its venue before."""
    for line in claim.rechecks:
        hazard = connection.execute(ask.HAZARD, {"the_id": line.hazard}).first()
        if hazard and hazard.venue_id and hazard.venue_id == visit["venue_id"]:
            _recheck(connection, claim, line, facts)
            seal_hazard(connection, line.hazard, facts.now, facts.author_id, "hazard_looked_at")


def _add(connection: Connection, pack: Pack, claim: VisitClaim, hazard: HazardLine, visit: dict, facts: Facts) -> None:
    found = facts.at(hazard.found_at)
    values = _told(hazard) | {
        "found_at": found, "visit_id": claim.id, "venue_id": visit["venue_id"], "found_by_id": facts.author_id,
        "due": _due(pack, hazard, found), "state": "open",
    } | _number(connection, visit["area_id"], found)  # fmt: skip
    connection.execute(ask.ADD_HAZARD, values)
    if hazard.fixed_on_spot:
        _step(connection, hazard.id, claim, facts, "rectified", "rectified", found, photo=_after(claim, hazard))
    elif hazard.severity == "serious":
        connection.execute(ask.ADD_ALERT, {"id": uuid7(), "hazard_id": hazard.id, "made_at": facts.now,
                                           "next_at": facts.now, "tries": 0, "sent_at": None, "said": ""})  # fmt: skip


def _change(connection: Connection, pack: Pack, claim: VisitClaim, hazard: HazardLine, facts: Facts) -> None:
    found, known = facts.at(hazard.found_at), connection.execute(ask.HAZARD, {"the_id": hazard.id}).one()
    # A due day that the desk has moved stays, unless how bad it is has changed.
    due = {} if known.severity == hazard.severity else {"due": _due(pack, hazard, found)}
    told = {
        name: value for name, value in _told(hazard).items() if value != ""
    }  # what the desk filled in meanwhile stays
    connection.execute(ask.CHANGE_HAZARD, told | due | {"found_at": found, "the_id": hazard.id})
    newest = connection.execute(ask.NEWEST_STEP, {"the_id": hazard.id}).first()
    state, last = (newest.state, newest.step) if newest else ("open", "")
    if state == "void":
        _step(connection, hazard.id, claim, facts, "reopened", "open", note="named again")
        state = "open"
    if hazard.fixed_on_spot and state in TO_DO:
        _step(connection, hazard.id, claim, facts, "rectified", "rectified", found, photo=_after(claim, hazard))
    elif not hazard.fixed_on_spot and last == "rectified" and newest and newest.by_id == facts.author_id:
        _step(connection, hazard.id, claim, facts, "reopened", "open", note="corrected")


def _recheck(connection: Connection, claim: VisitClaim, line: Recheck, facts: Facts) -> None:
    newest = connection.execute(ask.NEWEST_STEP, {"the_id": line.hazard}).first()
    step, state = _outcome(connection, line, newest, facts)
    told = {"note": line.note, "photo": line.photo, "how": "on_site"}
    before = connection.execute(ask.STEP_OF_VISIT, {"the_id": line.hazard, "visit_id": claim.id}).first()
    if before is None or (before.note, before.photo) != (line.note, line.photo) or step != LOOKED:
        _step(connection, line.hazard, claim, facts, step, state, facts.at(line.at), **told)


def _outcome(connection: Connection, line: Recheck, newest: Row | None, facts: Facts) -> tuple[str, str]:
    """What this look makes of the hazard; nothing, where something later is known already."""
    state = newest.state if newest else "open"
    if (newest and facts.at(line.at) < newest.at) or state == "void":
        return LOOKED, state
    if line.result == "rectified":
        if state in (*TO_DO, "handed_over"):
            return "rectified", "rectified"
        reported = connection.execute(ask.REPORTED_BY, {"the_id": line.hazard}).scalar()
        return ("verified", "verified") if state == "rectified" and reported != facts.author_id else (LOOKED, state)
    return ("reopened", "notified") if state in ("rectified", "verified") else (LOOKED, state)


def _step(
    connection: Connection, hazard_id: str, claim: VisitClaim, facts: Facts, step: str, state: str,
    at: datetime | None = None, **more: object,
) -> None:  # fmt: skip
    row = {"id": uuid7(), "hazard_id": hazard_id, "step": step, "state": state, "at": at or facts.now,
           "recorded_at": facts.now, "by_id": facts.author_id, "visit_id": claim.id,
           "note": "", "how": "", "party": "", "reference": "", "photo": None}  # fmt: skip
    connection.execute(ask.ADD_STEP, row | more)
    connection.execute(ask.SET_STATE, {"the_id": hazard_id, "state": state})


def _state(connection: Connection, hazard_id: str) -> str:
    newest = connection.execute(ask.NEWEST_STEP, {"the_id": hazard_id}).first()
    return newest.state if newest else "open"


def _told(hazard: HazardLine) -> dict:
    return msgspec.structs.asdict(hazard)


def _after(claim: VisitClaim, hazard: HazardLine) -> str | None:
    """The picture of the same item once it was put right."""
    after = (photo.sha256 for photo in claim.photos if photo.role == "after" and photo.item == hazard.item)
    return next(after, None)


def _due(pack: Pack, hazard: HazardLine, found: datetime):  # type: ignore[no-untyped-def]
    days = next(row["days"] for row in pack.files["quotas"]["hazard_due"] if row["severity"] == hazard.severity)
    return local_day(found) + timedelta(days=days)


def _number(connection: Connection, area_id: str, found: datetime) -> dict:
    """The next of its station and year; none where no station answers for the area."""
    path = connection.execute(ask.PATH_OF_AREA, {"area_id": area_id}).scalar()
    station, year = connection.execute(ask.STATION_ABOVE, {"path": path}).scalar(), found.astimezone(STATION_ZONE).year
    if station is None:
        return {"station_id": None, "year": year, "number": None}
    newest = connection.execute(ask.NEWEST_NUMBER, {"station_id": station, "year": year}).scalar()
    return {"station_id": station, "year": year, "number": (newest or 0) + 1}
