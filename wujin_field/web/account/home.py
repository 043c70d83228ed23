"""One page: the browsers that are signed in, a code for another one, the password and its changing code."""

import base64
import secrets
from datetime import datetime

from flask import Response, abort, current_app, redirect, request
from sqlalchemy import select
from werkzeug.wrappers import Response as AnyResponse

from ...db import db, utc_now, writing
from ...domain import load_pack
from ...models import Credential, Device
from ...models.consents import note_seen, unseen
from ...models.credentials import Unfit, set_password, totp_secret, totp_step
from ...models.journal import append_audit
from ...models.people import is_enrolled, revoke, typed_code
from ...reports.poster import qr_svg
from .. import guard
from ..again import asks_again, confirm
from ..pages import show
from ..passwords import sentence
from . import account


@account.get("/")
def home() -> Response:
    return _page()


@account.post("/told")
def told() -> AnyResponse:
    """The texts about one's data, as they stand now, were read."""
    with writing() as session:
        note_seen(session, guard.caller().person_id, load_pack()["consent"])
    return redirect("/account/", 303)


@account.post("/code")
def another_browser() -> Response:
    """Ten minutes, one use: the installed app, WeChat and the browser of one iPhone each keep their own store."""
    with writing() as session:
        row, code = typed_code(guard.person())
        session.add(row)
        _audit(session, "invited", "person", guard.caller().person_id)
    return _page(code=code, address=f"{current_app.config['SETTINGS'].public_url}/enrol/")


@account.post("/password")
@asks_again
def change_password() -> AnyResponse:
    with writing() as session:
        try:
            set_password(
                session, guard.person(), request.form.get("sign_in_name", ""), request.form.get("password", "")
            )
        except Unfit as unfit:
            session.rollback()
            return _page(422, wrong=sentence(unfit.code))
        session.get_one(Device, guard.caller().id).confirmed_at = utc_now()
        _audit(session, "password_set", "person", guard.caller().person_id)
    return _page(done="password")


@account.post("/totp")
@asks_again
def changing_code() -> AnyResponse:
    """First without a code: a secret to scan. Then with one: it is right, and from now on it is asked for."""
    credential = db.session.get(Credential, guard.caller().person_id) or abort(400)
    nonce, typed = request.form.get("nonce", "")[:40] or secrets.token_hex(8), request.form.get("code", "")
    secret = totp_secret(current_app.config["SETTINGS"].secret_key, credential.person_id, nonce)
    step = totp_step(secret, typed, utc_now())
    if step is None:
        return _page(
            422 if typed else 200, nonce=nonce, secret=base64.b32encode(secret).decode(), wrong_code=bool(typed)
        )
    with writing() as session:
        row = session.get_one(Credential, guard.caller().person_id)
        row.totp_nonce, row.totp_step = nonce, step
        _audit(session, "totp_on", "person", row.person_id)
    return _page(done="totp")


@account.post("/totp/off")
@asks_again
def no_changing_code() -> AnyResponse:
    with writing() as session:
        row = session.get(Credential, guard.caller().person_id) or abort(400)
        row.totp_nonce = None
        _audit(session, "totp_off", "person", row.person_id)
    return redirect("/account/", 303)


@account.post("/browsers/<uuid:device_id>/end")
def end_browser(device_id: object) -> AnyResponse:
    """One of my own; this very one is signed out."""
    with writing() as session:
        mine = select(Device).where(Device.id == str(device_id), Device.person_id == guard.caller().person_id)
        device = session.scalar(mine) or abort(404)
        revoke(device, guard.caller().person_id, utc_now())
        _audit(session, "revoked", "device", device.id)
        here = device.id == guard.caller().id
    return redirect("/sign-in" if here else "/account/", 303)


@account.post("/again")
def again() -> AnyResponse:
    """The password was asked before a file was given: now it comes, over a page that leads back."""
    credential = db.session.get(Credential, guard.caller().person_id)
    back, came = _ours("back"), _ours("came")
    if credential and confirm(credential, request.form.get("again_password", "")):
        return show("account/again_done.html", back=back, came=came)
    return show("account/again.html", status=403, fields=[("back", back)], came=came, wrong=sentence("wrong"))


def _ours(name: str) -> str:
    """An address of this site that a form carries along."""
    address = request.form.get(name, "/")
    if (
        not address.startswith("/")
        or address.startswith(("//", "/\\"))
        or not address.isascii()
        or not address.isprintable()
    ):
        abort(400)
    return address


def _page(status: int = 200, **more: object) -> Response:
    """more: code and address of a second browser, nonce and secret of a changing code, wrong (a sentence), done."""
    now: datetime = utc_now()
    rows = select(Device).where(Device.person_id == guard.caller().person_id).order_by(Device.last_seen_at.desc())
    browsers = [device for device in db.session.scalars(rows) if is_enrolled(device, now)]
    if secret := more.get("secret"):
        more["qr"] = qr_svg(f"otpauth://totp/Wujin:{guard.caller().person_id[:8]}?secret={secret}&issuer=Wujin")
    changed = unseen(db.session(), guard.caller().person_id, load_pack()["consent"])
    return show("account/home.html", status=status, browsers=browsers, changed=changed, here=guard.caller().id,
                credential=db.session.get(Credential, guard.caller().person_id), **more)  # fmt: skip


def _audit(session, what: str, kind: str, subject_id: str) -> None:  # type: ignore[no-untyped-def]
    append_audit(session, utc_now(), guard.caller().person_id, what, kind, subject_id)
