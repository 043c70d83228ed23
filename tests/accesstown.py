"""The town that test_access.py knocks at: both townships, and in 柳溪村 one of everything that has an id in an address."""

import io
from contextlib import closing

from docx import Document
from sqlalchemy import select
from test_doors import Neighbours

from wujin_field.cast import activity_claim, phone, photo_line, sealed, visit_claim
from wujin_field.db import db, local_day, sqlite, utc_now, uuid7, writing
from wujin_field.domain import load_pack
from wujin_field.evidence.checkpoints import make_checkpoint
from wujin_field.figures.lists import SHELVES
from wujin_field.figures.tallies import up_to_date
from wujin_field.models import (
    ApiToken,
    Area,
    Batch,
    BatchVisit,
    CallBack,
    Campaign,
    Equipment,
    HazardAudit,
    HazardStep,
    Job,
    PaperForm,
    Person,
    PlanTable,
    RegisterEntry,
    RegisterFile,
    Registration,
    Report,
    ReportStep,
    ScoreSheet,
    SetAside,
    SheetImport,
    Team,
    Unit,
)  # fmt: skip
from wujin_field.models.people import token_hash
from wujin_field.sync.intake import Sender

ROLES = {"field": "陈大山", "village_clerk": "赵春兰", "reporter": "秦岚", "lead_view": "冯远", "station_clerk": "何敏",
         "supervisor": "罗静", "coordinator": "高原"}  # fmt: skip
# Of every role one who has nothing to do with 柳溪村, nor with the emergency bureau.
OUTSIDERS = {"石桥志愿者": "field", "石桥外勤": "village_clerk", "教育通讯员": "reporter", "白沙领导": "lead_view",
             "白沙内勤": "station_clerk", "白沙抽查员": "supervisor", "邻县协调员": "coordinator"}  # fmt: skip
KEY, OTHER_KEY = "wj_key-of-liuxi", "wj_key-of-shiqiao"
MONTH = f"{local_day(utc_now()):%Y-%m}"


def docx():
    out = io.BytesIO()
    Document().save(out)
    return out.getvalue()


