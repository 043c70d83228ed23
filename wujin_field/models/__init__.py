"""Nouns: what is true and what may be done to it. No request, no template."""

from .checklists import Checklist
from .evidence import Photo
from .fieldwork import Activity, ActivityOrganiser, Hazard, Visit, VisitPhoto
from .journal import AuditRow, Claim, Instance, Receipt, SetAside
from .organisation import Area, Unit
from .people import Device, Invite, Person, PersonArea
from .plans import PlanRow, PlanTable
from .rulings import Ruling
from .venues import Venue, VenueCode

__all__ = [
    "Activity", "ActivityOrganiser", "Area", "AuditRow", "Checklist", "Claim", "Device", "Hazard", "Instance", "Invite",
    "Person", "PersonArea", "Photo", "PlanRow", "PlanTable", "Receipt", "Ruling", "SetAside", "Unit", "Venue",
    "VenueCode", "Visit", "VisitPhoto",
]  # fmt: skip
