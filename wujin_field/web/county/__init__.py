"""The county's office: sums by unit, tasks handed down, score sheets. Never a visit, never a home."""

from .. import checkpoints, guard

county = guard.face("county", "/county")

from . import home  # noqa: E402, F401  # routes hang themselves on the face above

checkpoints.hang(county)
