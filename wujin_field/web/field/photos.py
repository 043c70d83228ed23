"""PUT and HEAD /sync/photos/<sha256>: raw bytes whose address is their digest."""

import hashlib
import os
import re
from contextlib import suppress
from functools import partial
from typing import BinaryIO

from flask import Response, abort, current_app, request

from ...config import PHOTO_BYTES_MAX
from ...db import db
from ...sync.aside import lists_photo
from ...sync.envelope import Refused
from ...sync.gate import read_header
from ...sync.intake import LOST, photo_receipt
from ...sync.statements import FAULT_OF_PHOTO
from .. import guard, limits, problems
from . import sync
from .claims import answer, sender, whole_length

CHUNK = 64 * 1024


@sync.route("/photos/<sha256>", methods=["HEAD"])
def has_photo(sha256: str) -> Response:
    """Did this phone send it before, and is it whole? Nobody can ask after other people's pictures."""
    connection, vault = db.session.connection(), current_app.extensions["vault"]
    sent = _is_digest(sha256) and photo_receipt(connection, sha256, guard.caller().id)
    fault = connection.execute(FAULT_OF_PHOTO, {"the_sha256": sha256}).scalar()
    if not sent or fault in LOST or not vault.has(sha256):
        abort(404)
    return Response(status=200)


@sync.put("/photos/<sha256>")
def put_photo(sha256: str) -> Response:
    if not _is_digest(sha256):
        abort(404)
    length, vault = whole_length(PHOTO_BYTES_MAX, "photo_too_large"), current_app.extensions["vault"]
    if guard.revoked() and not lists_photo(db.session(), guard.sending().id, sha256):
        return problems.refuse(409, "phone_stopped")
    with limits.upload("photo", sha256):
        with vault.incoming() as file:
            try:
                _receive(file, length, sha256)
                header = read_header(file)
                fresh = vault.keep(file, sha256)
            finally:
                with suppress(FileNotFoundError):  # the vault moved it to its place
                    os.unlink(file.name)
        still = None if fresh else partial(vault.has, sha256)
        return answer(current_app.extensions["intake"].take_photo(sha256, length, header, sender(), still=still))


def _receive(file: BinaryIO, length: int, sha256: str) -> None:
    """Stream the body into `file`, counting and hashing. Raises Refused for a cut or an altered one."""
    digest, left, body = hashlib.sha256(), length, request.environ["wsgi.input"]
    while left and (chunk := body.read(min(CHUNK, left))):
        digest.update(chunk)
        file.write(chunk)
        left -= len(chunk)
    if left:
        raise Refused(400, "cut_short")
    if digest.hexdigest() != sha256:
        raise Refused(422, "digest_differs")
    file.flush()


def _is_digest(text: str) -> bool:
    return re.fullmatch(r"[0-9a-f]{64}", text) is not None
