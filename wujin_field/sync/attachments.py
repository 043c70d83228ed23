"""A file that comes in at the desk: into the vault like a photo, known by a row like a photo, without a phone's receipt."""

import hashlib
from pathlib import Path
from typing import BinaryIO

from sqlalchemy.orm import Session

from ..db import utc_now
from ..models import Photo
from .envelope import Refused
from .gate import Header, read_header
from .vault import Vault

BYTES_MAX = 20 * 1024 * 1024
CHUNK = 256 * 1024
# What a document must begin with, whatever its name says. Office files are zips; macros never run here, they are handed on.
DOCUMENTS = {
    ".pdf": (b"%PDF-", "application/pdf"),
    ".docx": (b"PK\x03\x04", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ".xlsx": (b"PK\x03\x04", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ".pptx": (b"PK\x03\x04", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
    ".mp3": (b"", "audio/mpeg"),
    ".mp4": (b"", "video/mp4"),
}
ACCEPTED = (".jpg", ".jpeg", ".png", ".webp", *DOCUMENTS)


def keep(vault: Vault, stream: BinaryIO, name: str) -> tuple[str, int, Header]:
    """Digest, bytes and type, once the vault has it durably. Raises Refused: 413 too large, 415 of no kind we take."""
    with vault.incoming() as file:
        try:
            sha256, size = _copy(stream, file)
            header = _kind(Path(file.name), name)
            vault.keep(file, sha256)
        finally:
            Path(file.name).unlink(missing_ok=True)
    return sha256, size, header


def know(session: Session, sha256: str, size: int, header: Header) -> None:
    """A row for it, so that backup, verify and sweep treat it like everything else in the vault. A document has no pixels."""
    if session.get(Photo, sha256) is None:
        looked_at = None if header.width else utc_now()
        session.add(Photo(sha256=sha256, bytes=size, received_at=utc_now(), examined_at=looked_at, **vars(header)))


def _copy(stream: BinaryIO, file: BinaryIO) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    while chunk := stream.read(CHUNK):
        size += len(chunk)
        if size > BYTES_MAX:
            raise Refused(413, "file_too_large")
        digest.update(chunk)
        file.write(chunk)
    file.flush()
    return digest.hexdigest(), size


def _kind(path: Path, name: str) -> Header:
    suffix = Path(name).suffix.lower()
    if suffix not in DOCUMENTS:
        return read_header(path)
    begins, media_type = DOCUMENTS[suffix]
    with path.open("rb") as file:
        if not file.read(8).startswith(begins):
            raise Refused(415, "not_what_its_name_says")
    return Header(media_type, 0, 0)
