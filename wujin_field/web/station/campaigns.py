"""Campaigns: their paper as it was issued (stages, work items with triples, deadlines, quotas) and what was done of it."""

from datetime import date

from flask import Response, abort, redirect, request
from sqlalchemy import select
from sqlalchemy.orm import selectinload
from werkzeug.wrappers import Response as AnyResponse

from ...db import db, local_day, utc_now, uuid7, writing
from ...domain import load_pack
from ...figures.campaigns import done_in, quotas_of, together
from ...figures.tallies import up_to_date
from ...models import Area, Campaign, CampaignLine, Unit
from ...models.campaigns import LINES
from ...models.journal import append_audit
from .. import guard
from ..pages import show
from . import station
from .scope import units_in_scope

LEVELS = ("county", "township", "trade", "enterprise", "village")
LONG = 600


@station.get("/campaigns")
def campaigns() -> Response:
    up_to_date(load_pack())
    found = db.session.scalars(in_sight().order_by(Campaign.first_day.desc())).all()
    done = {one.id: done_in(db.session(), one) for one in found}
    return show("station/campaigns.html", campaigns=found, done=done, spans=_spans(), levels=LEVELS,
                units=units_in_scope(), today=local_day(utc_now()))  # fmt: skip


@station.post("/campaigns")
def begin_campaign() -> AnyResponse:
    values = _campaign_values()
    if values is None:
        abort(422)
    with writing() as session:
        row = Campaign(id=uuid7(), unit_id=guard.person().unit_id, **values)
        row.organisers = _organisers(session)
        session.add(row)
        append_audit(session, utc_now(), guard.person().id, "began", "campaign", row.id)
        made = row.id
    return redirect(f"/station/campaigns/{made}")


@station.get("/campaigns/<uuid:campaign_id>")
def campaign(campaign_id: str) -> Response:
    return _shown(_find(str(campaign_id)), editing=request.args.get("edit", ""))


@station.post("/campaigns/<uuid:campaign_id>")
def save_campaign(campaign_id: str) -> AnyResponse:
    found, values = _find(str(campaign_id)), _campaign_values()
    if values is None:
        return _shown(found, 422, editing="campaign", wrong="days")
    with writing() as session:
        row = session.get_one(Campaign, found.id)
        for name, value in values.items():
            setattr(row, name, value)
        row.organisers = _organisers(session)
        append_audit(session, utc_now(), guard.person().id, "changed", "campaign", row.id)
    return redirect(f"/station/campaigns/{campaign_id}")


@station.post("/campaigns/<uuid:campaign_id>/lines")
def save_campaign_line(campaign_id: str) -> AnyResponse:
    """A new line of a kind, or the one that `line` names; `gone` takes it away."""
    found, kind, line_id = _find(str(campaign_id)), request.form.get("kind", ""), request.form.get("line", "")
    if kind not in LINES:
        abort(404)
    values = _line_values(kind)
    if values is None and not request.form.get("gone"):
        return _shown(found, 422, editing=line_id or f"new-{kind}", wrong=kind)
    with writing() as session:
        row = session.get_one(Campaign, found.id)
        known = next((line for line in row.lines if line.id == line_id), None)
        if request.form.get("gone"):
            row.lines.remove(known or abort(404))
        elif known:
            for name, value in (values or {}).items():
                setattr(known, name, value)
        else:
            number = 1 + max((line.number for line in row.lines if line.kind == kind), default=0)
            row.lines.append(CampaignLine(id=uuid7(), kind=kind, number=number, **(values or {})))
        append_audit(session, utc_now(), guard.person().id, "changed", "campaign", row.id)
    if request.headers.get("HX-Request"):
        return _shown(_find(str(campaign_id)))
    return redirect(f"/station/campaigns/{campaign_id}#{kind}")


