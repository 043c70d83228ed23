"""隐患 at the desk: the ledger, one hazard with its steps, the note for the owner. Two faces show the same pages."""

from dataclasses import replace
from datetime import date
from typing import Any

from flask import Blueprint, Response, abort, current_app, redirect, request
from sqlalchemy import select
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response as AnyResponse

from .. import ledger
from ..db import db, local_day, utc_now, writing
from ..models import Area, Hazard, Venue, Visit
from ..models.hazards import (
    STANDING,
    NeedsNote,
    NotNow,
    SamePicture,
    SecondPerson,
    after_picture,
    is_overdue,
    possible,
    rectified_by,
    seal_hazard,
    state_after,
    steps_of,
    take_step,
)
from ..reports.poster import qr_svg
from ..sync.envelope import Refused
from ..sync.intake import Sender
from . import guard, media, owner, problems, uploads
from .pages import say, show

TEXT_MAX = 500
SEVERITIES = ("serious", "general", "minor")
HOW = {"notified": ("spoken", "paper", "message"), "verified": ("picture", "on_site")}


def hang(face: Blueprint) -> None:
    """The same pages under both faces: who sees which is the scope's to say."""
    face.add_url_rule("/hazards", "hazards", hazards)
    face.add_url_rule("/hazards/<uuid:hazard_id>", "hazard", hazard)
    face.add_url_rule("/hazards/<uuid:hazard_id>/notice", "hazard_notice", notice)
    face.add_url_rule("/hazards/<uuid:hazard_id>/steps", "hazard_step", step, methods=["POST"])
    face.add_url_rule("/hazards/<uuid:hazard_id>/details", "hazard_details", details, methods=["POST"])
    face.add_url_rule("/hazards/<uuid:hazard_id>/photos/<sha256>/<size>.jpg", "hazard_photo", photo)
    face.add_url_rule("/hazards/<uuid:hazard_id>/photos/<sha256>/original", "hazard_original", original,
                      methods=["POST"])  # fmt: skip


def base() -> str:
    """The face that was asked: /supervisor or /station."""
    return f"/{request.blueprint}"


def hazards() -> Response:
    args, scope, today = request.args, guard.within_scope(guard.person()), local_day(utc_now())
    areas = _areas()
    wanted = ledger.Wanted(
        args.get("view", "todo"), args.get("severity", ""), args.get("area", ""), args.get("name", "").strip()[:60],
        args.get("overdue") == "1", args.get("after", ""),
    )  # fmt: skip
    if wanted.view not in ledger.VIEWS or wanted.severity not in ("", *SEVERITIES):
        abort(404)
    path = next((area.path for area in areas if area.code == wanted.area), "")
    try:
        page = ledger.page(db.session(), scope, replace(wanted, area=path), today)
    except ValueError:
        abort(404)
    return show(
        "hazards/ledger.html", "hazards/_lines.html", page=page, wanted=wanted, today=today, areas=areas, base=base(),
        counts=ledger.counts(db.session(), scope, today), is_overdue=is_overdue, severities=SEVERITIES,
    )  # fmt: skip


def hazard(hazard_id: object) -> Response:
    return _shown(find(str(hazard_id)))


def notice(hazard_id: object) -> Response:
    """A sheet for the owner: what, what to do, by when, and the code that leads to the page."""
    subject = find(str(hazard_id))
    address = owner.address_of(subject)
    return show("hazards/notice.html", hazard=subject, address=address, base=base(),
                qr=qr_svg(address) if address else "")  # fmt: skip


def step(hazard_id: object) -> AnyResponse:
    """One step of the life cycle, with a picture where there is one."""
    uploads.allow_a_photo()
    subject, name = find(str(hazard_id)), request.form.get("step", "")
    steps = steps_of(db.session(), subject)
    if name not in possible(state_after(steps)):
        return _shown(subject, 409, say("别人刚刚更新过这处隐患，请看最新的情况。"))
    try:
        _take(subject, name)
    except Refused as refused:
        return _shown(find(str(hazard_id)), 422, say(problems.SENTENCES[refused.code][0]))
    except (NotNow, SecondPerson, SamePicture, NeedsNote) as why:
        return _shown(find(str(hazard_id)), 422, _sentence(why))
    return redirect(f"{base()}/hazards/{subject.id}?done={name}", 303)


