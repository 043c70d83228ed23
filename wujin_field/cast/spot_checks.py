"""What became of the fieldwork: the pictures looked at, the checks run, a closed batch, and the one drawn this Monday."""

from datetime import datetime, time, timedelta
from io import BytesIO
from random import Random

from flask import Flask
from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from .. import review
from ..config import STATION_ZONE
from ..db import db, local_day, utc_now, writing
from ..evidence import learning
from ..evidence.examination import Examination
from ..evidence.examine import Finding, examine
from ..models import Batch, CallBack, HazardAudit, Person, Photo, Visit
from ..models.journal import seal
from ..periods import week, week_before
from ..review import audits
from ..sync.receipt import from_base64url
from .pictures import PHOTOS
from .records import Shot
from .town import Town

WEEK = timedelta(days=7)
SUPERVISORS, RETURNED_TO = ("罗静", "冯远"), "陈大山"
NOTES = ["照片角度偏暗，其余属实", "宣传对象人数与照片略有出入，已电话核实", "场所名称与门牌写法不一致，以门牌为准"]
RETURNS = [
    ("近景照片看不清灭火器压力表", "下次路过时补拍一张压力表近景"),
    ("只有全景，看不出和群众互动", "补传一张宣传互动的照片"),
]


def spot_checks(app: Flask, town: Town, shots: dict[str, Shot], now: datetime, rng: Random) -> None:
    monday = _monday(now)
    with app.app_context():
        _pictures(app, shots)
        key = from_base64url(app.extensions["signer"].public_key)
        for _ in Examination(db.engine, key).examine_again(monday - 2 * WEEK, now, now):
            pass
        with writing() as session:
            _last_week(session, town, monday, now, rng)
        while _accepted(now):
            pass
        with writing() as session:
            _draw(session, town, monday)


def _monday(now: datetime) -> datetime:
    """This week's Monday at nine, or now when that is earlier."""
    local = now.astimezone(STATION_ZONE)
    return min(now, datetime.combine(local.date() - timedelta(days=local.weekday()), time(9), STATION_ZONE))


def _pictures(app: Flask, shots: dict[str, Shot]) -> None:
    """A few photographs come round again and again, which nobody is to be asked about: they are learnt like our poster."""
    known = [examine(BytesIO(path.read_bytes())) for path in PHOTOS]
    lines = [_seen(digest, known[shot.number % len(known)]) for digest, shot in shots.items()]
    for digest, shot in shots.items():
        app.extensions["pictures"].place(digest, "thumb", known[shot.number % len(known)].thumb)
    with writing() as session:
        named: dict = {name: bindparam(name) for name in ("dhash", "pixels", "examined_at")}
        session.connection().execute(update(Photo).where(Photo.sha256 == bindparam("photo")).values(**named), lines)
        for dhash in {look.dhash for look in known if look.dhash}:
            learning.add(session, dhash, None, utc_now())


def _seen(digest: str, look: Finding) -> dict:
    return {"photo": digest, "dhash": look.dhash, "pixels": look.pixels, "examined_at": utc_now()}


def _last_week(session: Session, town: Town, monday: datetime, now: datetime, rng: Random) -> None:
    """What came before the week that was drawn last Monday was all looked at; of that week, what was drawn."""
    first, after = week(local_day(monday - 2 * WEEK)).moments
    rows = list(session.scalars(select(Visit).where(Visit.received_at < after).order_by(Visit.received_at, Visit.id)))
    batch = _draw(session, town, monday - WEEK)
    drawn = {line.visit_id for line in batch.visits if line.reason} if batch else set()
    seen = [visit for visit in rows if visit.received_at < first or visit.id in drawn]
    returned = _returned(seen, town.people[RETURNED_TO])
    for visit in seen:
        _rule(session, town, visit, returned.get(visit.id), min(now, visit.received_at + timedelta(days=4)), rng)
    if batch and not review.waiting(session, batch):
        review.close(session, batch, town.people[SUPERVISORS[0]].id, monday - WEEK + timedelta(hours=3))
        _called(session, batch, town.people[SUPERVISORS[0]], monday - WEEK + timedelta(days=2))
        _audited(session, batch, town.people[SUPERVISORS[1]], monday - WEEK + timedelta(days=2))


def _draw(session: Session, town: Town, monday: datetime) -> Batch | None:
    """On a Monday morning: the week before."""
    try:
        who = town.people[SUPERVISORS[0]].id
        last = week_before(local_day(monday))
        return review.draw(session, town.units["station"], last, seed=f"demo-{last}", who=who, now=monday)
    except review.NothingToDraw:
        return None


def _rule(session: Session, town: Town, visit: Visit, back: tuple[str, str] | None, at: datetime, rng: Random) -> None:
    who = next((town.people[name] for name in SUPERVISORS if review.may_rule(visit, town.people[name])), None)
    if who is None:
        return
    if back:
        review.rule(session, visit, who, "unclear", *back, now=at)
    elif rng.random() < 0.15:
        review.rule(session, visit, who, "pass_with_note", rng.choice(NOTES), now=at)
    else:
        review.rule(session, visit, who, "pass", now=at)


def _returned(seen: list[Visit], whom: Person) -> dict[str, tuple[str, str]]:
    """The newest visit that was looked at, of him and of anybody else."""
    newest = {visit.author_id == whom.id: visit.id for visit in seen}
    return dict(zip(newest.values(), RETURNS, strict=False))


def _called(session: Session, batch: Batch, who: Person, at: datetime) -> None:
    """One call was made; the others are still open."""
    call = session.scalars(select(CallBack).where(CallBack.batch_id == batch.id).order_by(CallBack.id)).first()
    if call:
        call.outcome, call.note, call.done_by_id, call.done_at = "confirmed", "店主说当天确实来过，讲了用电", who.id, at
        seal(session, call, at, who.id, "called")


def _audited(session: Session, batch: Batch, who: Person, at: datetime) -> None:
    """Most of what had been closed was looked at once more."""
    rows = session.scalars(select(HazardAudit).where(HazardAudit.batch_id == batch.id).order_by(HazardAudit.id)).all()
    for row in rows[:-2]:
        audits.answer(session, row, who, "confirmed", "通道畅通，和照片一致", at)


def _accepted(now: datetime) -> int:
    with writing() as session:
        return review.accept_by_rule(session, now)
