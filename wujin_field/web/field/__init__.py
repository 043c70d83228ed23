"""The people in the field: a shell that the phone keeps, and the only way in for what it records."""

from flask import Response, request

from .. import guard, problems

field = guard.Blueprint("field", __name__, url_prefix="/field")


def _stranger() -> Response | None:
    """A phone that was stopped lately may still hand in; it is kept aside and it sees nothing."""
    if not guard.revoked():
        return problems.refuse(401, "not_signed_in")
    return None if request.method == "PUT" and request.endpoint in HEARD_OUT else problems.refuse(401, "phone_stopped")


HEARD_OUT = {"sync.put_visit", "sync.put_activity", "sync.put_photo"}
sync = guard.face("sync", "/sync", refuse=_stranger, enters="field")

from . import answers, claims, pack, photos, shell  # noqa: E402, F401  # routes hang themselves on the faces above
