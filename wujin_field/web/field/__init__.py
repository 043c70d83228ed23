"""The people in the field: a shell that the phone keeps, and the only way in for what it records."""

from .. import guard, problems

field = guard.Blueprint("field", __name__, url_prefix="/field")
sync = guard.face("sync", "/sync", refuse=lambda: problems.refuse(401, "not_signed_in"), enters="field")

from . import answers, claims, pack, photos, shell  # noqa: E402, F401  # routes hang themselves on the faces above
