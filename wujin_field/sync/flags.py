"""What a visitor is told of the flags on their own visits, and what they say to one. A flag is answerable and accuses nobody."""

from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from ..db import to_ms
from ..domain import Pack
from ..models import Finding, Ruling, Visit, VisitorAnswer
from ..models.journal import seal
from ..models.rulings import latest_result
from .envelope import Refused, is_id

TOLD_DAYS = 60
A_DAY = 100  # answers of one person: a phone tells of fifty flags at most
TOLD_MOST = 50
TEXT_MOST = 500
TOLD = ("strong", "medium", "weak")  # notes that accuse nobody are not brought up


class NotYours(Exception):
    """No visit, finding or ruling of this person has these ids; nobody learns of other people's."""


def flags(session: Session, pack: Pack, person_id: str, today: date) -> list[dict]:
    """Standing flags of my visits of the last 60 days, newest first: in plain words, with what I answered."""
    rows = select(Finding, Visit).join(Visit, Visit.id == Finding.visit_id)
    rows = rows.options(selectinload(Finding.answers), joinedload(Visit.venue))
    mine = (
        Visit.author_id == person_id,
        Visit.day >= today - timedelta(days=TOLD_DAYS),
        Finding.revision == Visit.revision,
    )
    standing = Finding.withdrawn_at.is_(None), Finding.level.in_(TOLD)
    newest = rows.where(*mine, *standing).order_by(Finding.made_at.desc(), Finding.id).limit(TOLD_MOST)
    return [_flag(pack, row) | _where(visit) for row, visit in session.execute(newest)]


def disputes(session: Session, person_id: str) -> list[dict]:
    """My visits that somebody found to be not as recorded, and that wait for my answer or a second person."""
    rows = select(Ruling).join(Visit, (Visit.id == Ruling.visit_id) & (Visit.revision == Ruling.revision))
    mine = Visit.author_id == person_id, Ruling.result == "not_as_recorded", Ruling.kind == "first"
    rows = rows.where(*mine, latest_result().scalar_subquery() == "not_as_recorded")
    return [_dispute(session, row) for row in session.scalars(rows.order_by(Ruling.decided_at))]


def take_answer(session: Session, person_id: str, answer_id: str, said: object, now: datetime) -> bool:
    """Keep one answer; False when it was kept before. Raises NotYours, Refused, ValueError for what is no answer."""
    if (
        not isinstance(said, dict)
        or not isinstance(said.get("text"), str)
        or not 0 < len(said["text"].strip()) <= TEXT_MOST
        or "\0" in said["text"]
    ):
        raise ValueError("text")
    known = session.get(VisitorAnswer, answer_id)
    if known:
        if known.person_id != person_id:
            raise NotYours
        return False
    about = _about(session, person_id, said)
    today = VisitorAnswer.person_id == person_id, VisitorAnswer.made_at > now - timedelta(days=1)
    if (session.scalar(select(func.count()).where(*today)) or 0) >= A_DAY:
        raise Refused(429, "too_many_today")
    answer = VisitorAnswer(id=answer_id, person_id=person_id, text=said["text"].strip(), made_at=now, **about)
    session.add(answer)
    seal(session, answer, now, person_id, "answered", visit=answer.visit_id)
    return True


def _about(session: Session, person_id: str, said: dict) -> dict:
    named = {name: said.get(name) for name in ("visit", "finding", "ruling")}
    if not all(value is None or (isinstance(value, str) and is_id(value)) for value in named.values()):
        raise NotYours
    visit = session.get(Visit, named["visit"]) if named["visit"] else None
    finding = session.get(Finding, named["finding"]) if named["finding"] else None
    ruling = session.get(Ruling, named["ruling"]) if named["ruling"] else None
    subjects = [row for row in (finding, ruling) if row is not None]
    if visit is None or visit.author_id != person_id or len(subjects) != 1 or subjects[0].visit_id != visit.id:
        raise NotYours
    return {"visit_id": visit.id, "finding_id": named["finding"], "ruling_id": named["ruling"]}


def _flag(pack: Pack, row: Finding) -> dict:
    rule = pack["flag"].get(row.code, {})
    told = {"id": row.id, "visit": row.visit_id, "revision": row.revision, "code": row.code, "level": row.level,
            "zh": rule.get("zh", row.code), "en": rule.get("en", row.code), "at": to_ms(row.made_at)}  # fmt: skip
    says = {name: _said(rule.get(f"says_{name}", ""), row.detail) for name in ("zh", "en")}
    answer = row.answers[-1].text if row.answers else None
    return told | {"text": says["zh"], "text_en": says["en"], "answer": answer}


def _where(visit: Visit) -> dict:
    """Which visit it is about, as its visitor knows it."""
    return {"place": visit.venue.zh if visit.venue else visit.place_text, "day": visit.day.isoformat()}


def _said(words: str, detail: dict) -> str:
    try:
        return words.format(**detail)
    except (KeyError, IndexError, ValueError):
        return ""


def _dispute(session: Session, row: Ruling) -> dict:
    answer = select(VisitorAnswer.text).where(VisitorAnswer.ruling_id == row.id).order_by(VisitorAnswer.made_at.desc())
    return {"ruling": row.id, "visit": row.visit_id, "revision": row.revision, "reason": row.reason,
            "suggestion": row.suggestion, "at": to_ms(row.decided_at), "answer": session.scalar(answer.limit(1))}  # fmt: skip
