"""The books against each other: audit, receipts, claims, rows and photos each know what the others hold."""

from collections import Counter
from collections.abc import Iterator

from sqlalchemy import Connection, Select, String, case, cast, except_, func, literal, select, union, union_all

from ..models import Activity, AuditRow, Claim, Photo, Receipt, Visit, VisitPhoto
from .findings import Finding, finding
from .reading import bare, stream, text

_AUDITED = select(
    AuditRow.kind, AuditRow.subject_id, cast(AuditRow.detail["digest"].as_string(), String(64)).label("digest")
).where(AuditRow.what == "took_in")
_RECEIPTS = select(Receipt.kind, Receipt.subject_id, Receipt.digest)
_ANSWERED = select(Receipt.kind, bare(Receipt.subject_id), Receipt.revision, Receipt.digest).where(
    Receipt.kind != "photo"
)
_CLAIMS = select(Claim.kind, bare(Claim.subject_id), Claim.revision, Claim.digest)
_NEWEST = select(Claim.kind, bare(Claim.subject_id), func.max(Claim.revision)).group_by(Claim.kind, Claim.subject_id)
_VISITS = select(literal("visit"), bare(Visit.id), Visit.revision)
_ACTIVITIES = select(literal("activity"), bare(Activity.id), Activity.revision)
_PHOTOS = select(literal("photo"), Photo.sha256)
# A venue's owner has no phone of ours: the audit row stands for the receipt.
_RECEIPTED = select(
    union(
        select(Receipt.kind, Receipt.subject_id).where(Receipt.kind == "photo"),
        select(AuditRow.kind, AuditRow.subject_id).where(AuditRow.what == "owner_sent"),
    ).subquery()
)

# code of the finding: what is in the first book and not in the second
BOOKS: dict[str, tuple[Select, Select]] = {
    "receipt_unrecorded": (_RECEIPTS, _AUDITED),
    "receipt_gone": (_AUDITED, _RECEIPTS),
    "claim_gone": (_ANSWERED, _CLAIMS),
    "claim_unreceipted": (_CLAIMS, _ANSWERED),
    "row_unclaimed": (_VISITS, _NEWEST),
    "photo_row_gone": (_RECEIPTED, _PHOTOS),
    "photo_unreceipted": (_PHOTOS, _RECEIPTED),
}


def check(connection: Connection, _counts: Counter) -> Iterator[Finding]:
    for code, (first, second) in BOOKS.items():
        for row in stream(connection, except_(first, second)):
            yield finding(code, row[1] if "photo" in code else f"{row[0]} {row[1]}")
    rows = select(union_all(_VISITS, _ACTIVITIES).subquery())
    for row in stream(connection, except_(_NEWEST, rows)):
        yield finding("row_gone", f"{row[0]} {row[1]}")


def check_missing(connection: Connection, _counts: Counter) -> Iterator[Finding]:
    """visit.missing is a count kept by hand; here it is counted."""
    absent = func.coalesce(func.sum(case((VisitPhoto.sha256.is_not(None) & Photo.sha256.is_(None), 1), else_=0)), 0)
    rows = select(text(Visit.id), Visit.missing, absent.label("absent")).outerjoin(VisitPhoto)
    rows = rows.outerjoin(Photo, Photo.sha256 == VisitPhoto.sha256).group_by(Visit.id, Visit.missing)
    for row in stream(connection, rows.having(Visit.missing != absent)):
        yield finding("missing_miscounted", row.id, said=row.missing, true=row.absent)
