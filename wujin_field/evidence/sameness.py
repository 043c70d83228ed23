"""Was this picture, or this stop, handed in before? The later one is asked, never the one that came first."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from sqlalchemy import Row, or_, select

from ..models import LearntPicture, Photo, Visit, VisitPhoto
from .case import Case, Flag, minutes
from .likeness import tells_nothing

LEARNT_BITS = 5  # as near as same_photo_near calls strong


def check(case: Case) -> Iterator[Flag]:
    """same_photo_exact, same_photo_near, self_certified_fix, twice_recorded."""
    hashes = _hashes(case)
    learnt = [int(dhash, 16) for dhash in case.session.scalars(select(LearntPicture.dhash))]
    for photo in case.visit.photos:
        row = hashes.get(photo.sha256)
        if photo.role == "material" and case.rule("same_photo_exact")["ignore"]:
            continue
        if row and _is_learnt(row, learnt):
            row = None
        yield from _exact(case, photo, row) or _near(case, photo, row)
    yield from _fixed(case, hashes)
    yield from _twice(case)


def _hashes(case: Case) -> dict[str, Row]:
    listed = [photo.sha256 for photo in case.visit.photos]
    rows = select(Photo.sha256, Photo.dhash, Photo.pixels).where(Photo.sha256.in_(listed))
    return {row.sha256: row for row in case.session.execute(rows)}


def _exact(case: Case, photo: VisitPhoto, row: Row | None) -> list[Flag]:
    """The same file, or other bytes around the very same pixels; over all photos ever."""
    same = VisitPhoto.sha256 == photo.sha256
    if row and row.pixels:
        twins = select(Photo.sha256).where(Photo.pixels == row.pixels)
        same = or_(same, VisitPhoto.sha256.in_(twins))
    other = next(iter(_earlier(case, same)), None)
    if other is None:
        return []
    said = {"photo": photo.sha256, "other": other.visit_id, "other_photo": other.sha256}
    return [case.flag("same_photo_exact", **said, same="bytes" if other.sha256 == photo.sha256 else "pixels")]


def _near(case: Case, photo: VisitPhoto, row: Row | None) -> list[Flag]:
    rule = case.rule("same_photo_near")
    dhash = int(row.dhash, 16) if row and row.dhash else 0
    if tells_nothing(dhash):
        return []
    apart = {
        sha256: bits for sha256, bits in case.likeness.near(dhash, rule["look_distance_max"]) if sha256 != photo.sha256
    }
    since = case.visit.received_at - timedelta(days=rule["window_days"])
    others = _earlier(case, VisitPhoto.sha256.in_(apart), Visit.received_at >= since) if apart else []
    if not others:
        return []
    other = min(others, key=lambda line: (line.venue_id == case.visit.venue_id, apart[line.sha256]))
    said = {"photo": photo.sha256, "other": other.visit_id, "other_photo": other.sha256, "bits": apart[other.sha256]}
    return [case.flag("same_photo_near", _near_level(case, rule, other, apart[other.sha256]), **said)]


def _near_level(case: Case, rule: dict, other: Row, bits: int) -> str:
    """The same door looks alike every month: at its own venue a likeness is a weak reason."""
    if other.venue_id is not None and other.venue_id == case.visit.venue_id:
        return rule["same_venue_weight"]
    return "strong" if bits <= rule["strong_distance_max"] else rule["weight"]


def _earlier(case: Case, *which: object) -> Sequence[Row]:
    """Photos of visits that had come before this one."""
    rows = select(VisitPhoto.visit_id, VisitPhoto.sha256, Visit.venue_id, Visit.received_at)
    rows = rows.join(Visit, Visit.id == VisitPhoto.visit_id).where(*which)  # type: ignore[arg-type]
    before = or_(Visit.received_at < case.visit.received_at,
                 (Visit.received_at == case.visit.received_at) & (Visit.id < case.visit.id))  # fmt: skip
    apart = Visit.id != case.visit.id, VisitPhoto.role != "material"
    return case.session.execute(rows.where(before, *apart).order_by(Visit.received_at).limit(50)).all()


def _is_learnt(row: Row, learnt: list[int]) -> bool:
    """Our poster: only the very same file is still asked about."""
    return bool(row.dhash) and any((int(row.dhash, 16) ^ known).bit_count() <= LEARNT_BITS for known in learnt)


def _fixed(case: Case, hashes: dict[str, Row]) -> Iterator[Flag]:
    """Before and after of one item that are one picture: nothing was put right."""
    most = case.rule("self_certified_fix")["distance_max"]
    for before in (photo for photo in case.visit.photos if photo.role == "before"):
        for after in (photo for photo in case.visit.photos if photo.role == "after" and photo.item == before.item):
            first, second = hashes.get(before.sha256), hashes.get(after.sha256)
            if first and second and first.dhash and second.dhash:
                bits = (int(first.dhash, 16) ^ int(second.dhash, 16)).bit_count()
                if bits <= most:
                    yield case.flag("self_certified_fix", photo=after.sha256, other_photo=before.sha256, bits=bits)


def _twice(case: Case) -> Iterator[Flag]:
    """Two people, one stop: it counts once, both names stay (invariant C4.15). A person merges them."""
    visit, near = case.visit, timedelta(minutes=case.rule("twice_recorded")["minutes_apart"])
    if visit.venue_id is None:
        return
    rows = select(Visit.id, Visit.author_id, Visit.started_at).where(
        Visit.venue_id == visit.venue_id, Visit.id != visit.id, Visit.author_id != visit.author_id,
        Visit.started_at.between(visit.started_at - near, visit.started_at + near), Visit.received_at <= visit.received_at,
    )  # fmt: skip
    other = case.session.execute(rows.limit(1)).first()
    if other:
        yield case.flag("twice_recorded", other=other.id, minutes=minutes(abs(other.started_at - visit.started_at)))
