"""What a visit said before it was corrected: every revision stays readable, read from the very bytes that the phone sent."""

import json

from flask import Response, abort
from sqlalchemy import select

from ...db import db, from_ms
from ...models import Checklist, Claim, Visit
from .. import guard
from ..pages import show
from . import supervisor
from .finding import find


@supervisor.get("/visits/<uuid:visit_id>/revisions/<int:revision>")
def revision(visit_id: object, revision: int) -> Response:
    subject = find(str(visit_id))
    row = db.session.scalar(_claims(subject).where(Claim.revision == revision))
    if row is None:
        abort(404)
    said = json.loads(row.body)
    return show("supervisor/revision.html", visit=subject, said=said, claim=row, items=_items(said), from_ms=from_ms,
                who=guard.person())  # fmt: skip


def earlier(subject: Visit) -> list[int]:
    """The revisions before the one that stands."""
    return list(range(subject.revision - 1, 0, -1))


def photos_ever(subject: Visit) -> set[str]:
    """Of every revision: what a correction left out was evidence once."""
    listed = {photo.sha256 for photo in subject.photos}
    if subject.revision > 1:
        for row in db.session.scalars(_claims(subject)):
            listed |= {photo["sha256"] for photo in json.loads(row.body).get("photos", [])}
    return listed


def _claims(subject: Visit):  # type: ignore[no-untyped-def]
    return select(Claim).where(Claim.kind == "visit", Claim.subject_id == subject.id)


def _items(said: dict) -> list[tuple[dict, dict]]:
    row = (
        db.session.get(Checklist, (said.get("template"), said.get("template_version")))
        if said.get("template")
        else None
    )
    known = {item["code"]: item for item in (row.body.get("item", []) if row else [])}
    return [(known.get(code, {"zh": code}), answer) for code, answer in said.get("answers", {}).items()]
