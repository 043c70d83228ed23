"""Every finding of `wujin verify`: how bad it is, its sentence, what to do."""

import re
from dataclasses import dataclass

WARNING, BROKEN = "warning", "broken"
_LOOK = "compare with a backup from before; keep both"
_BACK = "put it back from a backup, or run `wujin verify --mark` so that the phone is asked for it"
_ASK = "ask whoever carries this phone; nothing needs repair"

# code: (how bad, sentence, what to do)
CATALOGUE = {
    "database_unreadable": (BROKEN, "the database cannot be read: {why}", "restore the last backup into a new folder"),
    "audit_altered": (BROKEN, "audit row {subject} is not what its hash was made from", _LOOK),
    "audit_cut": (BROKEN, "audit row {subject} does not follow the row before it: one was removed or moved", _LOOK),
    "receipt_altered": (BROKEN, "receipt {subject}: {why}", _LOOK),
    "receipt_unrecorded": (BROKEN, "a receipt for {subject} is in no audit row", _LOOK),
    "receipt_gone": (BROKEN, "the audit chain took in {subject}, its receipt is gone", _LOOK),
    "claim_altered": (BROKEN, "{subject}: {why}", _LOOK),
    "claim_gone": (BROKEN, "{subject} was receipted, its claim is gone", _LOOK),
    "claim_unreceipted": (BROKEN, "{subject} is stored but was never receipted", _LOOK),
    "row_altered": (BROKEN, "{subject} differs from what the phone said: {why}", "its claim is still whole: compare"),
    "row_gone": (BROKEN, "{subject} has a claim but no row", "its claim is still whole: compare with a backup"),
    "row_unclaimed": (BROKEN, "{subject} has a row but no phone ever sent it", _LOOK),
    "sealed_altered": (BROKEN, "{subject} is not what the audit chain sealed", _LOOK),
    "sealed_gone": (BROKEN, "{subject} was sealed in the audit chain and is gone", _LOOK),
    "chain_shorter": (BROKEN, "the audit chain has {count} rows; a checkpoint of {at} counted {said}", _LOOK),
    "chain_other": (BROKEN, "the audit chain is not the one that a checkpoint of {at} signed at row {said}", _LOOK),
    "checkpoint_altered": (BROKEN, "checkpoint {subject}: {why}", _LOOK),
    "missing_miscounted": (BROKEN, "visit {subject} says {said} photos are missing, in truth {true}", _LOOK),
    "ruling_miscounted": (BROKEN, "visit {subject} says that revision {said} was ruled on, in truth it was {true}", _LOOK),
    "photo_damaged": (BROKEN, "photo {subject}: its bytes changed", _BACK),
    "photo_gone": (BROKEN, "photo {subject}: its bytes are gone", _BACK),
    "photo_row_altered": (BROKEN, "photo {subject} holds {true} bytes, its row says {said}", _LOOK),
    "photo_row_gone": (BROKEN, "photo {subject} was receipted, its row is gone", _LOOK),
    "photo_unreceipted": (BROKEN, "photo {subject} has a row but was never receipted", _LOOK),
    "photo_healed": (WARNING, "photo {subject} is marked as damaged or missing and is whole", "`wujin verify --mark` clears it"),
    "device_gap": (WARNING, "phone {subject}: claims {first} to {last} never came", _ASK),
    "device_fork": (WARNING, "phone {subject}: two claims with number {seq}: {digests}", _ASK),
    "device_break": (WARNING, "phone {subject}: claim {seq} does not name the one before it", _ASK),
    "set_aside": (WARNING, "claims set aside that wait for a person's decision: {subject}", "decide them"),
    "orphans": (WARNING, "stored files older than 30 days that no row knows: {subject}", "`wujin sweep` removes them"),
}  # fmt: skip


@dataclass(frozen=True)
class Finding:
    """subject: what it is about, an id or a digest; never a name."""

    code: str
    level: str
    subject: str
    text: str
    todo: str


def finding(code: str, subject: object, **facts: object) -> Finding:
    (level, sentence, todo), named = CATALOGUE[code], _as_ids(str(subject))
    return Finding(code, level, named, sentence.format(subject=named, **facts), todo)


def _as_ids(text: str) -> str:
    """Ids with their dashes, whichever way the database keeps them."""
    return re.sub(r"\b([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})\b", r"\1-\2-\3-\4-\5", text)
