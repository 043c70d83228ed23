"""Is everything there that this kind of visit must have? All weak: an unfinished record is not a false one."""

from collections.abc import Iterator

from sqlalchemy import select

from ..models import Checklist, VenueCode
from .case import Case, Flag


def check(case: Case) -> Iterator[Flag]:
    """incomplete, picked_from_gallery, qr_retired."""
    if case.visit.refused == "none":
        lacking = [*_unanswered(case), *_without_picture(case), *_enforcement(case)]
        if lacking:
            yield case.flag("incomplete", lacking=lacking[:10], items=len(lacking))
    yield from _gallery(case)
    yield from _retired(case)


def _unanswered(case: Case) -> Iterator[str]:
    """Core items nobody looked at; what is out of season or needs a professional is not asked for."""
    for item in _items(case):
        optional = (
            item.get("season")
            or item.get("needs_professional")
            or item.get("only_context")
            or item.get("only_venue_kind")
        )
        if item.get("core") and not optional and item["code"] not in case.visit.answers:
            yield item["code"]


def _items(case: Case) -> list[dict]:
    if not case.visit.template:
        return []
    row = case.session.get(Checklist, (case.visit.template, case.visit.template_version))
    return row.body.get("item", []) if row else []


def _without_picture(case: Case) -> Iterator[str]:
    wanted = {item["code"] for item in _items(case) if item.get("photo_required_on_fail")}
    for code, answer in case.visit.answers.items():
        if answer["value"] == "fail" and code in wanted and not answer.get("photos"):
            yield code


def _enforcement(case: Case) -> Iterator[str]:
    """纠正一起、普及一次、宣传一次: one missing, and it does not count as enforcement (invariant C4.16)."""
    done = case.visit.enforcement
    return (name for name in done if not all(done.values()) and not done[name])


def _gallery(case: Case) -> Iterator[Flag]:
    picked, photos = [photo for photo in case.visit.photos if photo.capture != "camera"], case.visit.photos
    if photos and len(picked) / len(photos) > case.rule("picked_from_gallery")["share_over"]:
        yield case.flag("picked_from_gallery", photo=picked[0].sha256, photos=len(picked), of=len(photos))


def _retired(case: Case) -> Iterator[Flag]:
    code = case.visit.scanned_code
    state = case.session.scalar(select(VenueCode.state).where(VenueCode.code == code)) if code else None
    if state in ("lost", "retired"):
        yield case.flag("qr_retired", state=state)
