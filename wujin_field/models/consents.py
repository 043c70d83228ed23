"""Which words about their data a person was shown, in which version, and when (pack/privacy.toml)."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from ..db import Base, utc_now


class ConsentSeen(Base):
    """One row for each version of each text; `consent` is a code of the pack."""

    __tablename__ = "consent_seen"
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)
    consent: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    seen_at: Mapped[datetime] = mapped_column(default=utc_now)


def note_seen(session: Session, person_id: str, consents: Mapping[str, dict]) -> None:
    """The texts as they stand now were before this person's eyes. The caller commits."""
    for code, consent in consents.items():
        key = {"person_id": person_id, "consent": code, "version": consent["version"]}
        if session.get(ConsentSeen, key) is None:
            session.add(ConsentSeen(**key))


def seen_by(session: Session, person_id: str) -> dict[str, ConsentSeen]:
    """consent → the newest version they have seen."""
    rows = select(ConsentSeen).where(ConsentSeen.person_id == person_id).order_by(ConsentSeen.version)
    return {row.consent: row for row in session.scalars(rows)}


def unseen(session: Session, person_id: str, consents: Mapping[str, dict]) -> list[dict]:
    """Texts that were changed since, or never shown."""
    seen = seen_by(session, person_id)
    return [one for code, one in consents.items() if code not in seen or seen[code].version < one["version"]]
