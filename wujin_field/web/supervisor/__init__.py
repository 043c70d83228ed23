"""The supervisor: what came in, one visit, one ruling."""

from .. import checkpoints, guard, hazards

supervisor = guard.face("supervisor", "/supervisor")

from . import batches, flags, photos, revisions, trust, visits  # noqa: E402, F401  # routes hang themselves on the face above

hazards.hang(supervisor)
checkpoints.hang(supervisor)
