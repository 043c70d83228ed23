"""Every picture that we answer with goes through here: only what its page lists, inert, and never the original by accident.

Everyone gets copies re-encoded from pixels, so that no position, no comment and no script travels along. The original
bytes are for few, as a download, and each look is written down.
"""

import re
from collections.abc import Collection

from flask import Response, abort, current_app, send_file
from sqlalchemy import select

from ..db import db, utc_now, writing
from ..evidence.pictures import SIZES, Unreadable
from ..models import Photo
from ..models.journal import append_audit
from . import guard

MAY_SEE_ORIGINALS = {"supervisor", "station_clerk"}
ENDINGS = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp"}


def picture(sha256: str, size: str, listed: Collection[str]) -> Response:
    """A copy of at most SIZES[size] px, made when first needed. listed: the digests that this reader may see here."""
    held = _held(sha256, listed)
    if size not in SIZES or held.fault:
        abort(404)
    try:
        path = current_app.extensions["pictures"].copy(sha256, size)
    except (FileNotFoundError, Unreadable):
        abort(404)
    response = send_file(path, mimetype="image/jpeg", max_age=86400)
    response.headers["Cache-Control"] = "private, max-age=86400"
    return _inert(response)


def original(sha256: str, listed: Collection[str]) -> Response:
    """The very bytes that the phone sent, as a file to keep; who looked stands in the audit before they leave."""
    held = _held(sha256, listed)
    if guard.caller().access not in MAY_SEE_ORIGINALS:
        abort(403)
    try:
        file = current_app.extensions["vault"].open(sha256)
    except FileNotFoundError:
        abort(404)
    with writing() as session:
        append_audit(session, utc_now(), guard.caller().person_id, "saw_original", "photo", sha256)
    ending = ENDINGS.get(held.media_type, "bin")
    response = send_file(file, "application/octet-stream", as_attachment=True, download_name=f"{sha256[:16]}.{ending}")
    response.headers["Cache-Control"] = "no-store"
    return _inert(response)


def _held(sha256: str, listed: Collection[str]) -> Photo:
    if not re.fullmatch(r"[0-9a-f]{64}", sha256) or sha256 not in listed:
        abort(404)
    photo = db.session.scalar(select(Photo).where(Photo.sha256 == sha256))
    if photo is None:
        abort(404)
    return photo


def _inert(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return response
