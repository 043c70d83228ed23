"""Who may what: every guarded route × every role × an object of one's own and of others. No leak, and no route forgotten.

`python tests/test_access.py` writes access.txt anew, once a change is meant. An object in an address (<thing_id>) needs its
line in OBJECTS: one that lies in 柳溪村, so that 石桥村 and 白沙镇 must not find it.
"""

import logging
import re
import sys
import tempfile
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import select

sys.path.insert(0, str(Path(__file__).parent))

from test_doors import Neighbours, is_guarded, routes

from wujin_field.cast import activity_claim, phone, sealed
from wujin_field.cli import prepared
from wujin_field.config import read_settings
from wujin_field.db import db, local_day, sqlite, utc_now, uuid7, writing
from wujin_field.models import PlanTable, Registration, SetAside, Team
from wujin_field.sync.intake import Sender

LIST = Path(__file__).parent / "access.txt"
RENEW = "who may what has changed; if that is meant: python tests/test_access.py, and commit tests/access.txt"

ROLES = {"field": "陈大山", "village_clerk": "赵春兰", "reporter": "秦岚", "lead_view": "冯远", "station_clerk": "何敏",
         "supervisor": "罗静", "coordinator": "高原"}  # fmt: skip
OUTSIDERS = ["白沙抽查员", "白沙内勤", "石桥外勤"]
THEIRS = ("禾丰粮油", "陈大山", "赵春兰", "柳溪")  # words that only 柳溪村's own pages may say
NOBODYS = "01930c2e-0000-7000-8000-00000000f001"

# What stands in an address and is no object: every reader may write it.
PLAIN = {"period": f"{local_day(utc_now()):%Y-%m}", "kind": "annex2_monthly", "size": "page", "version": "1", "year": "2026",
         "format": "docx", "name": "js/app.js", "screen": "x", "subject": NOBODYS, "token": "nobody",
         "quota": "weekly_publicity", "retention": "invites", "revision": "1",
         "table_name": "place_type", "entry_code": "school", "item_code": "EH-02", "sheet_kind": "venues",
         "form": "docx", "shelf_code": "visits", "flag_code": "far_from_venue"}  # fmt: skip
# Objects of 柳溪村. Another <…_id> is NOBODYS until it has its line here: then nobody gets in, and nobody must.
OBJECTS = {
    "venue_id": lambda town: town.mill.id,
    "visit_id": lambda town: town.visit["id"],
    "sha256": lambda town: town.visit["photos"][0]["sha256"],
    "code": lambda town: "liuxi",
    "unit_code": lambda town: "liuxi",
    "person_id": lambda town: town.people["陈大山"].id,
    "device_id": lambda town: town.device_id,
    "area_id": lambda town: town.town.areas["liuxi-3"].id,
    "unit_id": lambda town: town.town.units["liuxi"].id,
    "aside_id": lambda town: town.aside_id,
    "registration_id": lambda town: town.registration_id,
    "team_id": lambda town: town.team_id,
    "activity_id": lambda town: town.activity_id,
    "plan_id": lambda town: town.plan_id,
    "row_id": lambda town: town.row_id,
}


class Peopled(Neighbours):
    """Both townships, and in 柳溪村 one of everything; `restored` brings the database back to how it was."""

    def __init__(self, app):
        super().__init__(app)
        liuxi = self.town.units["liuxi"].id
        with app.app_context(), writing() as session:
            for name in ROLES.values():
                if name not in self.tokens:
                    _, self.tokens[name] = phone(session, self.people[name])
            device, _ = phone(session, self.people["陈大山"])
            self.device_id = device.id
            aside = SetAside(id=uuid7(), kind="visit", subject_id=uuid7(), revision=1, digest="ab" * 32, body=b"{}",
                             reason="revoked_phone", device_id=device.id, received_at=utc_now())  # fmt: skip
            asked = Registration(
                id=uuid7(), token_hash=b"x", name="石小满", field_role="volunteer", unit_id=liuxi, number="0000"
            )
            team = Team(id=uuid7(), unit_id=liuxi, zh="柳溪小队")
            session.add_all([aside, asked, team])
            table = session.scalars(select(PlanTable).where(PlanTable.unit_id == liuxi).order_by(PlanTable.id)).first()
            self.plan_id, self.row_id = table.id, table.rows[0].id
            self.aside_id, self.registration_id, self.team_id = aside.id, asked.id, team.id
        told = activity_claim(device, self.town.areas["liuxi"])
        sender = Sender(device.id, device.person_id)
        assert app.extensions["intake"].take_claim("activity", told["id"], sealed(told), sender).status == 201
        self.activity_id = told["id"]
        self.folder = app.config["SETTINGS"].data_dir
        self._copy(self.folder / "wujin.db", self.folder / "before.db")

    def restored(self):
        """By SQLite's own backup, page by page under its locks: work in the background may still be writing."""
        with self.app.app_context():
            db.session.remove()
        self._copy(self.folder / "before.db", self.folder / "wujin.db")

    def _copy(self, here, there):
        with closing(sqlite.connect(here)) as source, closing(sqlite.connect(there, timeout=30)) as target:
            source.backup(target)


