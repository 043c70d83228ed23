"""Was there time to do it? One visit's length, an hour's visits, three codes in two minutes, a month typed in an evening."""

from collections.abc import Iterator
from datetime import timedelta
from statistics import median

from sqlalchemy import Row, select

from ..config import STATION_ZONE
from ..db import local_day
from ..models import Visit
from .case import Case, Flag, minutes

RECENT = 100  # visits of the same checklist that say how long one takes


def check(case: Case) -> Iterator[Flag]:
    """too_short, burst, qr_away_from_venue, month_end_batch."""
    yield from _short(case)
    yield from _burst(case)
    yield from _codes(case)
    yield from _typed_later(case)


def _short(case: Case) -> Iterator[Flag]:
    rule, visit = case.rule("too_short"), case.visit
    answered = sum(answer["value"] in ("ok", "fail") for answer in visit.answers.values())
    if answered < rule["only_if_items_answered_min"]:
        return
    stayed = (visit.ended_at - visit.started_at).total_seconds()
    least = case.pack["place_type"][visit.place_type].get("min_dwell_s", 0) if rule["use_place_type_min_dwell"] else 0
    if stayed < least or stayed < rule["also_under_ratio_of_template_median"] * _usual(case):
        yield case.flag("too_short", minutes=minutes(visit.ended_at - visit.started_at), items=answered)


def _usual(case: Case) -> float:
    """Seconds: the middle of what others needed for this checklist; 0 while there are few."""
    rows = select(Visit.started_at, Visit.ended_at).where(
        Visit.template == case.visit.template, Visit.id != case.visit.id
    )
    rows = rows.where(Visit.received_at <= case.visit.received_at).order_by(Visit.received_at.desc()).limit(RECENT)
    took = [(row.ended_at - row.started_at).total_seconds() for row in case.session.execute(rows)]
    return median(took) if len(took) >= 10 else 0


def _burst(case: Case) -> Iterator[Flag]:
    visit, limits = case.visit, case.rule("burst")["per_hour_over"]
    hour = [stop for stop in case.stops if timedelta() <= visit.started_at - stop.started_at < timedelta(hours=1)]
    kind = "household" if visit.place_type == "household" else visit.venue_kind
    if len(hour) + 1 > limits.get(kind, limits["other"]):
        yield case.flag("burst", visits=len(hour) + 1)


def _codes(case: Case) -> Iterator[Flag]:
    """Codes copied to a desk: several doors scanned within the minutes that one needs."""
    rule = case.rule("qr_away_from_venue")["strong_if_codes_in_minutes"]
    near = timedelta(minutes=rule["minutes"])
    around = [stop for stop in case.stops if abs(stop.started_at - case.visit.started_at) <= near and stop.scanned_code]
    codes = {stop.scanned_code for stop in around} | {case.visit.scanned_code}
    if case.visit.scanned_code and len(codes) >= rule["codes"] and _together(around, case.visit, near):
        yield case.flag("qr_away_from_venue", "strong", codes=len(codes), minutes=rule["minutes"])


def _together(around: list[Row], visit: Visit, near: timedelta) -> bool:
    starts = [visit.started_at, *(stop.started_at for stop in around)]
    return max(starts) - min(starts) <= 2 * near


def _typed_later(case: Case) -> Iterator[Flag]:
    """Half the month entered on one evening before the paper is due: frozen long after it ended."""
    rule, frozen = case.rule("month_end_batch"), case.frozen_at()
    later = timedelta(hours=rule["typed_later_hours"])
    if frozen is None or frozen - case.visit.ended_at < later or local_day(frozen).day not in rule["days_of_month"]:
        return
    month = frozen.astimezone(STATION_ZONE).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    mine = [stop for stop in case.stops if stop.started_at >= month]
    same_evening = [stop for stop in mine if abs(stop.received_at - case.visit.received_at) < timedelta(hours=12)
                    and stop.received_at - stop.ended_at >= later]  # fmt: skip
    if len(mine) + 1 >= rule["visits_min"] and (len(same_evening) + 1) / (len(mine) + 1) > rule["share_of_month_over"]:
        yield case.flag("month_end_batch", visits=len(same_evening) + 1, of=len(mine) + 1)
