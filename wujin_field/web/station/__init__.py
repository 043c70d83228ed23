"""The station: this week, the venues and their posters, plans, and the papers."""

from .. import guard, hazards

station = guard.face("station", "/station")

# Routes hang themselves on the face above.
from . import (  # noqa: E402
    activities,  # noqa: F401
    areas,  # noqa: F401
    aside,  # noqa: F401
    assessment,  # noqa: F401
    board_file,  # noqa: F401
    bundles,  # noqa: F401
    calendar,  # noqa: F401
    campaign_list,  # noqa: F401
    campaigns,  # noqa: F401
    coverage,  # noqa: F401
    data,  # noqa: F401
    dossiers,  # noqa: F401
    enrolling,  # noqa: F401
    equipment,  # noqa: F401
    forms,  # noqa: F401
    jobs,  # noqa: F401
    joining,  # noqa: F401
    outlines,  # noqa: F401
    overview,  # noqa: F401
    pack,  # noqa: F401
    pack_items,  # noqa: F401
    pack_moves,  # noqa: F401
    pending,  # noqa: F401
    people,  # noqa: F401
    person,  # noqa: F401
    plan,  # noqa: F401
    plans,  # noqa: F401
    posters,  # noqa: F401
    privacy,  # noqa: F401
    register_entry,  # noqa: F401
    register_files,  # noqa: F401
    register_list,  # noqa: F401
    registers,  # noqa: F401
    report,  # noqa: F401
    report_files,  # noqa: F401
    reports,  # noqa: F401
    rescue,  # noqa: F401
    said,  # noqa: F401
    sheets,  # noqa: F401
    spot_checks,  # noqa: F401
    teams,  # noqa: F401
    unit,  # noqa: F401
    venue,  # noqa: F401
    venues,  # noqa: F401
    week,  # noqa: F401
)

hazards.hang(station)
