"""From a draft to a paper that was handed in: freeze it, return it, receive it, and say what a new version changed.

Every function takes a session that the caller commits; the writer's lock makes two clerks come one after the other.
"""

import json
from dataclasses import replace
from datetime import date, datetime

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from ..config import STATION_ZONE, Settings
from ..db import local_day, utc_now
from ..domain import Pack
from ..models import Checkpoint, Person, Report, ReportStep, Submission
from ..models.codes import new_code
from ..models.journal import append_audit
from ..models.reports import first_sent, newest_report
from ..periods import kind_of, numbers_of
from .ask import WORDS, Ask, Words
from .changes import changes_between
from .kinds import compose
from .paper import Paper, digest_of, frozen, thawed
from .seal import sealed


class Refused(Exception):
    """Something stands in the way: overtaken, handed_in, undecided, not_handed_in, no_reason, too_early, no_day.

    name: who was there before.
    """

    def __init__(self, code: str, name: str = ""):
        super().__init__(code)
        self.code, self.name = code, name


def words_of(report: Report | None) -> Words:
    return WORDS.decode(json.dumps(report.words)) if report else Words()


def current(ask: Ask, settings: Settings) -> Paper:
    """The paper as it was handed in last, sealed; or as the records stand today. Raises what `compose` raises."""
    return shown(ask, newest_report(ask.session, ask.kind, ask.unit.id, ask.period, ask.about), settings)


def shown(ask: Ask, report: Report | None, settings: Settings) -> Paper:
    """One version: the frozen one with its seal, or the draft in the clerk's words."""
    if report and report.content:
        return sealed(thawed(report.content), report.digest or "", f"{settings.public_url}/p/{report.code}")
    return compose(replace(ask, words=words_of(report)))


def draft(ask: Ask, who: Person) -> Report:
    """The version that may be written in: the begun one, or a new one that carries on the words of the last."""
    last = newest_report(ask.session, ask.kind, ask.unit.id, ask.period, ask.about)
    if last and last.state == "begun":
        return last
    report = Report(kind=ask.kind, unit_id=ask.unit.id, period=ask.period, about=ask.about, edited_by_id=who.id,
                    version=last.version + 1 if last else 1, words=last.words if last else {}, changes=[])  # fmt: skip
    ask.session.add(report)
    ask.session.flush()
    return report


def open_one(ask: Ask, who: Person) -> Report:
    """The version that is being written. Raises Refused when it was handed in meanwhile: a late change begins no other."""
    last = newest_report(ask.session, ask.kind, ask.unit.id, ask.period, ask.about)
    if last and last.state != "begun":
        raise Refused("handed_in", last.steps[-1].by.name)
    return draft(ask, who)


def save(ask: Ask, report: Report, who: Person, words: Words, seen: int) -> None:
    """Raises Refused when somebody saved since this page was opened (`seen` is its number of edits)."""
    if report.edits != seen:
        raise Refused("overtaken", report.edited_by.name)
    report.words = msgspec.to_builtins(words)
    report.edits, report.edited_at, report.edited_by_id = seen + 1, utc_now(), who.id


def hand_in(ask: Ask, report: Report, who: Person, now: datetime | None = None) -> None:
    """Freeze the paper as it stands. Raises Refused, NothingToPrint."""
    now = now or utc_now()
    if report.state != "begun":
        last = report.steps[-1]
        raise Refused("handed_in", last.by.name)
    if ask.layout.get("closing") and words_of(report).public is None:
        raise Refused("undecided")
    content = frozen(replace_dated(compose(replace(ask, words=words_of(report))), local_day(now), ask))
    before = _version(ask.session, report, report.version - 1)
    report.content, report.digest, report.submitted_at = content, digest_of(content), now
    report.code = new_code() + new_code()
    report.changes = changes_between(thawed(before.content), thawed(content)) if before and before.content else []
    _step(ask.session, report, "submitted", who, now)
    _note(ask, report, who, local_day(now))


