"""Pictures of one visit, for those who may see that visit."""

from flask import Response

from .. import media
from . import supervisor
from .finding import find
from .revisions import photos_ever


@supervisor.get("/visits/<uuid:visit_id>/photos/<sha256>/<size>.jpg")
def photo(visit_id: object, sha256: str, size: str) -> Response:
    return media.picture(sha256, size, _listed(visit_id))


@supervisor.post("/visits/<uuid:visit_id>/photos/<sha256>/original")
def original(visit_id: object, sha256: str) -> Response:
    return media.original(sha256, _listed(visit_id))


def _listed(visit_id: object) -> set[str]:
    return photos_ever(find(str(visit_id)))