def places_of(rule):
    return re.findall(r"<(?:\w+:)?(\w+)>", rule.rule)


def address(rule, town):
    def value(found):
        name = found[1]
        if name == "kind" and rule.rule.startswith("/station/registers"):
            return "publicist_training"
        return OBJECTS[name](town) if name in OBJECTS else PLAIN.get(name, NOBODYS)

    return re.sub(r"<(?:\w+:)?(\w+)>", value, rule.rule)


def asked(app):
    """(method, rule) of everything behind a guard; /sync is judged by what is in the body (tests/sync)."""
    found = [rule for rule in routes(app) if is_guarded(app, rule) and not rule.rule.startswith("/sync/")]
    return [(method, rule) for rule in found for method in sorted(rule.methods - {"HEAD", "OPTIONS"})]


def is_in(answer):
    return answer.status_code not in (401, 403, 404) and answer.headers.get("Location") != "/sign-in"


def knock(town, name, method, path):
    answer = town.client(name).open(path, method=method)
    text = answer.get_data(as_text=True) if answer.mimetype.startswith("text/") else ""
    if method != "GET" and answer.status_code < 400:
        town.restored()
    return answer, [word for word in THEIRS if word in text]


def matrix(app):
    """The lines of access.txt, and every leak: an outsider who got in, or read a word that is not theirs."""
    town, lines, leaks = Peopled(app), [], []
    for method, rule in asked(app):
        path = address(rule, town)
        entering = [role for role, name in ROLES.items() if is_in(knock(town, name, method, path)[0])]
        lines.append(f"{method} {rule.rule}: {' '.join(entering) or '-'}\n")
        for name in OUTSIDERS:
            answer, words = knock(town, name, method, path)
            told = (
                is_in(answer) and answer.status_code != 400
            )  # a form that says nothing is refused before anybody looks
            if words or (told and set(places_of(rule)) - PLAIN.keys()):
                leaks.append(f"{method} {rule.rule} {name} {answer.status_code} {words}")
    return "".join(lines), leaks


@pytest.fixture(scope="module")
def seen(tmp_path_factory):
    app = prepared(read_settings(env={}, data_dir=tmp_path_factory.mktemp("access"), public_url="http://localhost"))
    return matrix(app)


def test_every_place_in_an_address_is_known_here(app):
    named = {name for _, rule in asked(app) for name in places_of(rule) if not name.endswith("_id")}
    assert named - OBJECTS.keys() - PLAIN.keys() == set(), (
        "give each its line in OBJECTS (or PLAIN) of tests/test_access.py"
    )


def test_who_may_what_is_the_committed_list(seen):
    assert seen[0] == LIST.read_text("utf-8"), RENEW


def test_nothing_leaks_to_a_neighbour(seen):
    assert seen[1] == []


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    with tempfile.TemporaryDirectory() as folder:
        settings = read_settings(env={}, data_dir=folder, public_url="http://localhost")
        written, leaks = matrix(prepared(settings))
        LIST.write_text(written, "utf-8")
    count = written.count("\n")
    sys.stdout.write(
        f"{count} routes × {len(ROLES)} roles × own and others' object: {len(leaks)} leaks\n{chr(10).join(leaks)}\n"
    )
