"""The rows that reports count: each field of a newest visit or activity against the claim it was made from."""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, Select, select

from ..models import Activity, Claim, Device, Visit, VisitPhoto
from ..sync.envelope import ActivityClaim, AnyClaim, PhotoLine, VisitClaim
from ..sync.receipt import verifies
from ..sync.rows import SAME_NAMED
from .findings import Finding, finding
from .reading import bare, ms, parsed, same, stream, text

JSON = {"topics", "audiences", "participants", "channels", "answers", "team", "materials", "enforcement",
        "asked"}  # fmt: skip
ACTIVITY = (*SAME_NAMED, "asked")
VISIT = ("template", "template_version", "scanned_code", "answers", "team", "materials", "enforcement", "refused",
         "note")  # fmt: skip
PHOTO = ("role", "caption", "item", "capture", "no_position")
POSITION = ("lat_e7", "lon_e7", "accuracy_m", "age_ms")


def activities(connection: Connection, counts: Counter) -> Iterator[Finding]:
    columns = [_column(Activity, name) for name in ACTIVITY]
    for row in stream(connection, _beside_claims("activity", Activity, columns)):
        counts["activities"] += 1
        claim = _read(row.claim, ActivityClaim)
        if claim and (wrong := [*_differing(row, claim, ACTIVITY), *_common(row)]):
            yield finding("row_altered", f"activity {row.id}", why=", ".join(wrong))


def visits(connection: Connection, counts: Counter) -> Iterator[Finding]:
    columns = [_column(Visit, name) for name in VISIT]
    more = [ms(Visit.started_at), ms(Visit.ended_at), Visit.clock_offset_ms, bare(Visit.activity_id), ms(Visit.signed),
            Claim.signature, Device.public_key]  # fmt: skip
    for row in stream(connection, _beside_claims("visit", Visit, [*columns, *more])):
        counts["visits"] += 1
        claim = _read(row.claim, VisitClaim)
        if claim and (wrong := [*_differing(row, claim, VISIT), *_common(row), *_more(connection, row, claim)]):
            yield finding("row_altered", f"visit {row.id}", why=", ".join(wrong))


def _beside_claims(kind: str, table: type[Activity] | type[Visit], columns: list) -> Select:
    """Each row with the claim of its own revision."""
    ours = (Claim.kind == kind) & (Claim.subject_id == table.id) & (Claim.revision == table.revision)
    heads = [text(table.id), table.digest, Claim.digest.label("claimed"), Claim.body.label("claim"),
             bare(table.author_id), bare(Device.person_id).label("owner_id")]  # fmt: skip
    return select(*heads, *columns).join(Claim, ours).join(Device, Device.id == Claim.device_id)


def _column(table: Any, name: str) -> Any:
    column = getattr(table, name)
    return text(column) if name in JSON else column


def _read(body: bytes, shape: Callable) -> Any:
    """The claim, or nothing: `claims` has already said that these are not the phone's bytes."""
    try:
        return msgspec.json.decode(body, type=shape)
    except (msgspec.DecodeError, TypeError):
        return None


def _differing(row: Row, claim: AnyClaim, names: tuple[str, ...]) -> list[str]:
    return [name for name in names if not same(_stored(row, name), msgspec.to_builtins(getattr(claim, name)))]


def _stored(row: Row, name: str) -> Any:
    value = getattr(row, name)
    return parsed(value) if name in JSON else value


def _common(row: Row) -> list[str]:
    wrong = {"digest": row.digest != row.claimed, "author": row.author_id != row.owner_id}
    return [name for name, is_wrong in wrong.items() if is_wrong]


def _more(connection: Connection, row: Row, claim: VisitClaim) -> list[str]:
    signed = bool(row.public_key and row.signature and verifies(row.public_key, row.signature, row.claim))
    wrong = {
        "started_at": row.started_at != claim.started_at + row.clock_offset_ms,
        "ended_at": row.ended_at != claim.ended_at + row.clock_offset_ms,
        "activity": row.activity_id != claim.activity.replace("-", ""),
        "signed": row.signed != signed,
        "photos": not same(
            _photo_rows(connection, row), [[n, *_photo_line(photo, row)] for n, photo in enumerate(claim.photos)]
        ),
    }
    return [name for name, is_wrong in wrong.items() if is_wrong]


def _photo_rows(connection: Connection, row: Row) -> list[list]:
    columns = [getattr(VisitPhoto, name) for name in (*PHOTO, *POSITION)]
    mine = select(VisitPhoto.position, VisitPhoto.sha256, ms(VisitPhoto.taken_at), *columns).where(
        VisitPhoto.visit_id == row.id
    )
    return [list(line) for line in connection.execute(mine.order_by(VisitPhoto.position))]


def _photo_line(photo: PhotoLine, row: Row) -> list:
    where = msgspec.structs.asdict(photo.position) if photo.position else {}
    told = [getattr(photo, name) for name in PHOTO]
    return [photo.sha256, photo.taken_at + row.clock_offset_ms, *told, *(where.get(name) for name in POSITION)]
