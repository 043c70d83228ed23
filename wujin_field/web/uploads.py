"""A picture that somebody chose in a form: the same gate and the same vault as a phone's."""

import hashlib
from collections.abc import Callable
from pathlib import Path

from flask import current_app, request
from werkzeug.datastructures import FileStorage

from ..config import PHOTO_BYTES_MAX
from ..sync.envelope import Refused
from ..sync.gate import Header, read_header
from . import limits

FORM_OVERHEAD = 64 * 1024
Note = Callable[[str, int, Header], object]


def allow_a_photo() -> None:
    """Before the form is read: it may hold one picture."""
    request.max_content_length = PHOTO_BYTES_MAX + FORM_OVERHEAD


def chosen(name: str) -> FileStorage | None:
    """The file of this field, or None when nothing was chosen."""
    file = request.files.get(name)
    return file if file and file.filename else None


def keep(file: FileStorage, note: Note) -> str:
    """Its digest, once the vault has it and note(digest, bytes, header) has written it down. Raises Refused, OSError."""
    if limits.crowded(current_app.config["SETTINGS"]):
        raise Refused(507, "disk_full")
    vault, body = current_app.extensions["vault"], file.stream.read(PHOTO_BYTES_MAX + 1)
    if len(body) > PHOTO_BYTES_MAX:
        raise Refused(413, "photo_too_large")
    sha256 = hashlib.sha256(body).hexdigest()
    with vault.incoming() as place:
        try:
            place.write(body)
            place.flush()
            header = read_header(Path(place.name))
            vault.keep(place, sha256)
        finally:
            Path(place.name).unlink(missing_ok=True)
    note(sha256, len(body), header)
    return sha256
