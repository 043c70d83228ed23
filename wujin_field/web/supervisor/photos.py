"""Pictures of one visit, for those who may see that visit."""

from flask import Response, abort, redirect
from sqlalchemy import update
from werkzeug.wrappers import Response as AnyResponse

from ...db import utc_now, writing
from ...evidence import learning
from ...models import Photo, Visit
from .. import guard, media
from . import supervisor
from .finding import find
from .revisions import photos_ever


@supervisor.get("/visits/<uuid:visit_id>/photos/<sha256>/<size>.jpg")
def photo(visit_id: object, sha256: str, size: str) -> Response:
    return media.picture(sha256, size, _listed(visit_id))


@supervisor.post("/visits/<uuid:visit_id>/photos/<sha256>/original")
def original(visit_id: object, sha256: str) -> Response:
    return media.original(sha256, _listed(visit_id))


@supervisor.post("/visits/<uuid:visit_id>/photos/<sha256>/poster")
def poster(visit_id: object, sha256: str) -> AnyResponse:
    """This is our poster: what looks like it says nothing about a visit from now on; this one is looked at again."""
    visit = find(str(visit_id))
    with writing() as session:
        row = (session.get(Photo, sha256) if sha256 in photos_ever(visit) else None) or abort(404)
        if row.dhash is None:  # nobody has looked at it yet: there is no likeness to learn
            return redirect(f"/supervisor/visits/{visit_id}", 303)
        learning.add(session, row.dhash, guard.caller().person_id, utc_now())
        session.execute(update(Visit).where(Visit.id == visit.id).values(examined_at=None))
    return redirect(f"/supervisor/visits/{visit_id}?learnt=1", 303)


def _listed(visit_id: object) -> set[str]:
    return photos_ever(find(str(visit_id)))
