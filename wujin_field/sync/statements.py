"""Every statement that the intake runs for each claim and photo, built once: building one costs more than running it.

Core tables, never mapped classes; values come as bound parameters.
"""

from sqlalchemy import Text, bindparam, delete, func, insert, select, update

from ..models import (
    Activity,
    ActivityOrganiser,
    Area,
    Claim,
    Device,
    Hazard,
    HazardAlert,
    HazardStep,
    Instance,
    Person,
    Photo,
    Receipt,
    SetAside,
    Unit,
    Venue,
    VenueCode,
    Visit,
    VisitPhoto,
)
from ..quick import prepare


def _table(model):  # type: ignore[no-untyped-def]
    return model.__table__


activity, organiser, area, claim, device = map(_table, (Activity, ActivityOrganiser, Area, Claim, Device))
hazard, instance, person, photo, receipt = map(_table, (Hazard, Instance, Person, Photo, Receipt))
step, alert = map(_table, (HazardStep, HazardAlert))
set_aside, unit, venue, code, visit, visit_photo = map(_table, (SetAside, Unit, Venue, VenueCode, Visit, VisitPhoto))


def asked(name: str):  # type: ignore[no-untyped-def]
    return bindparam(name)


# the journal

INSTANCE = select(instance.c.id)
NEWEST_RECEIPT = select(func.max(receipt.c.server_seq))
DIGEST_OF_CLAIM = select(claim.c.digest).where(
    claim.c.kind == asked("kind"), claim.c.subject_id == asked("subject_id"), claim.c.revision == asked("revision")
)
RECEIPT_OF_CLAIM = select(receipt.c.body).where(
    receipt.c.kind == asked("kind"),
    receipt.c.subject_id == asked("subject_id"),
    receipt.c.revision == asked("revision"),
)
RECEIPT_OF_PHOTO = select(receipt.c.body).where(
    receipt.c.kind == "photo", receipt.c.subject_id == asked("sha256"), receipt.c.device_id == asked("device_id")
)
ADD_CLAIM, ADD_RECEIPT, ADD_ASIDE = insert(claim), insert(receipt), insert(set_aside)
KNOWN_ASIDE = select(set_aside.c.id).where(
    set_aside.c.kind == asked("kind"),
    set_aside.c.subject_id == asked("subject_id"),
    set_aside.c.digest == asked("digest"),
)
COUNT_ASIDE = select(func.count()).where(set_aside.c.device_id == asked("device_id"), set_aside.c.decision.is_(None))

# who and where

DEVICE = select(device.c.person_id, device.c.public_key).where(device.c.id == asked("device_id"))
HOME = (
    select(unit.c.id.label("unit_id"), area.c.id.label("area_id"), area.c.path)
    .select_from(person).join(unit, unit.c.id == person.c.unit_id).join(area, area.c.id == unit.c.area_id)
    .where(person.c.id == asked("person_id"))
)  # fmt: skip
PATH_OF_AREA = select(area.c.path).where(area.c.id == asked("area_id"))
KNOWN_UNITS = select(unit.c.id).where(unit.c.id.in_(bindparam("ids", expanding=True)))
_PLACE = select(venue.c.id, venue.c.area_id, venue.c.place_type, venue.c.venue_kind)
_NAMED = select(func.coalesce(venue.c.merged_into_id, venue.c.id)).where(venue.c.id == asked("venue_id"))
VENUE = _PLACE.where(venue.c.id == _NAMED.scalar_subquery())  # a double that was merged leads to the place it is
VENUE_OF_VISIT = _PLACE.join(visit, visit.c.venue_id == venue.c.id).where(visit.c.id == asked("the_id"))
VENUE_OF_CODE = _PLACE.join(code, code.c.venue_id == venue.c.id).where(code.c.code == asked("code"))

# the rows

