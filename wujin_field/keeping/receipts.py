"""Every receipt: our own signature over its body, and its row saying the same as its body."""

from collections import Counter
from collections.abc import Callable, Iterator

from sqlalchemy import Connection, Row, select

from ..canonical import canonical
from ..models import Receipt
from ..sync.receipt import from_base64url, verifies
from .findings import Finding, finding
from .reading import ms, parsed, same, stream, text

ROWS = select(
    Receipt.server_seq, Receipt.kind, Receipt.subject_id, Receipt.revision, Receipt.digest,
    ms(Receipt.received_at), text(Receipt.body),
).order_by(Receipt.server_seq)  # fmt: skip


def checker(public_key: str) -> Callable[[Connection, Counter], Iterator[Finding]]:
    """The check against this instance's key (base64url, as the phones keep it)."""
    key = from_base64url(public_key)

    def check(connection: Connection, counts: Counter) -> Iterator[Finding]:
        for row in stream(connection, ROWS):
            counts["receipts"] += 1
            body = parsed(row.body)
            if not isinstance(body, dict) or not _signed(body, key):
                yield finding("receipt_altered", row.server_seq, why="its signature is not this station's")
            elif wrong := _differing(row, body):
                yield finding("receipt_altered", row.server_seq, why=f"row and signed body differ in {wrong}")

    return check


def _signed(body: dict, key: bytes) -> bool:
    statement = {name: value for name, value in body.items() if name != "sig"}
    try:
        return verifies(key, from_base64url(body["sig"]), canonical(statement))
    except (KeyError, TypeError, ValueError, AttributeError):
        return False


def _differing(row: Row, body: dict) -> str:
    names = {"subject_id": "id"}
    fields = ("server_seq", "kind", "subject_id", "revision", "digest", "received_at")
    return ", ".join(name for name in fields if not same(getattr(row, name), body.get(names.get(name, name))))