class Peopled(Neighbours):
    """`things`: address parameter → its value in 柳溪村; `of` a role: its own, where that is another."""

    def __init__(self, app):
        super().__init__(app)
        with app.app_context():
            with writing() as session:
                self._strangers(session)
                for name in [*ROLES.values(), *OUTSIDERS]:
                    if name not in self.tokens:
                        _, self.tokens[name] = phone(session, self.people[name])
                device, _ = phone(session, self.people["陈大山"])
            self._tell(app, device)
            with writing() as session:
                self.things = {"device_id": device.id} | self._known() | self._add(session, device)
                self.of = self._own(session, app)
            up_to_date(load_pack())
            with writing() as session:
                self.things["checkpoint_id"] = make_checkpoint(session, app.extensions["signer"], utc_now()).id
        self.folder = app.config["SETTINGS"].data_dir
        self._copy(self.folder / "wujin.db", self.folder / "before.db")

    def _strangers(self, session):
        """A department beside the emergency bureau, a neighbouring county, a leader of 白沙镇."""
        anhe = self.town.areas["anhe"]
        area = Area(id=uuid7(), code="lin", zh="邻县", area_kind="county", path="lin/", settlement="country")
        office = Unit(id=uuid7(), code="lin-office", zh="邻县安委办", unit_kind="coordinating_office", area_id=area.id)
        bureau = Unit(id=uuid7(), code="education", zh="安和县教育局", unit_kind="department", area_id=anhe.id)
        homes = {"石桥志愿者": self.town.units["shiqiao"].id, "教育通讯员": bureau.id, "邻县协调员": office.id,
                 "白沙领导": session.scalar(select(Unit.id).where(Unit.code == "baisha-station"))}  # fmt: skip
        for rows in ([area], [office, bureau]):
            session.add_all(rows)
            session.flush()
        for name, unit_id in homes.items():
            self.people[name] = Person(
                id=uuid7(), name=name, field_role="volunteer", access=OUTSIDERS[name], unit_id=unit_id
            )
        session.add_all([self.people[name] for name in homes])
        session.flush()
        for name in homes:
            session.expunge(self.people[name])

    def _tell(self, app, device):
        """An outing, a visit with a position, and one at a place that is not on the list yet."""
        told = activity_claim(device, self.town.areas["liuxi"])
        here = {"lat_e7": 295_512_000, "lon_e7": 1_062_034_000, "accuracy_m": 3, "age_ms": 0}
        measured = visit_claim(device, self.mill, told["id"], photos=[photo_line(self.body, utc_now(), position=here)])
        pending = visit_claim(device, self.mill, told["id"], place_text="柳溪新店", scanned_code=None)
        del pending["venue"], pending["scanned_code"]
        for claim in (told, measured, pending):
            sender = Sender(device.id, device.person_id)
            answer = app.extensions["intake"].take_claim(claim["kind"], claim["id"], sealed(claim), sender)
            assert answer.status == 201, answer
        self.activity_id, self.pending_id = told["id"], pending["id"]

    def _known(self):
        return {
            "venue_id": self.mill.id, "code_id": self.mill.codes[0].id, "visit_id": self.visit["id"],
            "hazard_id": self.visit["hazards"][0]["id"], "sha256": self.visit["photos"][0]["sha256"],
            "person_id": self.people["陈大山"].id, "area_id": self.town.areas["liuxi-3"].id,
            "unit_id": self.town.units["liuxi"].id, "activity_id": self.activity_id, "code": "liuxi", "unit_code": "liuxi",
        }  # fmt: skip

    def _add(self, session, device):
        liuxi, clerk, now = self.town.units["liuxi"].id, self.people["赵春兰"].id, utc_now()
        area, today = self.town.areas["liuxi"].id, local_day(now)
        visit, photo = self.visit["id"], self.visit["photos"][0]["sha256"]
        entry = self._entry(liuxi, clerk, "柳溪示范点", {"venue_id": self.mill.id})
        rows = {
            "aside_id": SetAside(kind="visit", subject_id=uuid7(), revision=1, digest="ab" * 32, body=b"{}",
                                 reason="revoked_phone", device_id=device.id, received_at=now),
            "registration_id": Registration(token_hash=b"x", name="石小满", field_role="volunteer", unit_id=liuxi, number="0000"),
            "team_id": Team(unit_id=liuxi, zh="柳溪小队", members=[session.get_one(Person, self.people["陈大山"].id)]),
            "batch_id": Batch(number="柳溪-1", unit_id=liuxi, area_id=area, period=MONTH, draw_number=1, seed="s", rules="r",
                              sample_digest="d", drawn_at=now),
            "campaign_id": Campaign(unit_id=liuxi, zh="柳溪冬防", first_day=today, last_day=today),
            "equipment_id": Equipment(venue_id=self.mill.id, kind="extinguisher_powder", made_on=today),
            "form_id": PaperForm(unit_id=liuxi, kind="annex2_monthly", name="柳溪.docx", suffix="docx", body=docx(),
                                 chosen=True, uploaded_by_id=clerk),
            "import_id": SheetImport(kind="venues", name="柳溪.xlsx", rows=[], problems=[], who_id=clerk),
            "token_id": ApiToken(unit_id=liuxi, name="柳溪平台", token_hash=token_hash(KEY), scopes=list(SHELVES),
                                 made_by_id=clerk),
            "entry_id": entry,
        }  # fmt: skip
        for row in rows.values():
            row.id = row.id or uuid7()
        session.add_all(rows.values())
        session.flush()
        session.add(ApiToken(unit_id=self.town.units["shiqiao"].id, name="石桥平台", token_hash=token_hash(OTHER_KEY),
                             scopes=list(SHELVES), made_by_id=clerk))  # fmt: skip
        session.add(
            ScoreSheet(unit_id=liuxi, period=MONTH[:4], marks={}, frozen=[], changed_by_id=clerk, published_at=now)
        )
        paper = Report(id=uuid7(), kind="annex2_monthly", unit_id=liuxi, period=MONTH, words={}, edited_by_id=clerk)
        paper.steps = [ReportStep(step="submitted", by_id=clerk)]
        session.add(paper)
        table = session.scalars(select(PlanTable).where(PlanTable.unit_id == liuxi).order_by(PlanTable.id)).first()
        file = RegisterFile(id=uuid7(), entry_id=entry.id, sha256=photo, name="柳溪.jpg", added_by_id=clerk)
        asked = CallBack(id=uuid7(), batch_id=rows["batch_id"].id, visit_id=visit, due=today)
        hazard = self.visit["hazards"][0]["id"]
        step = HazardStep(id=uuid7(), hazard_id=hazard, step="looked", state="open", at=now, by_id=clerk)
        session.add(step)
        session.flush()
        audit = HazardAudit(id=uuid7(), batch_id=rows["batch_id"].id, hazard_id=hazard, step_id=step.id, reason="random",
                            due=today)  # fmt: skip
        session.add_all(
            [
                file,
                asked,
                audit,
                BatchVisit(batch_id=rows["batch_id"].id, visit_id=visit, place=1, stratum="s", reason="random"),
            ]
        )
        more = {"plan_id": table.id, "row_id": table.rows[0].id, "file_id": file.id, "call_back_id": asked.id,
                "audit_id": audit.id}  # fmt: skip
        return {name: row.id for name, row in rows.items()} | more

    def _entry(self, unit_id, author_id, title, more):
        return RegisterEntry(id=uuid7(), kind="demonstration_site", unit_id=unit_id, author_id=author_id, title=title,
                             day=local_day(utc_now()), values={"place_type": "village", "standard": "creation"},
                             state="chosen", **more)  # fmt: skip

    def _own(self, session, app):
        """The bureau's reporter has an entry and a score sheet of their own; whoever started a job has that job."""
        bureau, photo = self.town.units["emergency"].id, self.visit["photos"][0]["sha256"]
        entry = self._entry(bureau, self.people["秦岚"].id, "局里的示范点", {})
        jobs = {role: Job(id=uuid7(), kind="posters", title="柳溪海报", who_id=self.people[name].id, state="done",
                          result={"name": "a.pdf", "media_type": "application/pdf", "bytes": 1})
                for role, name in ROLES.items()}  # fmt: skip
        file = RegisterFile(
            id=uuid7(), entry_id=entry.id, sha256=photo, name="局里.jpg", added_by_id=self.people["秦岚"].id
        )
        session.add_all([entry, *jobs.values()])
        session.flush()
        session.add(file)
        folder = app.config["SETTINGS"].data_dir / "jobs"
        folder.mkdir()
        for job in jobs.values():
            folder.joinpath(job.id).write_bytes(b"x")
        own = {role: {"job_id": job.id} for role, job in jobs.items()}
        own["reporter"] |= {"entry_id": entry.id, "file_id": file.id, "code": "emergency", "unit_code": "emergency"}
        return own

    def restored(self):
        """By SQLite's own backup, page by page under its locks: work in the background may still be writing."""
        with self.app.app_context():
            db.session.remove()
        self._copy(self.folder / "before.db", self.folder / "wujin.db")

    def _copy(self, here, there):
        with closing(sqlite.connect(here)) as source, closing(sqlite.connect(there, timeout=30)) as target:
            source.backup(target)
