"""What happens in 青禾镇 when a test says so: short records become claims, go through the real intake, and are ruled on."""

from datetime import datetime, timedelta

from sqlalchemy import delete, select

from wujin_field import review
from wujin_field.cast import activity_claim, phone, sealed, settle, visit_claim
from wujin_field.config import STATION_ZONE
from wujin_field.db import db, to_ms, uuid7, writing
from wujin_field.domain import load_pack
from wujin_field.figures import tallies
from wujin_field.models import (
    Activity,
    ActivityOrganiser,
    ActivityProgramme,
    ActivityRuling,
    Area,
    Person,
    Ruling,
    Unit,
    Venue,
    Visit,
    VisitPhoto,
    care,
)
from wujin_field.models.activities import rule_activity
from wujin_field.models.journal import append_audit
from wujin_field.sync.erasure import erase_visit
from wujin_field.sync.intake import Sender

DEPARTMENTS = {"natural_resources_bureau": "何森林", "emergency_bureau": "吴应急", "fire_brigade": "田救援"}
RECORDS = (ActivityProgramme, ActivityRuling, Ruling, VisitPhoto, Visit, ActivityOrganiser, Activity)


class World:
    """青禾镇 with three departments and a second township, and what happens in it."""

    def __init__(self, app):
        self.app, self.intake, self.pack = app, app.extensions["intake"], load_pack()
        with writing() as session:
            self.town = settle(session)
            self._more(session)
            self.phones = {name: phone(session, person)[0] for name, person in self.town.people.items()}
        self.homes = {name: venue.area_id for name, venue in self.town.venues.items()}
        self.units = {unit.code: unit for unit in db.session.scalars(select(Unit))}

    def _more(self, session):
        office, county = self.town.units["county-office"], self.town.areas["anhe"]
        session.add(Area(id=uuid7(), code="baishi", zh="白石镇", area_kind="township", parent_id=county.id,
                         path="anhe/baishi/", settlement="country"))  # fmt: skip
        for code, name in DEPARTMENTS.items():
            unit = Unit(id=uuid7(), code=code, zh=code, unit_kind="department", parent_id=office.id, area_id=county.id)
            person = Person(id=uuid7(), name=name, field_role="liaison", access="reporter", unit_id=unit.id)
            session.add_all([unit, person])
            session.flush()
            session.expunge(person)
            self.town.people[name], self.town.units[code] = person, unit

    def forget(self):
        with writing() as session:
            for table in RECORDS:
                session.execute(delete(table))
            tallies.rebuild(session, self.pack)
            for venue in session.scalars(select(Venue)):
                venue.active, venue.area_id = True, self.homes[venue.zh]

    def happen(self, record):
        if "close" in record:
            self.venue(record["close"], active=False)
        elif "move" in record:
            self.venue(record["move"], area_id=self.town.areas[record["to"]].id)
        else:
            self.outing(record)

    def venue(self, name, **fields):
        with writing() as session:
            venue = session.get_one(Venue, self.town.venue(name).id)
            for field, value in fields.items():
                setattr(venue, field, value)
            append_audit(session, datetime.now(STATION_ZONE), None, "changed", "venue", venue.id)

    def double(self, name):
        """The same door, entered a second time by mistake; its name."""
        with writing() as session:
            known = session.get_one(Venue, self.town.venue(name).id)
            same = {field: getattr(known, field) for field in ("area_id", "venue_kind", "place_type")}
            twin = care.add_venue(session, self.pack, {"zh": f"{name}（重）{uuid7()}", **same}, None)
            self.town.venues[twin.zh] = twin
        return twin.zh

    def merge(self, double, into):
        with writing() as session:
            rows = [session.get_one(Venue, self.town.venue(name).id) for name in (double, into)]
            care.merge(session, *rows, self.town.person("何敏").id)

    def link(self, visit_id, name):
        with writing() as session:
            venue = session.get_one(Venue, self.town.venue(name).id)
            care.link(session, [session.get_one(Visit, visit_id)], venue, self.town.person("何敏").id)

    def erase(self, visit_id):
        vault, pictures = (self.app.extensions[name] for name in ("vault", "pictures"))
        with writing() as session:
            erase_visit(session, vault, pictures, visit_id, None, datetime.now(STATION_ZONE))

    def transfer(self, name, unit):
        """From now on this person works for another unit."""
        with writing() as session:
            person = session.get_one(Person, self.town.person(name).id)
            person.unit_id = self.units[unit].id
            append_audit(session, datetime.now(STATION_ZONE), None, "changed", "person", person.id)

    def outing(self, record):
        device, at = self.phones[record["who"]], moment(record["at"])
        claim = activity_claim(device, self.town.areas[self._area(record)], at, **fields(record))
        claim["organisers"] = [self.units[code].id for code in record.get("organisers", [])]
        claim["ended_at"] = to_ms(at + timedelta(minutes=record.get("minutes", 15)))
        if not record.get("without_activity"):
            self.send(claim, record)
        visitor = self.phones[record.get("visited_by", record["who"])]
        visits = [self.visit(record, visitor, claim, number) for number in range(len(record["doors"]))]
        if record.get("again"):
            self.rule(visits, record)
            self.again(record, claim, visits[record["again"] - 1])
        else:
            self.rule(visits, record)
        self.say(record, claim["id"])

    def visit(self, record, visitor, activity, number):
        venue, at = self.town.venue(record["doors"][number]), moment(record["at"])
        claim = visit_claim(visitor, venue, activity["id"], at, enforcement=record.get("enforcement", {}))
        claim["refused"] = (record.get("refused") or ["none"] * (number + 1))[number]
        claim["photos"] = [line(activity["id"], number, turn) for turn in range(record.get("photos", 0))]
        if "template" in record:
            template = record["template"]
            claim |= {"template": template, "template_version": self.pack["template"][template]["version"]}
        return self.send(claim, record)

    def send(self, claim, record):
        at = moment(record.get("arrives", record["at"])) + timedelta(hours=record.get("slow_hours", 0.5))
        clock = at - timedelta(hours=record.get("slow_hours", 0))
        for _ in range(2 if record.get("twice") else 1):
            sender = Sender(
                claim["device"], next(d.person_id for d in self.phones.values() if d.id == claim["device"]), clock
            )
            outcome = self.intake.take_claim(claim["kind"], claim["id"], sealed(claim), sender, now=at)
            assert outcome.status in (200, 201), outcome
        return claim

    def again(self, record, activity, visit):
        moved = {"started_at": to_ms(moment(record["again_at"]))} if "again_at" in record else {}
        moved |= {"ended_at": moved["started_at"] + 900_000} if moved else {}
        for claim in (activity, visit):
            self.send(claim | {"revision": 2} | moved, record)

    def rule(self, visits, record):
        for results in (record.get("ruled", []), record.get("then", [])):
            for claim, result in zip(visits, results, strict=False):
                if result:
                    with writing() as session:
                        visit = session.get_one(Visit, claim["id"])
                        review.rule(session, visit, self.town.person("罗静"), result, "看不清", "请重拍")

    def say(self, record, activity_id):
        for result, asked in (("accepted", "accept"), ("void", "void"), ("restored", "restore")):
            if asked in record:
                with writing() as session:
                    reason = record[asked] if asked == "void" else ""
                    activity = session.get_one(Activity, activity_id)
                    rule_activity(session, activity, self.town.person("何敏"), result, reason)

    def _area(self, record):
        person = self.town.person(record["who"])
        return record.get("area", next(unit for unit in self.units.values() if unit.id == person.unit_id).area.code)


def moment(text):
    return datetime.fromisoformat(text).replace(tzinfo=STATION_ZONE)


def fields(record):
    named = {"activity_kind": "kind", "participants": "roles"}
    same = ("place_type", "delivery", "form", "context", "people", "registrations", "channels", "asked")
    said = {name: record[name] for name in same if name in record}
    return said | {name: record[ours] for name, ours in named.items() if ours in record}


def line(activity, number, turn):
    digest = f"{abs(hash((activity, number, turn))):064x}"[-64:]
    return {
        "sha256": digest,
        "role": "overview",
        "taken_at": 1,
        "mono_ms": 1,
        "capture": "camera",
        "no_position": "no_signal",
    }
