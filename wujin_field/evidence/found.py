"""What stands on a visit, and how it is said to a person."""

import hashlib

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from ..canonical import plain
from ..domain import Pack
from ..models import Finding, Visit
from ..models.journal import row_digest

RANK = {level: place for place, level in enumerate(("strong", "medium", "weak", "none"))}


def current(session: Session, visit: Visit) -> list[Finding]:
    """The findings that stand on the visit's newest revision, with their answers; the strongest first."""
    rows = select(Finding).where(Finding.visit_id == visit.id, Finding.revision == visit.revision)
    rows = rows.where(Finding.withdrawn_at.is_(None)).order_by(Finding.made_at, Finding.id)
    return sorted(session.scalars(rows.options(selectinload(Finding.answers))).all(), key=lambda row: RANK[row.level])


def sentence(pack: Pack, code: str, detail: dict, lang: str = "zh_Hans_CN") -> str:
    """The flag in plain words with its numbers; its bare name when the pack knows no sentence, or a number is missing."""
    words = pack["flag"].get(code, {}).get("says_en" if lang == "en" else "says_zh", "")
    try:
        return words.format(**detail, time=spelled(detail.get("minutes", 0), lang)) or pack.name("flag", code, lang)
    except (KeyError, IndexError, ValueError):
        return pack.name("flag", code, lang)


def spelled(minutes: int, lang: str) -> str:
    """As people say it: minutes up to two hours, hours up to two days, then days."""
    number, zh, en = next(
        (minutes // unit, zh, en)
        for unit, zh, en in ((1440, "天", "days"), (60, "小时", "hours"), (1, "分钟", "minutes"))
        if minutes >= 2 * unit or unit == 1
    )
    return f"{number} {en if lang == 'en' else zh}"


def findings_digest(session: Session, visit_id: str) -> str:
    """Over every finding ever made on this visit, withdrawn ones too."""
    rows = session.scalars(select(Finding).where(Finding.visit_id == visit_id).order_by(Finding.id))
    return hashlib.sha256(plain([row_digest(row) for row in rows])).hexdigest()
