"""Nouns: what is true and what may be done to it. No request, no template."""

from .batches import Batch, BatchVisit, CallBack
from .checklists import Checklist
from .evidence import LearntPicture, Photo
from .fieldwork import Activity, ActivityOrganiser, Hazard, Visit, VisitPhoto
from .findings import Finding, VisitorAnswer
from .journal import AuditRow, Checkpoint, Claim, Instance, Receipt, SealedValue, SetAside
from .organisation import Area, Unit
from .people import Device, Invite, Person, PersonArea
from .plans import PlanRow, PlanTable
from .registers import RegisterEntry, RegisterFile, RegisterStep, RegisterUnit
from .rulings import Ruling
from .venues import Venue, VenueCode

__all__ = [
    "Activity", "ActivityOrganiser", "Area", "AuditRow", "Batch", "BatchVisit", "CallBack", "Checklist",
    "Checkpoint", "Claim", "Device", "Finding", "Hazard", "Instance", "Invite", "LearntPicture", "Person",
    "PersonArea", "Photo", "PlanRow", "PlanTable", "Receipt", "RegisterEntry", "RegisterFile", "RegisterStep",
    "RegisterUnit", "Ruling", "SealedValue", "SetAside", "Unit", "Venue", "VenueCode", "Visit", "VisitPhoto",
    "VisitorAnswer",
]  # fmt: skip
