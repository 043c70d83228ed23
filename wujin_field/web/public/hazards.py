"""What a venue's owner sees of one hazard, without an account and without script: what, what to do, by when, 我已整改."""

from datetime import datetime, time

from flask import Response, abort, current_app, redirect, request
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response as AnyResponse

from ...config import STATION_ZONE
from ...db import db, local_day, utc_now, writing
from ...domain import load_pack
from ...models import Hazard, HazardStep, Unit, VenueCode
from ...models.codes import read_code
from ...models.hazards import NotNow, is_overdue, possible, state_after, steps_of, take_step
from ...sync.envelope import Refused
from .. import media, problems, uploads
from ..owner import is_token
from ..pages import language, say, show
from . import public

A_DAY = 5  # reports of one hazard: a shaky hand may need three
NOTE_MAX = 300


@public.get("/v/<code>/hazards/<token>")
def owners_hazard(code: str, token: str) -> Response:
    return _shown(_find(code, token))


@public.post("/v/<code>/hazards/<token>")
def owners_report(code: str, token: str) -> AnyResponse:
    """我已整改: a picture of it as it is now. The station looks again."""
    uploads.allow_a_photo()
    hazard = _find(code, token)
    if _today(hazard) >= A_DAY:
        raise Refused(429, "too_many_reports")
    if "rectified" not in possible(hazard.state):  # before its picture is kept: only a report counts, and this is none
        return redirect(f"/v/{code}/hazards/{token}?done=1", 303)
    with current_app.extensions["uploads"].one_more(hazard.id):
        file = uploads.chosen("photo")
        if not file:
            return _shown(hazard, 422, say("请先拍一张现在的照片。"))
        try:
            _report(hazard, file)
        except Refused as refused:
            return _shown(hazard, 422, " ".join(say(part) for part in problems.SENTENCES[refused.code]))
        except NotNow:
            pass  # sent twice, or somebody else was faster: the page says where it stands
    return redirect(f"/v/{code}/hazards/{token}?done=1", 303)


@public.get("/v/<code>/hazards/<token>/<sha256>/<size>.jpg")
def owners_photo(code: str, token: str, sha256: str, size: str) -> Response:
    hazard = _find(code, token)
    shown = hazard.photo, _own(steps_of(db.session(), hazard))
    return media.picture(sha256, size, [digest for digest in shown if digest])


def _report(hazard: Hazard, file) -> None:  # type: ignore[no-untyped-def]
    sha256 = uploads.keep(file, lambda *facts: current_app.extensions["intake"].take_owners_photo(*facts, hazard.id))
    with writing() as session:
        note = request.form.get("note", "").strip()[:NOTE_MAX]
        take_step(session, session.get_one(Hazard, hazard.id), "rectified", None, photo=sha256, note=note)


def _find(code: str, token: str) -> Hazard:
    """Only with both the code of its venue and its own token; everything else was never there."""
    meant = read_code(code)
    rows = select(Hazard).join(VenueCode, VenueCode.venue_id == Hazard.venue_id).where(VenueCode.code == meant)
    rows = rows.options(joinedload(Hazard.venue))
    found = next((row for row in db.session.scalars(rows) if is_token(row.id, token)), None) if meant else None
    if found is None:
        abort(404)
    return found


def _shown(hazard: Hazard, status: int = 200, wrong: str = "") -> Response:
    steps = steps_of(db.session(), hazard)
    state = state_after(steps)
    station = db.session.get(Unit, hazard.station_id) if hazard.station_id else None
    response = show(
        "public/hazard.html", status=410 if state == "void" else status, hazard=hazard, state=state, wrong=wrong,
        item=_item(hazard), mine=_own(steps), overdue=is_overdue(state, hazard.due, local_day(utc_now())),
        station=station.zh if station else current_app.config["SETTINGS"].station, to_call=station, done=request.args.get("done"),
    )  # fmt: skip
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _own(steps: list[HazardStep]) -> str | None:
    """The owner's own newest picture; what others took stays with the station."""
    return next((row.photo for row in reversed(steps) if row.by_id is None), None)


def _item(hazard: Hazard) -> dict:
    """text: what the checklist asks for here; help: how it is done."""
    items = {item["code"]: item for template in load_pack()["template"].values() for item in template.get("item", [])}
    item = items.get(hazard.item or "", {})
    english = language() == "en"
    return {"text": (english and item.get("en")) or item.get("zh", ""),
            "help": (english and item.get("guidance_en")) or item.get("guidance", "")}  # fmt: skip


def _today(hazard: Hazard) -> int:
    """How often its page reported since the station's midnight."""
    midnight = datetime.combine(local_day(utc_now()), time(), STATION_ZONE)
    mine = HazardStep.hazard_id == hazard.id, HazardStep.by_id.is_(None), HazardStep.recorded_at >= midnight
    return db.session.scalar(select(func.count()).where(*mine)) or 0
