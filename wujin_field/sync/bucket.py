"""The vault in an S3 bucket. Nothing counts as kept until the store has shown that it holds these very bytes."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import urlsplit

from ..config import ConfigError
from .vault import Blob, Spool, VaultAway, is_digest, layout

try:
    import obstore
    from obstore.exceptions import BaseError
    from obstore.store import S3Store
except ImportError as error:
    raise ConfigError(
        "WUJIN_PHOTO_STORE names a bucket, and its library is missing; run pip install 'wujin-field[s3]'"
    ) from error

# A phone waits about a minute. Three tries, each bounded, and the reading back fit into that.
CLIENT: Any = {"allow_http": True, "connect_timeout": "3s", "timeout": "15s"}
RETRY: Any = {
    "max_retries": 2, "retry_timeout": timedelta(seconds=15),
    "backoff": {"init_backoff": timedelta(milliseconds=100), "max_backoff": timedelta(seconds=2), "base": 2},
}  # fmt: skip


class BucketVault:
    """address: s3://bucket/prefix; keys, region and endpoint are the usual AWS_* variables."""

    def __init__(self, address: str, spool: Path):
        parts = urlsplit(address)
        try:
            self._store = S3Store(
                parts.netloc, prefix=parts.path.strip("/") or None, config={"checksum_algorithm": "SHA256"},
                client_options=CLIENT, retry_config=RETRY,
            )  # type: ignore[call-overload]  # fmt: skip
        except (BaseError, ValueError) as error:
            raise ConfigError(f"WUJIN_PHOTO_STORE is {address!r}, and {_first_line(error)}") from error
        self._spool = Spool(spool)

    def incoming(self) -> BinaryIO:
        return self._spool.new()

    def keep(self, file: BinaryIO, sha256: str) -> bool:
        """Raises VaultAway when the store does not answer, or shows other bytes than these."""
        file.flush()
        body = Path(file.name).read_bytes()
        fresh = self._stored_now(body, sha256)
        if not fresh and not self._holds(sha256):
            self._replace(body, sha256)
        return fresh

    def has(self, sha256: str) -> bool:
        with _answering(), suppress(FileNotFoundError):
            obstore.head(self._store, layout(sha256))
            return True
        return False

    def open(self, sha256: str) -> BinaryIO:
        with _answering():
            return BytesIO(bytes(obstore.get(self._store, layout(sha256)).bytes()))

    def blobs(self) -> Iterator[Blob]:
        with _answering():
            for page in obstore.list(self._store):
                named = ((meta["path"].rpartition("/")[2], meta) for meta in page)
                yield from (Blob(name, meta["size"], meta["last_modified"]) for name, meta in named if is_digest(name))

    def remove(self, sha256: str) -> None:
        with _answering(), suppress(FileNotFoundError):
            obstore.delete(self._store, layout(sha256))

    def _stored_now(self, body: bytes, sha256: str) -> bool:
        """True when the store took it and vouches for the bytes; False leaves it open what is there now."""
        try:
            # Create-only: a photo that was acknowledged is never overwritten, by nobody.
            answer = obstore.put(self._store, layout(sha256), body, mode="create")
        except (BaseError, FileNotFoundError):
            return False  # there already, or written although the answer got lost: the reading back decides
        return (answer["e_tag"] or "").strip('"') == hashlib.md5(body, usedforsecurity=False).hexdigest()

    def _holds(self, sha256: str) -> bool:
        """Believe what is read back, and nothing else. False for other bytes under this name."""
        try:
            with self.open(sha256) as file:
                return hashlib.sha256(file.read()).hexdigest() == sha256
        except FileNotFoundError as error:
            raise VaultAway("the bucket did not take the photo") from error

    def _replace(self, body: bytes, sha256: str) -> None:
        """What lies there went bad; these bytes bear the name rightly."""
        with _answering():
            obstore.put(self._store, layout(sha256), body, mode="overwrite")
        if not self._holds(sha256):
            raise VaultAway(f"the bucket holds other bytes under {sha256}")


@contextmanager
def _answering() -> Iterator[None]:
    try:
        yield
    except BaseError as error:
        raise VaultAway(f"the bucket does not answer: {_first_line(error)}") from error


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0]
