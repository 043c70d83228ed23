"""Reading the zip that a phone writes (static/js/outbox/rescue.js). Nothing in it is believed, no name touches the disk.

Our writer stores and never compresses, so a bomb has nothing to unfold with; all sizes are bounded before anything is read.
"""

import os
import struct
from typing import Annotated, BinaryIO, Literal
from zipfile import ZIP_STORED, BadZipFile, ZipFile

import msgspec
from msgspec import Meta, Struct

from .envelope import Id, Refused, Sha256

BACKUP_BYTES_MAX = 400 * 1024 * 1024  # two weeks of a busy phone
FILES_MAX, LISTING_MAX, MANIFEST_MAX = 5000, 1024 * 1024, 4 * 1024 * 1024
END, FAR_END = b"PK\5\6", b"PK\6\7"
ENCRYPTED = 1


class ClaimItem(Struct, tag_field="kind"):
    id: Id
    digest: Sha256
    revision: Annotated[int, Meta(ge=1, le=1000)]
    signature: Annotated[str, Meta(max_length=100)] | None = None

    @property
    def kind(self) -> str:
        return str(self.__struct_config__.tag)

    @property
    def file(self) -> str:
        return f"claims/{self.kind}-{self.id}-{self.revision}.json"


class ActivityItem(ClaimItem, tag="activity"):
    pass


class VisitItem(ClaimItem, tag="visit"):
    pass


class PhotoItem(Struct, tag_field="kind", tag="photo"):
    id: Sha256

    @property
    def file(self) -> str:
        return f"photos/{self.id}.jpg"


class Manifest(Struct):
    format: Literal["wujin-rescue"]
    version: Literal[1]
    items: Annotated[list[ActivityItem | VisitItem | PhotoItem], Meta(max_length=FILES_MAX)]


MANIFEST = msgspec.json.Decoder(Manifest)  # made before any thread needs it: see envelope.SHAPES


class BackupFile:
    """An open backup. Raises Refused when it is none, is cut, or is larger than any phone writes."""

    def __init__(self, file: BinaryIO):
        _check_listing(file)
        try:
            self._zip = ZipFile(file)
        except (BadZipFile, ValueError, OverflowError, NotImplementedError) as error:
            raise Refused(422, "backup_cut") from error
        if sum(entry.file_size for entry in self._zip.infolist()) > BACKUP_BYTES_MAX:
            raise Refused(413, "backup_too_large")
        self._items = self._manifest().items

    def claims(self) -> list[ClaimItem]:
        return [item for item in self._items if not isinstance(item, PhotoItem)]

    def photos(self) -> list[PhotoItem]:
        return [item for item in self._items if isinstance(item, PhotoItem)]

    def read(self, name: str, most: int) -> bytes:
        """Raises Refused: not there, packed by another program, larger than `most` bytes, or not as it was written."""
        try:
            entry = self._zip.getinfo(name)
            if entry.compress_type != ZIP_STORED or entry.flag_bits & ENCRYPTED:
                raise Refused(422, "repacked")
            if entry.file_size > most:
                raise Refused(413, "file_too_large")
            with self._zip.open(entry) as file:
                return file.read(most)
        except KeyError as error:
            raise Refused(422, "file_missing") from error
        except (BadZipFile, EOFError, ValueError, NotImplementedError, struct.error) as error:
            raise Refused(422, "file_damaged") from error

    def _manifest(self) -> Manifest:
        try:
            return MANIFEST.decode(self.read("manifest.json", MANIFEST_MAX))
        except (Refused, msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
            raise Refused(422, "no_backup") from error


def _check_listing(file: BinaryIO) -> None:
    """zipfile reads the whole listing into memory. Ours ends the file, without a comment and without zip64."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - 42))
    tail = file.read()
    if len(tail) < 22 or tail[-22:-18] != END or tail.startswith(FAR_END):
        raise Refused(422, "backup_cut" if tail else "no_backup")
    count, listing = struct.unpack("<HL", tail[-12:-6])
    if count > FILES_MAX or listing > LISTING_MAX:
        raise Refused(413, "backup_too_large")
