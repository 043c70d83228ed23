"""When was it? The phone's clock, the photos' moments and the server's two times around them."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import select

from ..canonical import canonical
from ..config import STATION_ZONE
from ..db import from_ms, local_day
from ..models import Claim, Visit
from ..sync.receipt import from_base64url, verifies
from .case import Case, Flag, minutes, read_visit


def check(case: Case) -> Iterator[Flag]:
    """time_outside_visit, clock_moved, clock_wrong, late_sync, night."""
    yield from _outside(case)
    yield from _moved(case)
    yield from _offset(case)
    yield from _late(case)
    yield from _night(case)


def _outside(case: Case) -> Iterator[Flag]:
    visit, rule = case.visit, case.rule("time_outside_visit")
    slack = timedelta(minutes=rule["minutes_over"])
    out = [photo for photo in visit.photos if not visit.started_at - slack <= photo.taken_at <= visit.ended_at + slack]
    if not out:
        return
    photo = max(out, key=lambda line: max(visit.started_at - line.taken_at, line.taken_at - visit.ended_at))
    away = max(visit.started_at - photo.taken_at, photo.taken_at - visit.ended_at)
    days = {local_day(visit.started_at), local_day(visit.ended_at)}
    other_day = rule["strong_if_other_day"] and local_day(photo.taken_at) not in days
    yield case.flag("time_outside_visit", "strong" if other_day else None, photo=photo.sha256, minutes=minutes(away))


def _moved(case: Case) -> Iterator[Flag]:
    """The clock was set between two things whose order we know: the station's signed beacon, this claim, its receipt."""
    frozen = case.frozen_at()
    if frozen is None or case.claim is None:
        return
    slack = timedelta(seconds=case.rule("clock_moved")["seconds_over"])
    beacon, before = beacon_at(case.claim.beacon, case.station_key), _frozen_before(case)
    if beacon and frozen + slack < beacon:
        yield case.flag("clock_moved", than="beacon", minutes=minutes(beacon - frozen))
    elif before and frozen + slack < before:
        yield case.flag("clock_moved", than="claim", minutes=minutes(before - frozen))
    elif case.visit.ended_at > case.visit.received_at + slack:
        yield case.flag("clock_moved", than="receipt", minutes=minutes(case.visit.ended_at - case.visit.received_at))


def beacon_at(beacon: dict, station_key: bytes) -> datetime | None:
    """The server's time that the phone had heard when it froze its claim: proof that it was not frozen earlier."""
    said = {name: value for name, value in beacon.items() if name != "sig"}
    try:
        good = verifies(station_key, from_base64url(beacon["sig"]), canonical(said))
        return from_ms(int(beacon["at"])) if good and beacon["kind"] == "beacon" else None
    except (KeyError, TypeError, ValueError):
        return None


def _frozen_before(case: Case) -> datetime | None:
    """When this phone froze the visit before this one, by the corrected clock."""
    row = case.claim_row
    if row is None:
        return None
    rows = select(Claim.body, Visit.clock_offset_ms).join(Visit, Visit.id == Claim.subject_id)
    mine = Claim.device_id == row.device_id, Claim.kind == "visit", Claim.seq < row.seq
    earlier = case.session.execute(rows.where(*mine).order_by(Claim.seq.desc()).limit(1)).first()
    claim = read_visit(earlier.body) if earlier else None
    return from_ms(claim.sent_clock + earlier.clock_offset_ms) if claim and earlier else None


def _offset(case: Case) -> Iterator[Flag]:
    """Corrected, noted, nobody's fault."""
    wrong_ms = abs(case.visit.clock_offset_ms)
    if wrong_ms > case.rule("clock_wrong")["flag_when_over_s"] * 1000:
        yield case.flag("clock_wrong", hours=round(wrong_ms / 3_600_000))


def _late(case: Case) -> Iterator[Flag]:
    late = case.visit.received_at - case.visit.ended_at
    if late > timedelta(hours=case.rule("late_sync")["hours_over"]):
        yield case.flag("late_sync", days=late.days)


def _night(case: Case) -> Iterator[Flag]:
    rule, visit = case.rule("night"), case.visit
    first, last = rule["hours"]
    hour = visit.started_at.astimezone(STATION_ZONE).hour
    drill = case.activity is not None and case.activity.activity_kind in rule["except_activity"]
    if (hour >= first or hour < last) and not drill and visit.template not in rule["except_template"]:
        yield case.flag("night", hour=hour)
