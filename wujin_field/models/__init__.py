"""Nouns: what is true and what may be done to it. No request, no template."""

from .activities import ActivityRuling
from .amendments import Amendment
from .assessments import ScoreSheet
from .batches import Batch, BatchVisit, CallBack, HazardAudit
from .campaigns import CalendarFeed, Campaign, CampaignLine, CampaignOrganiser, Submission
from .changes import RecordChange
from .checklists import Checklist
from .consents import ConsentSeen
from .credentials import Attempt, Credential
from .equipment import Equipment
from .evidence import LearntPicture, Photo
from .fieldwork import Activity, ActivityOrganiser, ActivityProgramme, Hazard, Visit, VisitPhoto
from .findings import Finding, VisitorAnswer
from .hazards import HazardAlert, HazardStep
from .jobs import Job
from .journal import AuditRow, Checkpoint, Claim, Instance, Receipt, SealedValue, SetAside
from .organisation import Area, Unit
from .outlines import Outline
from .people import Device, Invite, Person, PersonArea
from .plans import ActivityLink, PlanRow, PlanTable
from .posters import CodeDoubt, CodeScan
from .registers import RegisterEntry, RegisterFile, RegisterStep, RegisterUnit
from .registrations import Registration
from .reports import ApiToken, PaperForm, Report, ReportStep
from .rulings import Ruling
from .sheets import SheetImport
from .tallies import ActivityTally, DayTally, TallyMark, TallyUnit, VenueState, VisitTally
from .teams import PersonMark, Team, TeamMember
from .venues import Venue, VenueCode

__all__ = [
    "Activity", "ActivityLink", "ActivityOrganiser", "ActivityProgramme", "ActivityRuling", "ActivityTally",
    "Amendment", "ApiToken", "Area", "Attempt", "AuditRow", "Batch", "BatchVisit", "CalendarFeed", "CallBack",
    "Campaign", "CampaignLine", "CampaignOrganiser", "Checklist", "Checkpoint", "Claim", "CodeDoubt", "CodeScan",
    "ConsentSeen", "Credential", "DayTally", "Device", "Equipment", "Finding", "Hazard", "HazardAlert", "HazardAudit",
    "HazardStep", "Instance", "Invite", "Job", "LearntPicture", "Outline", "PaperForm", "Person", "PersonArea",
    "PersonMark", "Photo", "PlanRow", "PlanTable", "Receipt", "RecordChange", "RegisterEntry", "RegisterFile",
    "RegisterStep", "RegisterUnit", "Registration", "Report", "ReportStep", "Ruling", "ScoreSheet", "SealedValue",
    "SetAside", "SheetImport", "Submission", "TallyMark", "TallyUnit", "Team", "TeamMember", "Unit", "Venue",
    "VenueCode", "VenueState", "Visit", "VisitPhoto", "VisitTally", "VisitorAnswer",
]  # fmt: skip