ADD = {Activity: insert(activity), Visit: insert(visit)}
CHANGE = {Activity: update(activity).where(activity.c.id == asked("the_id")),
          Visit: update(visit).where(visit.c.id == asked("the_id"))}  # fmt: skip
UNIT_OF = {Activity: select(activity.c.unit_id).where(activity.c.id == asked("the_id")),
           Visit: select(visit.c.unit_id).where(visit.c.id == asked("the_id"))}  # fmt: skip
LOOK_AGAIN = update(visit).where(visit.c.activity_id == asked("the_id")).values(examined_at=None)
FORGET_ORGANISERS = delete(organiser).where(organiser.c.activity_id == asked("the_id"))
FORGET_PHOTOS = delete(visit_photo).where(visit_photo.c.visit_id == asked("the_id"))
ADD_ORGANISERS, ADD_VISIT_PHOTOS, ADD_HAZARD = insert(organiser), insert(visit_photo), insert(hazard)
VISIT_OF_HAZARD = select(hazard.c.visit_id).where(hazard.c.id == asked("the_id"))
CHANGE_HAZARD = update(hazard).where(hazard.c.id == asked("the_id"))
SET_STATE = update(hazard).where(hazard.c.id == asked("the_id"))
HAZARDS_OF_VISIT = select(hazard.c.id).where(hazard.c.visit_id == asked("visit_id"))
HAZARD = select(hazard.c.venue_id, hazard.c.severity).where(hazard.c.id == asked("the_id"))
NEWEST_NUMBER = select(func.max(hazard.c.number)).where(
    hazard.c.station_id == asked("station_id"), hazard.c.year == asked("year")
)
STATION_ABOVE = (
    select(unit.c.id).join(area, area.c.id == unit.c.area_id)
    .where(unit.c.unit_kind == "station", unit.c.active, bindparam("path", type_=Text).startswith(area.c.path))
    .order_by(func.length(area.c.path).desc()).limit(1)
)  # fmt: skip
NEWEST_STEP = (
    select(step.c.step, step.c.state, step.c.at, step.c.by_id).where(step.c.hazard_id == asked("the_id"))
    .order_by(step.c.recorded_at.desc(), step.c.id.desc()).limit(1)
)  # fmt: skip
REPORTED_BY = (
    select(step.c.by_id).where(step.c.hazard_id == asked("the_id"), step.c.step == "rectified")
    .order_by(step.c.recorded_at.desc(), step.c.id.desc()).limit(1)
)  # fmt: skip
STEP_OF_VISIT = (
    select(step.c.step, step.c.note, step.c.photo)
    .where(step.c.hazard_id == asked("the_id"), step.c.visit_id == asked("visit_id"))
    .order_by(step.c.recorded_at.desc(), step.c.id.desc()).limit(1)
)  # fmt: skip
ADD_STEP, ADD_ALERT = insert(step), insert(alert)

# photos

KNOWN_PHOTOS = select(photo.c.sha256).where(photo.c.sha256.in_(bindparam("listed", expanding=True)))
SENT_PHOTOS = (
    select(receipt.c.subject_id)
    .join(device, device.c.id == receipt.c.device_id)
    .where(receipt.c.kind == "photo", receipt.c.subject_id.in_(bindparam("listed", expanding=True)),
           device.c.person_id == asked("person_id"))
)  # fmt: skip
FAULT_OF_PHOTO = select(photo.c.fault).where(photo.c.sha256 == asked("the_sha256"))
ADD_PHOTO = insert(photo)
HEAL_PHOTO = update(photo).where(photo.c.sha256 == asked("the_sha256")).values(fault=None, examined_at=None)
ONE_LESS_MISSING = (
    update(visit).where(visit.c.id.in_(select(visit_photo.c.visit_id).where(visit_photo.c.sha256 == asked("the_sha256"))))
    .values(missing=visit.c.missing - 1, examined_at=None)
)  # fmt: skip

prepare([*globals().values(), *ADD.values(), *CHANGE.values(), *UNIT_OF.values()])
