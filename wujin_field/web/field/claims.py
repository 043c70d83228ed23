"""PUT /sync/visits/<id> and /sync/activities/<id>."""

import base64
import binascii
import hashlib
import re
from datetime import datetime

from flask import Response, current_app, request

from ...canonical import plain
from ...config import CLAIM_BYTES_MAX
from ...db import from_ms
from ...sync.envelope import TIME_MAX, Refused
from ...sync.intake import Outcome, Sender
from ...sync.receipt import from_base64url
from .. import guard, limits, problems
from . import sync


@sync.put("/visits/<uuid:subject>")
def put_visit(subject: object) -> Response:
    return _take("visit", str(subject))


@sync.put("/activities/<uuid:subject>")
def put_activity(subject: object) -> Response:
    return _take("activity", str(subject))


def answer(outcome: Outcome) -> Response:
    """The receipt, and beside it, unsigned, what is still missing; or the conflict."""
    if outcome.code:
        return problems.refuse(outcome.status, outcome.code)
    body = plain(outcome.receipt | {"missing": list(outcome.missing)})
    return Response(body, outcome.status, mimetype="application/json")


def sender() -> Sender:
    """Who sends, and what their clock says now (header Wujin-Clock, ms since 1970 UTC)."""
    who = guard.sending()
    return Sender(who.id, who.person_id, _clock(request.headers.get("Wujin-Clock", "")))


def _clock(said: str) -> datetime | None:
    """A clock beyond the year 2100 corrects nothing: a calendar has no year before 1."""
    return from_ms(int(said)) if re.fullmatch(r"[0-9]{1,13}", said) and int(said) <= TIME_MAX else None


def whole_length(limit: int, too_large: str) -> int:
    """The announced length in bytes. Raises Refused: 411 without one, 413 over the limit."""
    length = request.content_length
    if length is None:
        raise Refused(411, "length_required")
    if length > limit:
        raise Refused(413, too_large)
    return length


def _take(kind: str, subject_id: str) -> Response:
    length = whole_length(CLAIM_BYTES_MAX, "claim_too_large")
    with limits.upload(kind, subject_id):
        body = _read_body(length)
        intake, signature = current_app.extensions["intake"], _signature()
        if guard.revoked():
            return answer(intake.keep_aside(kind, subject_id, body, sender(), "phone_stopped", signature))
        return answer(intake.take_claim(kind, subject_id, body, sender(), signature))


def _read_body(length: int) -> bytes:
    body = request.stream.read(length)
    # gunicorn hands a half-closed upload over as if it were whole; only counting tells (reference M1).
    if len(body) != length:
        raise Refused(400, "cut_short")
    if hashlib.sha256(body).digest() != _announced_digest():
        raise Refused(422, "digest_differs")
    return body


def _announced_digest() -> bytes:
    """RFC 9530: Content-Digest: sha-256=:base64:"""
    found = re.search(r"sha-256=:([A-Za-z0-9+/]{43}=):", request.headers.get("Content-Digest", ""))
    if not found:
        raise Refused(400, "digest_missing")
    return base64.b64decode(found[1])


def _signature() -> bytes | None:
    try:
        return from_base64url(request.headers.get("Wujin-Signature", "")) or None
    except (ValueError, binascii.Error):
        return None