def _note(ask: Ask, report: Report, who: Person, electronic: date | None, paper: date | None = None) -> None:
    """The same day in the station's list of what is due (figures/deadlines.py): the first hand-in counts (D, R163)."""
    code = deadline_of(ask.pack, report.kind, report.period)
    if not code:
        return
    same = Submission.unit_id == report.unit_id, Submission.deadline == code, Submission.period == report.period
    row = ask.session.scalar(select(Submission).where(*same))
    if row is None:
        row = Submission(unit_id=report.unit_id, deadline=code, period=report.period, noted_by_id=who.id)
        ask.session.add(row)
    row.electronic_at = min(filter(None, [row.electronic_at, electronic]), default=None)
    row.paper_at = min(filter(None, [row.paper_at, paper]), default=None)
    row.noted_by_id, row.noted_at = who.id, utc_now()


def replace_dated(paper: Paper, day: date, ask: Ask) -> Paper:
    """The date of handing in stands where the form leaves room for it."""
    blank = ask.layout.get("footer_date_blank")
    told = ask.layout["footer_date"].format(year=day.year, month=day.month, day=day.day) if blank else ""
    foot = tuple(line.replace(blank, told) if blank else line for line in paper.foot)
    return msgspec.structs.replace(paper, foot=foot, dated=day.isoformat(), checkpoint=_checkpoint(ask.session))


def _checkpoint(session: Session) -> str:
    """The newest one: whoever keeps this paper can later see that nothing before it was cut away."""
    newest = session.scalar(select(Checkpoint).order_by(Checkpoint.at.desc()).limit(1))
    if newest is None:
        return ""
    return f"校验点：{newest.at.astimezone(STATION_ZONE):%Y-%m-%d %H:%M}，共{newest.count}条，{newest.head[:16]}…"


def send_back(session: Session, report: Report, who: Person, reason: str, now: datetime | None = None) -> None:
    """Raises Refused without a reason, or when there is nothing to return."""
    if report.state != "submitted":
        raise Refused("not_handed_in")
    if not reason.strip():
        raise Refused("no_reason")
    _step(session, report, "returned", who, now or utc_now(), reason.strip())


def receive(
    ask: Ask,
    report: Report,
    who: Person,
    paper_at: date | None,
    electronic_at: date | None,
    now: datetime | None = None,
) -> None:
    """Note when the paper and the electronic copy came; with both or one of them the report is received."""
    if report.state not in ("submitted", "received"):
        raise Refused("too_early")
    if not (paper_at or electronic_at):
        raise Refused("no_day")
    report.paper_at, report.electronic_at = paper_at, electronic_at
    _note(ask, report, who, electronic_at, paper_at)
    if report.state != "received":
        _step(ask.session, report, "received", who, now or utc_now())


def due_of(pack: Pack, kind: str, period: str) -> date | None:
    """The last day on which this paper is on time, or None where nothing says so (quotas.toml)."""
    code = deadline_of(pack, kind, period)
    if code is None:
        return None
    rule = pack["deadline"][code]
    if "due_day" in rule and kind_of(period) == "month":
        return date(*numbers_of(period), rule["due_day"])
    return date.fromisoformat(f"{numbers_of(period)[0]}-{rule['due']}") if "due" in rule else None


def deadline_of(pack: Pack, kind: str, period: str) -> str | None:
    """The deadline of quotas.toml that this paper answers."""
    code = pack["report"][kind].get("deadline", "").format(half=period[-1])
    return code if code in pack["deadline"] else None


def is_late(session: Session, pack: Pack, report: Report) -> bool:
    """A returned report counts from its first submission (domain.md D, R163)."""
    due, sent = due_of(pack, report.kind, report.period), first_sent(session, report)
    return bool(due and sent and local_day(sent) > due)


def changed_since(ask: Ask, report: Report) -> list[str]:
    """What the records would make different today in a paper that was handed in (C4, 19)."""
    if not report.content:
        return []
    before = thawed(report.content)
    today = compose(replace(ask, words=words_of(report)))
    return changes_between(msgspec.structs.replace(before, foot=()), msgspec.structs.replace(today, foot=()))


def _version(session: Session, report: Report, version: int) -> Report | None:
    same = (Report.kind == report.kind, Report.unit_id == report.unit_id, Report.period == report.period)
    return session.scalar(select(Report).where(*same, Report.about == report.about, Report.version == version))


def _step(session: Session, report: Report, step: str, who: Person, at: datetime, reason: str = "") -> None:
    report.steps.append(ReportStep(step=step, by=who, at=at, reason=reason))
    told = {"digest": report.digest, "version": report.version}
    append_audit(session, at, who.id, step, "report", report.id, **told)
    session.flush()
