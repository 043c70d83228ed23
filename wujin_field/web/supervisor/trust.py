"""What somebody who does not trust us takes away: one visit as a bundle that checks itself."""

from io import BytesIO

from flask import Response, current_app, send_file

from ...db import utc_now, writing
from ...evidence.bundle import bundle
from ...models.journal import append_audit
from .. import guard
from ..again import asks_again
from . import supervisor
from .visits import find


@supervisor.get("/visits/<uuid:visit_id>/bundle.zip")
@asks_again
def evidence_bundle(visit_id: object) -> Response:
    """The originals leave with it, so it is written down who took it."""
    subject = find(str(visit_id))
    with writing() as session:
        visit, now = find(subject.id), utc_now()
        body = bundle(session, current_app.extensions["signer"], visit, _original, now)
        append_audit(session, now, guard.caller().person_id, "took_bundle", "bundle", subject.id)
    return send_file(BytesIO(body), "application/zip", as_attachment=True, download_name=f"wujin-{subject.id[:8]}.zip")


def _original(sha256: str) -> tuple[bytes, bool] | None:
    try:
        with current_app.extensions["vault"].open(sha256) as file:
            return file.read(), False
    except FileNotFoundError:
        return None
