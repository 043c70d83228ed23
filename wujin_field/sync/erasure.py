"""A person's data gone, or a record's words and pictures, with the chain still verifying.

The audit holds ids, digests and salted commitments only. A claim is emptied and its digest stays; what was erased is
named by an audit row, so that `wujin verify` can tell an erasure from a theft.
"""

from datetime import datetime

from sqlalchemy import exists, or_, select, update
from sqlalchemy.orm import Session

from ..models import Claim, Hazard, HazardStep, Person, Photo, Visit, VisitPhoto
from ..models.hazards import seal_hazard
from ..models.journal import append_audit
from ..models.privacy import erase_person as forget_person
from .vault import Vault

ERASED = "erased"  # photo.fault of a picture that is gone on purpose


def erase_person(session: Session, person_id: str, by: str | None, at: datetime) -> None:
    """As models/privacy.py does it. The caller commits. Raises NoResultFound for somebody who never was."""
    forget_person(session, session.get_one(Person, person_id), by, at)


def erase_visit(session: Session, vault: Vault, pictures, visit_id: str, by: str | None, at: datetime) -> None:  # type: ignore[no-untyped-def]
    """The words and pictures of one visit, as somebody who stood in it may ask; that it took place stays counted.

    pictures: where the copies lie. A picture that another visit lists too is kept. The caller commits.
    """
    visit = session.get_one(Visit, visit_id)
    visit.note, visit.place_text = "", ""
    visit.answers = {code: {"value": answer["value"]} for code, answer in visit.answers.items()}
    _erase_hazards(session, visit_id, by, at)
    erase_claims(session, visit_id, by, at)
    for photo in visit.photos:
        _erase_photo(session, vault, pictures, photo, by, at)


def _erase_hazards(session: Session, visit_id: str, by: str | None, at: datetime) -> None:
    """What this visit wrote of hazards, and of those that it looked at again."""
    session.execute(update(Hazard).where(Hazard.visit_id == visit_id).values(text="", photo=None))
    session.execute(update(HazardStep).where(HazardStep.visit_id == visit_id).values(note="", photo=None))
    steps = select(HazardStep.hazard_id).where(HazardStep.visit_id == visit_id)
    touched = session.scalars(select(Hazard.id).where(or_(Hazard.visit_id == visit_id, Hazard.id.in_(steps))))
    for hazard_id in sorted(touched):
        seal_hazard(session, hazard_id, at, by, "erased")


def erase_claims(session: Session, visit_id: str, by: str | None, at: datetime) -> None:
    """What the phone sent of this visit, byte for byte: its digest stays. The caller commits."""
    mine = Claim.kind == "visit", Claim.subject_id == visit_id, Claim.body != b""
    for claim in session.scalars(select(Claim).where(*mine)):
        claim.body, claim.signature = b"", None
        append_audit(session, at, by, "erased", "claim", claim.digest)


def _erase_photo(session: Session, vault: Vault, pictures, photo: VisitPhoto, by: str | None, at: datetime) -> None:  # type: ignore[no-untyped-def]
    photo.lat_e7 = photo.lon_e7 = photo.accuracy_m = photo.age_ms = None
    photo.caption = ""
    shared = exists().where(VisitPhoto.sha256 == photo.sha256, VisitPhoto.visit_id != photo.visit_id)
    row = session.get(Photo, photo.sha256)
    if row is None or session.scalar(select(shared)):
        return
    row.fault, row.dhash, row.pixels = ERASED, None, None
    append_audit(session, at, by, "erased", "photo", photo.sha256)
    vault.remove(photo.sha256)
    pictures.forget(photo.sha256)
