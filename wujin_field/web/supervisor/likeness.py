"""The picture that looks like one of this visit's, side by side: only where the reader may see that other visit too."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from ...db import db
from ...models import Area, Finding, Visit
from .. import guard


@dataclass(frozen=True)
class Alike:
    """photo: of this visit; other_photo: of `other`; bits: how far their hashes lie apart, None for the very same picture."""

    photo: str
    other: Visit
    other_photo: str
    bits: int | None


def alike(subject: Visit, findings: list[Finding]) -> Alike | None:
    """The nearest one that a finding names."""
    named = [row.detail for row in findings if row.detail.get("photo") and row.detail.get("other_photo")]
    for detail in sorted(named, key=lambda detail: detail.get("bits", 0)):
        other = _in_scope(detail.get("other", subject.id))
        if other:
            return Alike(detail["photo"], other, detail["other_photo"], detail.get("bits"))
    return None


def _in_scope(visit_id: str) -> Visit | None:
    rows = select(Visit).join(Area, Visit.area_id == Area.id).where(Visit.id == visit_id)
    whole = joinedload(Visit.venue), joinedload(Visit.author)
    return db.session.scalar(rows.where(guard.within_scope(guard.person())).options(*whole))
