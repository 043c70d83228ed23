"""The station: this week, the venues and their posters, plans, and the papers."""

from .. import guard, hazards

station = guard.face("station", "/station")

from . import dossiers, plans, posters, register_files, registers, reports, rescue, venues, week  # noqa: E402, F401  # routes hang themselves on the face above

hazards.hang(station)
