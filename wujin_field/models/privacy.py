"""A person's data out, or gone; and what is kept no longer than it is needed (pack/privacy.toml). The chain stays whole."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, delete, func, or_, select, update
from sqlalchemy.orm import Session

from ..db import to_ms
from .changes import RecordChange
from .consents import ConsentSeen
from .credentials import Attempt, Credential
from .fieldwork import Activity, Visit
from .findings import VisitorAnswer
from .journal import AuditRow, SealedValue, append_audit, seal
from .people import Device, Invite, Person, PersonArea
from .registrations import Registration
from .rulings import Ruling
from .teams import PersonMark, Team, TeamMember
from .venues import Venue

HOME, NOBODY = "住户", "已注销"


def masked_name(venue: Venue | None, otherwise: str = "") -> str:
    """A place as it may leave the station: a home is a home, without group and number."""
    if venue is None:
        return otherwise
    return HOME if venue.privacy == "strict" else venue.zh


def person_data(session: Session, person: Person) -> dict[str, Any]:
    """Everything that is about them, as plain data for JSON; homes masked. Times: ms since 1970 UTC."""
    mine = Visit.author_id == person.id
    visits = session.scalars(select(Visit).where(mine).order_by(Visit.started_at)).all()
    activities = session.scalars(
        select(Activity).where(Activity.author_id == person.id).order_by(Activity.started_at)
    ).all()
    devices = session.scalars(select(Device).where(Device.person_id == person.id).order_by(Device.enrolled_at)).all()
    rulings = session.execute(
        select(Ruling.visit_id, Ruling.result, Ruling.reason, Ruling.decided_at).join(Visit).where(mine)
    )
    trail = select(AuditRow.at, AuditRow.what, AuditRow.kind, AuditRow.subject_id).where(AuditRow.who == person.id)
    return {
        "id": person.id, "name": person.name, "role": person.field_role, "access": person.access, "unit": person.unit.zh,
        "since": to_ms(person.created_at), "active": person.active,
        "marks": list(session.scalars(select(PersonMark.mark).where(PersonMark.person_id == person.id))),
        "teams": list(session.scalars(select(Team.zh).join(TeamMember).where(TeamMember.person_id == person.id))),
        "told": [{"text": row.consent, "version": row.version, "at": to_ms(row.seen_at)}
                 for row in session.scalars(select(ConsentSeen).where(ConsentSeen.person_id == person.id))],
        "browsers": [{"label": device.label, "enrolled_at": to_ms(device.enrolled_at), "last_seen_at": to_ms(device.last_seen_at)}
                     for device in devices],
        "visits": [{"id": visit.id, "place": masked_name(visit.venue, visit.place_text), "started_at": to_ms(visit.started_at),
                    "note": visit.note, "photos": [photo.sha256 for photo in visit.photos]} for visit in visits],
        "activities": [{"id": row.id, "started_at": to_ms(row.started_at), "text": row.entry_text}
                       for row in activities],
        "rulings": [{"visit": row.visit_id, "result": row.result, "reason": row.reason, "at": to_ms(row.decided_at)}
                    for row in rulings],
        "trail": [{"at": to_ms(row.at), "what": row.what, "kind": row.kind, "id": row.subject_id}
                  for row in session.execute(trail)],
    }  # fmt: skip


def erase_person(session: Session, person: Person, by: str | None, at: datetime) -> None:
    """Name, browsers' labels, password, marks, sealed values, answers; what they did stays counted under an id that says
    nothing, and the audit held no more than that id. There is no way back. The caller commits.
    """
    person.name, person.active = NOBODY, False
    _forget(session, person.id)
    session.execute(delete(SealedValue).where(SealedValue.subject_id == person.id))
    session.execute(update(Device).where(Device.person_id == person.id).values(label=""))
    session.execute(
        update(Device).where(Device.person_id == person.id, Device.revoked_at.is_(None)).values(revoked_at=at)
    )
    for answer in session.scalars(select(VisitorAnswer).where(VisitorAnswer.person_id == person.id)):
        answer.text = ""
        seal(session, answer, at, by, "erased")
    append_audit(session, at, by, "erased", "person", person.id)


def _forget(session: Session, person_id: str) -> None:
    """What only served to know and admit them."""
    for table in (Credential, PersonMark, PersonArea, TeamMember, Invite, ConsentSeen):
        session.execute(delete(table).where(table.person_id == person_id))
    session.execute(delete(RecordChange).where(RecordChange.kind == "person", RecordChange.subject_id == person_id))
    session.execute(update(Registration).where(Registration.person_id == person_id).values(name=""))


# what is kept no longer


def due(session: Session, code: str, before: datetime) -> int:
    """How many rows of this kind are past their time: the dry run."""
    table, past = PAST[code](before)
    return session.scalar(select(func.count()).select_from(table).where(past)) or 0


def purge(session: Session, code: str, before: datetime, by: str | None, at: datetime) -> int:
    """What is past its time goes, or is emptied; returns how many rows. The caller commits, and audits it."""
    table, past = PAST[code](before)
    if code == "people_who_left":
        gone = session.scalars(select(Person).where(past)).all()
        for person in gone:
            erase_person(session, person, by, at)
        return len(gone)
    change = update(table).where(past).values(label="") if code == "device_labels" else delete(table).where(past)
    return session.execute(change).rowcount  # type: ignore[attr-defined]


def cutoff(entry: dict, now: datetime) -> datetime:
    return now - timedelta(days=entry["days"])


def _invites(before: datetime) -> tuple[type, ColumnElement[bool]]:
    return Invite, and_(Invite.reusable.is_(False), or_(Invite.used_at < before, Invite.expires_at < before))


def _registrations(before: datetime) -> tuple[type, ColumnElement[bool]]:
    return Registration, Registration.at < before


def _attempts(before: datetime) -> tuple[type, ColumnElement[bool]]:
    return Attempt, Attempt.at < before


def _labels(before: datetime) -> tuple[type, ColumnElement[bool]]:
    return Device, and_(Device.revoked_at < before, Device.label != "")


def _left(before: datetime) -> tuple[type, ColumnElement[bool]]:
    """Inactive, here since before, and no browser of theirs heard of later."""
    heard: Select = select(Device.person_id).where(Device.last_seen_at >= before)
    return Person, and_(
        Person.active.is_(False), Person.created_at < before, Person.name != NOBODY, Person.id.not_in(heard)
    )


PAST: dict[str, Callable[[datetime], tuple[Any, ColumnElement[bool]]]] = {
    "invites": _invites, "attempts": _attempts, "registrations": _registrations, "device_labels": _labels,
    "people_who_left": _left,
}  # fmt: skip