def _shown(found: Campaign, status: int = 200, editing: str = "", wrong: str = "") -> Response:
    pack, today, units = load_pack(), local_day(utc_now()), units_in_scope()
    up_to_date(pack)
    found = _find(found.id)
    day = min(max(today, found.first_day), found.last_day)
    whole, by_unit = together(db.session(), found)
    return show(
        "station/campaign.html", "station/_campaign_lines.html", status=status, campaign=found, editing=editing, wrong=wrong,
        whole=whole, by_unit=by_unit, done_of={line.id: done_in(db.session(), found, line) for line in found.lines},
        quotas={one.line.id: one for one in quotas_of(db.session(), pack, found, units, day)}, day=day, today=today,
        pack=pack, levels=LEVELS, units=units, ours=_is_ours(found.unit), is_ours=_is_ours,
    )  # fmt: skip


def in_sight():
    """Campaigns of units in scope; a village also sees those of the station and the office above it."""
    path = guard.scope_path(guard.person())
    above = ["/".join(path.split("/")[:n]) + "/" for n in range(1, path.count("/") + 1)]
    seen = guard.within_scope(guard.person()) | Area.path.in_(above)
    rows = select(Campaign).join(Unit, Unit.id == Campaign.unit_id).join(Area, Area.id == Unit.area_id).where(seen)
    return rows.options(selectinload(Campaign.lines), selectinload(Campaign.organisers))


def _find(campaign_id: str) -> Campaign:
    found = db.session.scalar(in_sight().where(Campaign.id == campaign_id)) or abort(404)
    if request.method == "POST" and not _is_ours(found.unit):
        abort(403)
    return found


def _is_ours(unit: Unit) -> bool:
    """A village sees the campaigns above it; what stands behind their sums, and their words, are not its own."""
    return unit.area.path.startswith(guard.scope_path(guard.person()))


def _spans() -> dict:
    """Months and weeks of the calendar that a campaign may be made from."""
    return {code: span for code, span in load_pack()["span"].items() if span.get("topics") or "parent" in span}


def _campaign_values() -> dict | None:
    form = request.form
    first, last = _day("first_day"), _day("last_day")
    if not form.get("zh", "").strip() or first is None or last is None or last < first:
        return None
    level = form.get("level") if form.get("level") in LEVELS else "township"
    code = form.get("code") if form.get("code") in load_pack()["span"] else None
    texts = {name: form.get(name, "").strip()[:LONG] for name in ("zh", "theme", "tag", "basis_doc")}
    return texts | {"first_day": first, "last_day": last, "level": level, "code": code}


def _line_values(kind: str) -> dict | None:
    """None where what makes the line is not there: its words, a deadline's day, a quota's code."""
    form = request.form
    texts = {
        name: form.get(name, "").strip()[:LONG] for name in ("text", "place", "lead", "cooperating", "responsible")
    }
    values = texts | {"first_day": _day("first_day"), "last_day": _day("last_day"), "wanted": _number("wanted"),
                      "day_of_month": _number("day_of_month")}  # fmt: skip
    values["activity_kind"] = (
        form.get("activity_kind") if form.get("activity_kind") in load_pack()["activity_kind"] else None
    )
    values["quota"] = form.get("quota") if form.get("quota") in load_pack()["quota"] else None
    needed = {"stage": texts["text"] and values["first_day"] and values["last_day"], "item": texts["text"],
              "deadline": texts["text"] and (values["last_day"] or values["day_of_month"]), "quota": values["quota"]}  # fmt: skip
    return values if needed[kind] else None


def _organisers(session) -> list[Unit]:
    codes = set(request.form.getlist("organisers"))
    chosen = [unit.id for unit in units_in_scope() if unit.code in codes] or [guard.person().unit_id]
    return list(session.scalars(select(Unit).where(Unit.id.in_(chosen))))


def _day(name: str) -> date | None:
    try:
        return date.fromisoformat(request.form.get(name, ""))
    except ValueError:
        return None


def _number(name: str) -> int | None:
    typed = request.form.get(name, "")
    return int(typed) if typed.isdecimal() and 0 < int(typed) < 1000 else None