def details(hazard_id: object) -> AnyResponse:
    """Who changes it, how, and until when."""
    subject, form = find(str(hazard_id)), request.form
    try:
        due = date.fromisoformat(form.get("due", ""))
    except ValueError:
        return _shown(subject, 422, say("期限要写成一个日期。"))
    with writing() as session:
        row = session.get_one(Hazard, subject.id)
        row.responsible_party = form.get("party", "").strip()[:TEXT_MAX]
        row.measure, row.due = form.get("measure", "").strip()[:TEXT_MAX], due
        seal_hazard(session, row.id, utc_now(), guard.caller().person_id, "hazard_arranged", due=str(due))
    return redirect(f"{base()}/hazards/{subject.id}?done=details", 303)


def photo(hazard_id: object, sha256: str, size: str) -> Response:
    return media.picture(sha256, size, _pictures(find(str(hazard_id))))


def original(hazard_id: object, sha256: str) -> Response:
    return media.original(sha256, _pictures(find(str(hazard_id))))


def find(hazard_id: str) -> Hazard:
    """A hazard in the reader's scope, or 404."""
    whole = joinedload(Hazard.venue).selectinload(Venue.codes), joinedload(Hazard.visit).joinedload(Visit.area)
    rows = select(Hazard).join(Visit, Hazard.visit_id == Visit.id).join(Area, Visit.area_id == Area.id)
    rows = rows.where(Hazard.id == hazard_id, guard.within_scope(guard.person()))
    row = db.session.scalar(rows.options(*whole, joinedload(Hazard.found_by)))
    if row is None:
        abort(404)
    return row


def _take(subject: Hazard, name: str) -> None:
    form = request.form
    more: dict[str, Any] = {}
    file = uploads.chosen("photo")
    if file:
        more["photo"] = uploads.keep(file, _noted)
    for field in ("note", "party", "reference"):
        more[field] = form.get(field, "").strip()[:TEXT_MAX]
    more["how"] = form.get("how", "") if form.get("how") in HOW.get(name, ()) else ""
    with writing() as session:
        take_step(session, session.get_one(Hazard, subject.id), name, guard.person(), **more)


def _noted(sha256: str, size: int, header: Any) -> None:
    sender = Sender(guard.caller().id, guard.caller().person_id)
    current_app.extensions["intake"].take_photo(sha256, size, header, sender)


def _shown(subject: Hazard, status: int = 200, wrong: str = "") -> Response:
    steps = steps_of(db.session(), subject)
    state, report = state_after(steps), rectified_by(steps)
    mine = report is not None and report.by_id == guard.caller().person_id
    return show(
        "hazards/hazard.html", status=status, wrong=wrong, hazard=subject, steps=steps, state=state, base=base(), how=HOW,
        possible=[name for name in possible(state) if not (name == "verified" and mine)], mine=mine, report=report,
        after=after_picture(steps), overdue=is_overdue(state, subject.due, local_day(utc_now())), standing=state in STANDING,
        owner=owner.address_of(subject), done=request.args.get("done", ""),
    )  # fmt: skip


def _pictures(subject: Hazard) -> set[str]:
    return {sha256 for sha256 in [subject.photo, *(row.photo for row in steps_of(db.session(), subject))] if sha256}


def _areas() -> list[Area]:
    """What one may choose in the filter: the villages and communities in scope."""
    rows = select(Area).where(guard.within_scope(guard.person()), Area.area_kind.in_(("village", "community")))
    return list(db.session.scalars(rows.order_by(Area.path)))


def _sentence(why: Exception) -> str:
    if isinstance(why, SecondPerson):
        return say("报告整改的人不能自己复查，请另一个人来确认。")
    if isinstance(why, SamePicture):
        return say("只看照片复查，要有整改前和整改后两张不同的照片。可以补一张照片，或者到现场看过再确认。")
    if isinstance(why, NeedsNote):
        return say("请写一句原因；移交时要写移交给谁。")
    return say("这处隐患现在不能这样处理，请看最新的情况。")
