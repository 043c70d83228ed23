"""Every route hangs on a guard or stands in the list of open doors; nobody enters where they do not belong.

`python tests/test_doors.py` writes doors.txt anew, once a change of the route list is meant.
"""

import hashlib
import re
import sys
import tempfile
from pathlib import Path

import pytest

from wujin_field.cast import phone, photo_line, picture, sealed, settle, visit_claim
from wujin_field.cli import prepared
from wujin_field.config import read_settings
from wujin_field.db import local_day, utc_now, uuid7, writing
from wujin_field.models import Area, Person, Unit
from wujin_field.sync.gate import Header
from wujin_field.sync.intake import Sender
from wujin_field.web.guard import ENTERS

DOORS = Path(__file__).parent / "doors.txt"
RENEW = "the route list changed; if that is meant: python tests/test_doors.py, and commit tests/doors.txt"
SAFE = {"GET", "HEAD", "OPTIONS"}

OPEN = {
    "field.shell", "public.ask_to_join", "public.by_name", "public.calendar_feed", "public.choose_language",
    "public.come_in", "public.enrol", "public.favicon", "public.health", "public.home", "public.invitation",
    "public.joined", "public.joining", "public.looks_wrong", "public.manifest", "public.manual", "public.metrics",
    "public.offline", "public.owners_hazard", "public.owners_photo", "public.owners_report", "public.paper_check",
    "public.scanned", "public.service_worker", "public.sign_in", "public.static_file", "public.tell_wrong",
    "public.points", "public.typed_invitation",
}  # fmt: skip
SAMPLE = {"uuid": "01930c2e-0000-7000-8000-00000000f001", "version": "0", "name": "js/app.js", "sha256": "ab" * 32,
          "code": "52852588", "token": "nobody", "period": "2026-11", "kind": "annex2_monthly", "size": "page",
          "int": "1", "form": "docx"}  # fmt: skip


def routes(app):
    return sorted(app.url_map.iter_rules(), key=lambda rule: (rule.rule, rule.endpoint))


def written(app):
    return "".join(f"{','.join(sorted(rule.methods))} {rule.rule} {rule.endpoint}\n" for rule in routes(app))


def blueprint_of(app, rule):
    return app.blueprints.get(rule.endpoint.rpartition(".")[0])


def is_guarded(app, rule):
    return getattr(blueprint_of(app, rule), "guarded", False)


def address(rule):
    """The rule with something plausible in each of its places."""
    return re.sub(r"<(?:(\w+):)?(\w+)>", lambda found: SAMPLE.get(found[2]) or SAMPLE.get(found[1], "x"), rule.rule)


def mutating(app):
    return [(method, address(rule)) for rule in routes(app) for method in sorted(rule.methods - SAFE)]


def guarded_pages(app):
    return [address(rule) for rule in routes(app) if is_guarded(app, rule) and "GET" in rule.methods]


def test_every_route_has_a_guard_or_is_meant_to_be_open(app):
    bare = {rule.endpoint for rule in routes(app) if not is_guarded(app, rule)}
    assert bare == OPEN


def test_the_route_list_is_the_committed_one(app):
    assert written(app) == DOORS.read_text("utf-8"), RENEW


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "nonsense"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost.evil.example"},
        {"Origin": "http://localhost:81"},
    ],
    ids=lambda headers: "-".join(headers.values()),
)
def test_another_site_may_change_nothing(app, headers):
    client, found = app.test_client(), mutating(app)
    assert len(found) >= 6
    answers = {
        f"{method} {path}": client.open(path, method=method, headers=headers).status_code for method, path in found
    }
    assert set(answers.values()) == {403}, answers


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "same-origin"}, {"Origin": "http://localhost"}, {}])
def test_our_own_pages_may(app, headers):
    answer = app.test_client().post("/language", data={"lang": "en", "back": "/sign-in"}, headers=headers)
    assert answer.status_code == 302


def test_a_stranger_is_shown_the_way_in_from_every_guarded_page(app):
    client, pages = app.test_client(), guarded_pages(app)
    assert len(pages) >= 10
    for page in pages:
        answer = client.get(page)
        if page.startswith("/api/"):
            assert (answer.status_code, answer.json["code"]) == (401, "no_key"), page
        elif page.startswith("/sync/"):
            assert (answer.status_code, answer.json["code"]) == (401, "not_signed_in"), page
        else:
            assert (answer.status_code, answer.headers["Location"]) == (302, "/sign-in"), page


