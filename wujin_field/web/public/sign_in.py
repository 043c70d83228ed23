"""/sign-in: name and password for a desk; the same answer, after the same work, for a name that nobody has."""

import secrets

from flask import Response, current_app, redirect, request
from sqlalchemy import select
from werkzeug.wrappers import Response as AnyResponse

from ...db import db, utc_now, uuid7, writing
from ...models import Credential, Device, Person
from ...models.credentials import forget_tries, is_right, may_try, subject, take_try, totp_secret, totp_step
from ...models.journal import append_audit
from ...models.naming import clean
from ...models.people import token_hash
from .. import guard
from ..pages import show
from ..passwords import sentence
from . import public


@public.get("/sign-in")
def sign_in() -> Response:
    return _page()


@public.post("/sign-in")
def come_in() -> AnyResponse:
    name, password, now = clean(request.form.get("name", "")), request.form.get("password", ""), utc_now()
    credential = db.session.scalar(select(Credential).where(Credential.sign_in_name == name))
    who = _tries_of(credential, name)
    if not _may_try(who):
        return _page(429, name, sentence("too_often"))
    step = _step(credential)
    if not is_right(credential, password) or credential is None or step is None or not credential.person.active:
        return _page(422, name, sentence("wrong"))
    secret = secrets.token_urlsafe(32)
    with writing() as session:
        forget_tries(session, who)
        row, person = session.get_one(Credential, credential.person_id), session.get_one(Person, credential.person_id)
        row.totp_step = max(row.totp_step, step)
        device = Device(id=uuid7(), person_id=person.id, token_hash=token_hash(secret), confirmed_at=now,
                        label=request.headers.get("User-Agent", "")[:200], signed_in_with="password")  # fmt: skip
        session.add(device)
        append_audit(session, now, person.id, "signed_in", "device", device.id)
        target, person_id = guard.home_of(person), person.id
    return guard.sign_in(redirect(target, 303), secret, person_id)  # type: ignore[arg-type]


def _tries_of(credential: Credential | None, name: str) -> str:
    """A browser in which this person has signed in before has tries of its own: no stranger locks them out."""
    browser = guard.known_here()
    if credential and credential.person_id in browser["people"]:
        return subject("browser", browser["id"], name)
    return subject("name", name)


def _may_try(who: str) -> bool:
    now = utc_now()
    if not may_try(db.session(), who, now):  # without a write: a flood of guesses must not hold the writer
        return False
    with writing() as session:
        return take_try(session, who, now)


def _step(credential: Credential | None) -> int | None:
    """0 where no changing code is asked for; None for a wrong one."""
    if credential is None or not credential.totp_nonce:
        return 0
    secret = totp_secret(current_app.config["SETTINGS"].secret_key, credential.person_id, credential.totp_nonce)
    return totp_step(secret, request.form.get("code", "").replace(" ", ""), utc_now(), credential.totp_step)


def _page(status: int = 200, name: str = "", wrong: str = "") -> Response:
    return show("public/sign_in.html", status=status, who=guard.person(), name=name, wrong=wrong)
