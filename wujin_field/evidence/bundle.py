"""One visit as a zip that somebody who does not trust us can check: claims, signatures, receipts, photos, the audit path.

The path runs from the first row that names the record to the next checkpoint; a verifier in the standard library lies beside.
"""

import hashlib
import io
import zipfile
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from importlib.resources import files

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from ..canonical import canonical
from ..db import to_ms
from ..models import AuditRow, Checkpoint, Claim, Device, Receipt, Visit
from ..models.journal import GENESIS
from ..sync.receipt import Signer, base64url
from .checkpoints import make_checkpoint
from .found import current

WHEN = (2026, 1, 1, 0, 0, 0)  # in the zip's own directory; the times that count stand in the receipts
README = """五进现场证据包 · an evidence bundle

python3 verify.py 这个文件.zip [消防工作站的公钥]
python3 verify.py THIS.zip [the station's public key]

不需要联网，不需要安装别的东西。No network, nothing to install.
"""


def bundle(
    session: Session, signer: Signer, visit: Visit, picture: Callable[[str], tuple[bytes, bool] | None], now: datetime
) -> bytes:
    """picture(sha256) → (bytes, is it a copy?) or None. Writes a checkpoint when none was made since; the caller commits."""
    claims = _claims(session, visit)
    parts: dict[str, bytes] = {}
    photos = [
        _photo(session, sha256, picture, parts) for sha256 in dict.fromkeys(photo.sha256 for photo in visit.photos)
    ]
    for claim, body in claims:
        parts[claim["file"]] = body
    lines = [claim for claim, _ in claims], [photo for photo in photos if photo["receipt"]]
    rows, checkpoint = _path(session, signer, [line["receipt"] for some in lines for line in some], now)
    book = signer.signed({
        "kind": "bundle", "visit": visit.id, "made_at": to_ms(now), "station_key": signer.public_key,
        "claims": lines[0], "photos": lines[1], "audit": rows, "checkpoint": checkpoint,
        "findings": Counter(row.level for row in current(session, visit)),
        "files": {name: hashlib.sha256(body).hexdigest() for name, body in parts.items()},
    })  # fmt: skip
    return _zipped({"bundle.json": canonical(book), "verify.py": verifier(), "README.txt": README.encode(), **parts})


def verifier() -> bytes:
    return files("wujin_field").joinpath("keeping/bundle_verifier.py").read_bytes()


def _claims(session: Session, visit: Visit) -> list[tuple[dict, bytes]]:
    """Every revision of the visit, and its activity's."""
    about = or_((Claim.kind == "visit") & (Claim.subject_id == visit.id),
                (Claim.kind == "activity") & (Claim.subject_id == visit.activity_id))  # fmt: skip
    rows = select(Claim, Device.public_key).join(Device, Device.id == Claim.device_id).where(about)
    return [
        (_claim(session, claim, key), claim.body)
        for claim, key in session.execute(rows.order_by(Claim.kind, Claim.revision))
    ]


def _claim(session: Session, claim: Claim, key: bytes | None) -> dict:
    receipt = _receipt(session, claim.kind, claim.subject_id, claim.revision)
    return {"file": f"claims/{claim.kind}-{claim.revision}.json", "receipt": receipt,
            "signature": base64url(claim.signature) if claim.signature else None,
            "device_key": base64url(key) if key else None}  # fmt: skip


def _photo(session: Session, sha256: str, picture: Callable, parts: dict[str, bytes]) -> dict:
    found, name = picture(sha256), f"photos/{sha256[:16]}.jpg"
    if found:
        parts[name] = found[0]
    return {"sha256": sha256, "file": name if found else None, "copy": bool(found and found[1]),
            "receipt": _receipt(session, "photo", sha256, 1)}  # fmt: skip


def _receipt(session: Session, kind: str, subject_id: str, revision: int) -> dict | None:
    rows = select(Receipt.body).where(
        Receipt.kind == kind, Receipt.subject_id == subject_id, Receipt.revision == revision
    )
    return session.scalar(rows.order_by(Receipt.server_seq).limit(1))


def _path(session: Session, signer: Signer, receipts: list[dict], now: datetime) -> tuple[list[dict], dict]:
    taken = select(AuditRow.seq).where(
        AuditRow.what == "took_in", AuditRow.subject_id.in_([line["id"] for line in receipts])
    )
    seqs = list(session.scalars(taken.order_by(AuditRow.seq)))
    checkpoint, last = _checkpoint_after(session, signer, seqs[-1], now)
    rows = session.scalars(select(AuditRow).where(AuditRow.seq.between(seqs[0], last)).order_by(AuditRow.seq))
    return [_told(row) for row in rows], checkpoint


def _checkpoint_after(session: Session, signer: Signer, seq: int, now: datetime) -> tuple[dict, int]:
    """The first one whose head stands at or behind this row, and that head's number."""
    heads = select(Checkpoint.body, AuditRow.seq).join(AuditRow, AuditRow.hash == Checkpoint.head)
    found = session.execute(heads.where(AuditRow.seq >= seq).order_by(AuditRow.seq).limit(1)).first()
    if found:
        return found.body, found.seq
    newest = session.scalar(select(func.max(AuditRow.seq))) or 0
    return make_checkpoint(session, signer, now).body, newest


def _told(row: AuditRow) -> dict:
    return {"seq": row.seq, "at": to_ms(row.at), "who": row.who, "what": row.what, "kind": row.kind,
            "subject_id": row.subject_id, "detail": row.detail, "prev": row.prev or GENESIS, "hash": row.hash}  # fmt: skip


def _zipped(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in parts.items():
            archive.writestr(zipfile.ZipInfo(name, WHEN), body, zipfile.ZIP_DEFLATED)
    return out.getvalue()
