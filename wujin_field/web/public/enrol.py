"""/enrol/<token>: a link binds this browser to a person. Opening it consumes nothing, its button does."""

import hmac
import secrets
import unicodedata

from flask import Response, redirect, request
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from ...db import db, utc_now, uuid7, writing
from ...domain import load_pack
from ...models import Device, Invite
from ...models.codes import read_code
from ...models.consents import note_seen
from ...models.credentials import Unfit, set_password
from ...models.journal import append_audit
from ...models.people import DESK_ACCESS, token_hash
from ...sync.receipt import from_base64url, is_public_key
from .. import guard
from ..pages import show
from ..passwords import sentence
from . import public


@public.get("/enrol/")
def typed_invitation() -> AnyResponse:
    """For the second browser: the eight characters that the first one shows."""
    typed = request.args.get("code", "").strip()
    code = read_code(typed)
    if code:
        return redirect(f"/enrol/{code}")
    return show("public/enrol_code.html", typed=typed, status=422 if typed else 200)


@public.get("/enrol/<token>")
def invitation(token: str) -> Response:
    invite = _find(token)
    return _page(invite, token) if invite and invite.is_open(utc_now()) else _closed(invite)


@public.post("/enrol/<token>")
def enrol(token: str) -> AnyResponse:
    secret = secrets.token_urlsafe(32)
    with writing() as session:
        # Locked where rows can be (PostgreSQL); SQLite lets one writer in at a time anyway.
        row = select(Invite).where(Invite.token_hash == token_hash(token)).with_for_update()
        invite = session.scalar(row)
        if invite is None or not invite.is_open(utc_now()) or not invite.person.active:
            return _closed(invite)
        if invite.number and not hmac.compare_digest(_digits(), invite.number):
            invite.wrong += 1
            return _page(invite, token, 422) if invite.is_open(utc_now()) else _closed(invite)
        if wrong := _unfit_password(session, invite):
            session.rollback()
            return _page(_find(token), token, 422, wrong)
        device = _device(invite, secret)
        session.add(device)
        session.flush()
        note_seen(session, invite.person_id, load_pack()["consent"])
        invite.used_at = utc_now()
        append_audit(session, utc_now(), invite.person_id, "enrolled", "device", device.id)
        person_id, target = invite.person_id, guard.home_of(invite.person)
    return guard.sign_in(redirect(target), secret, person_id)  # type: ignore[arg-type]


def _unfit_password(session: Session, invite: Invite) -> str:
    """A desk role may set one as it comes in for the first time; a sentence when it does not do."""
    typed = request.form.get("password", "")
    if not typed or invite.person.access not in DESK_ACCESS:
        return ""
    try:
        set_password(session, invite.person, invite.person.name, typed)
    except Unfit as unfit:
        return sentence(unfit.code)
    return ""


def _page(invite: Invite | None, token: str, status: int = 200, wrong: str = "") -> Response:
    if invite is None:
        return _closed(invite)
    consents = list(load_pack()["consent"].values())
    return show("public/enrol.html", status=status, invite=invite, token=token, unit=invite.person.unit,
                desk=invite.person.access in DESK_ACCESS, wrong=wrong, consents=consents)  # fmt: skip


def _closed(invite: Invite | None) -> Response:
    return show("public/enrol_closed.html", status=410, used=bool(invite and invite.used_at))


def _digits() -> str:
    """The four digits as typed, full width and spaces forgiven."""
    typed = unicodedata.normalize("NFKC", request.form.get("number", ""))
    return "".join(char for char in typed if char.isascii() and char.isdigit())


def _find(token: str) -> Invite | None:
    return db.session.scalar(select(Invite).where(Invite.token_hash == token_hash(token)))


def _device(invite: Invite, secret: str) -> Device:
    label = request.headers.get("User-Agent", "")[:200]
    return Device(
        id=uuid7(),
        person_id=invite.person_id,
        token_hash=token_hash(secret),
        public_key=_public_key(),
        label=label,
        signed_in_with=invite.kind,
    )


def _public_key() -> bytes | None:
    """The key that the phone made for itself. A browser without one still works, unsigned."""
    try:
        raw = from_base64url(request.form.get("public_key", ""))
    except ValueError:
        return None
    return raw if is_public_key(raw) else None