def test_a_stranger_changes_nothing_behind_a_guard(app):
    client = app.test_client()
    for rule in routes(app):
        for method in rule.methods - SAFE if is_guarded(app, rule) else ():
            answer = client.open(address(rule), method=method, data=b"{}")
            assert answer.status_code in (302, 401), rule
            assert answer.headers.get("Location", "/sign-in") == "/sign-in"


def test_a_forged_cookie_opens_nothing(app):
    client = app.test_client()
    for token in ("x", "0" * 43, "' OR 1=1 --", "é" * 10, "a" * 3000):
        client.set_cookie("wujin_device", token)
        assert client.get("/supervisor/").status_code == 302
        assert client.get("/sync/pack").status_code == 401


# inside: who may enter which face, and whose things they find there

MAY = {
    "陈大山": {"/sync"},
    "周小禾": {"/sync"},
    "秦岚": {"/sync"},
    "赵春兰": {"/sync", "/station"},
    "何敏": {"/sync", "/station"},
    "罗静": {"/sync", "/station", "/supervisor"},
    "冯远": set(),
    "高原": set(),
}


class Neighbours:
    """青禾镇 and, beside it in the same county, another township with a station, a clerk and a supervisor of its own."""

    def __init__(self, app):
        self.app, self.tokens = app, {}
        with app.app_context(), writing() as session:
            self.town = settle(session)
            self.people = self.town.people | self._settle_baisha(session)
            devices = {}
            for name in [*MAY, "白沙抽查员", "白沙内勤", "石桥外勤"]:
                devices[name], self.tokens[name] = phone(session, self.people[name])
        self.mill = self.town.venue("禾丰粮油加工厂")
        self.body = picture(1, utc_now())
        self.visit = visit_claim(devices["陈大山"], self.mill, photos=[photo_line(self.body, utc_now())])
        self.visit["hazards"] = [{"id": uuid7(), "severity": "general", "category": "electric", "text": "线路老化",
                                  "found_at": self.visit["started_at"], "photo": self.visit["photos"][0]["sha256"]}]  # fmt: skip
        self._send(devices["陈大山"])

    def _settle_baisha(self, session):
        county, shiqiao = self.town.areas["anhe"], self.town.units["shiqiao"]
        area = Area(
            id=uuid7(),
            code="baisha",
            zh="白沙镇",
            area_kind="township",
            parent_id=county.id,
            path="anhe/baisha/",
            settlement="country",
        )
        unit = Unit(id=uuid7(), code="baisha-station", zh="白沙镇消防工作站", unit_kind="station", area_id=area.id)
        people = {
            "白沙抽查员": Person(
                id=uuid7(), name="白沙抽查员", field_role="spot_checker", access="supervisor", unit_id=unit.id
            ),
            "白沙内勤": Person(
                id=uuid7(), name="白沙内勤", field_role="station_clerk", access="station_clerk", unit_id=unit.id
            ),
            "石桥外勤": Person(
                id=uuid7(), name="石桥外勤", field_role="village_staff", access="village_clerk", unit_id=shiqiao.id
            ),
        }
        for rows in ([area], [unit], people.values()):
            session.add_all(rows)
            session.flush()
        for person in people.values():
            session.expunge(person)
        return people

    def _send(self, device):
        intake, vault, sender = (
            *(self.app.extensions[name] for name in ("intake", "vault")),
            Sender(device.id, device.person_id),
        )
        with vault.incoming() as file:
            file.write(self.body)
            vault.keep(file, hashlib.sha256(self.body).hexdigest())
        intake.take_photo(hashlib.sha256(self.body).hexdigest(), len(self.body), Header("image/jpeg", 800, 600), sender)
        assert intake.take_claim("visit", self.visit["id"], sealed(self.visit), sender).status == 201

    def client(self, name):
        client = self.app.test_client()
        client.set_cookie("wujin_device", self.tokens[name])
        return client

    def doors(self):
        """Addresses of things in 柳溪村 that exist, as anybody who guesses well would write them."""
        visit, photo = f"/supervisor/visits/{self.visit['id']}", self.visit["photos"][0]["sha256"]
        hazard = f"/supervisor/hazards/{self.visit['hazards'][0]['id']}"
        poster, month = f"/station/venues/{self.mill.id}/poster", f"{local_day(utc_now()):%Y-%m}"
        return [
            ("GET", visit), ("POST", f"{visit}/rulings"), ("GET", f"{visit}/photos/{photo}/thumb.jpg"),
            ("GET", f"{visit}/photos/{photo}/page.jpg"), ("POST", f"{visit}/photos/{photo}/original"), ("GET", hazard),
            ("GET", f"{hazard}/notice"), ("POST", f"{hazard}/photos/{photo}/original"), ("GET", poster), ("GET", f"{poster}.pdf"),
            ("GET", f"/station/reports/liuxi/{month}/annex2_monthly.docx"),
        ]  # fmt: skip


