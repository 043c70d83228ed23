"""Every route hangs on a guard or stands in the list of open doors; nobody enters where they do not belong.

`python tests/test_doors.py` writes doors.txt anew, once a change of the route list is meant.
"""

import re
import sys
import tempfile
from pathlib import Path

import pytest

from wujin_field.cli import prepared
from wujin_field.config import read_settings

DOORS = Path(__file__).parent / "doors.txt"
RENEW = "the route list changed; if that is meant: python tests/test_doors.py, and commit tests/doors.txt"
SAFE = {"GET", "HEAD", "OPTIONS"}

OPEN = {
    "public.home", "public.sign_in", "public.choose_language", "public.by_name", "public.scanned", "public.invitation",
    "public.enrol", "public.static_file", "public.service_worker", "public.manifest", "public.favicon",
    "public.offline", "public.health", "field.shell",
}  # fmt: skip
SAMPLE = {"uuid": "01930c2e-0000-7000-8000-00000000f001", "version": "0", "name": "js/app.js", "sha256": "ab" * 32,
          "code": "52852588", "token": "nobody", "period": "2026-11", "kind": "annex2_monthly", "size": "page"}  # fmt: skip


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
    answers = {f"{method} {path}": client.open(path, method=method, headers=headers).status_code for method, path in found}
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
        if page.startswith("/sync/"):
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


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        DOORS.write_text(written(prepared(read_settings(env={}, data_dir=folder))), "utf-8")
    sys.stdout.write(f"{DOORS.name} is written\n")