@pytest.fixture
def neighbours(app):
    return Neighbours(app)


@pytest.mark.parametrize("name", MAY)
def test_everybody_enters_their_own_faces_and_no_other(neighbours, name):
    client = neighbours.client(name)
    for page in ("/sync/pack", "/station/", "/station/venues", "/station/reports", "/station/plans", "/supervisor/"):
        expected = 200 if "/" + page.split("/")[1] in MAY[name] else 403
        assert client.get(page).status_code == expected, page


def closed_to(app, access):
    """Guarded rules whose face does not let this access in, nor the view by its own mark; keys open /api/."""
    for rule in routes(app):
        entering = ENTERS.get(rule.endpoint.partition(".")[0], set()) | set(
            getattr(app.view_functions[rule.endpoint], "also", ())
        )
        if is_guarded(app, rule) and access not in entering and not rule.rule.startswith("/api/"):
            yield rule


def test_no_guarded_page_answers_an_onlooker(app, neighbours):
    client = neighbours.client("高原")
    pages = [address(rule) for rule in closed_to(app, "coordinator") if "GET" in rule.methods]
    assert len(pages) >= 10
    assert {client.get(page).status_code for page in pages} == {403}


def test_no_guarded_change_is_open_to_an_onlooker(app, neighbours):
    client = neighbours.client("高原")
    found = [(method, address(rule)) for rule in closed_to(app, "coordinator") for method in rule.methods - SAFE]
    assert {client.open(path, method=method).status_code for method, path in found} == {403}


def test_at_home_every_door_opens(neighbours):
    client = neighbours.client("罗静")
    for method, path in neighbours.doors():
        answer = client.open(path, method=method, data={"result": "pass"} if method == "POST" else None)
        assert answer.status_code in (200, 303), path


@pytest.mark.parametrize("name", ["白沙抽查员", "白沙内勤", "石桥外勤"])
def test_what_belongs_to_others_does_not_exist(neighbours, name):
    client = neighbours.client(name)
    for method, path in neighbours.doors():
        answer = client.open(path, method=method, data={"result": "pass"} if method == "POST" else None)
        assert answer.status_code == (403 if path.startswith("/supervisor") and "抽查" not in name else 404), path
        assert "禾丰粮油" not in answer.text


STATION_LISTS = ["/station/", "/station/venues", "/station/reports", "/station/plans", "/sync/pack"]


@pytest.mark.parametrize(
    ("name", "pages"),
    [("白沙抽查员", ["/supervisor/", "/supervisor/?all=1", *STATION_LISTS]), ("白沙内勤", STATION_LISTS)],
)
def test_no_list_shows_what_belongs_to_others(neighbours, name, pages):
    client = neighbours.client(name)
    for page in pages:
        text = client.get(page).text
        assert not [word for word in ("禾丰粮油", "柳溪", "陈大山", "石桥村") if word in text], page


def test_a_photo_is_shown_under_its_own_visit_only(neighbours):
    client, photo = neighbours.client("罗静"), neighbours.visit["photos"][0]["sha256"]
    assert client.get(f"/supervisor/visits/{uuid7()}/photos/{photo}/page.jpg").status_code == 404
    for wrong in ("ab" * 32, "..%2f..%2fwujin.db", photo.upper()):
        assert client.get(f"/supervisor/visits/{neighbours.visit['id']}/photos/{wrong}/page.jpg").status_code == 404
    for size in ("original", "huge", ".."):
        assert client.get(f"/supervisor/visits/{neighbours.visit['id']}/photos/{photo}/{size}.jpg").status_code == 404


def test_a_shown_photo_can_run_nothing(neighbours):
    photo = neighbours.visit["photos"][0]["sha256"]
    answer = neighbours.client("罗静").get(f"/supervisor/visits/{neighbours.visit['id']}/photos/{photo}/page.jpg")
    assert answer.mimetype == "image/jpeg"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.headers["Cache-Control"].startswith("private")
    assert b"Exif" not in answer.data


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        DOORS.write_text(written(prepared(read_settings(env={}, data_dir=folder))), "utf-8")
    sys.stdout.write(f"{DOORS.name} is written\n")
