"""Who may what: every guarded route × every role × an object of one's own and of others. No leak, and no route forgotten.

`python tests/test_access.py` writes access.txt anew, once a change is meant. An object in an address (<thing_id>) is made by
accesstown.py, in 柳溪村; a word that is no object has its line in PLAIN; what a form must say to be read, in SAYS.
"""

import html
import json
import logging
import re
import sys
import tempfile
from pathlib import Path

import pytest
from werkzeug.exceptions import HTTPException

sys.path.insert(0, str(Path(__file__).parent))

from accesstown import KEY, MONTH, OTHER_KEY, OUTSIDERS, ROLES, Peopled
from test_doors import is_guarded, routes

from wujin_field.cli import prepared
from wujin_field.config import read_settings
from wujin_field.figures.lists import OUTWARD

LIST = Path(__file__).parent / "access.txt"
RENEW = "who may what has changed; if that is meant: python tests/test_access.py, and commit tests/access.txt"
THEIRS = ("禾丰粮油", "陈大山", "赵春兰", "柳溪")  # words that only 柳溪村's own pages may say

PLAIN = {"period": MONTH, "kind": "annex2_monthly", "size": "page", "quota": "village_month_entries", "retention": "invites",
         "revision": "1", "table_name": "place_type", "entry_code": "school", "item_code": "HH-01", "sheet_kind": "venues",
         "form": "docx", "shelf_code": "visits", "flag_code": "far_from_venue"}  # fmt: skip
ADDRESSES = {"code", "unit_code", "sha256"}  # words of an address that are an object's, beside every …_id
SHARED = {"checkpoint_id"}  # of the whole database: a count and a hash, nobody's
PERSONAL = ("/station/jobs/", "/account/browsers/")  # nobody else's, not even a colleague's
DIRECTORY = ("/station/registers/<kind>/new",)  # names all units, and the open places around: they stand on every door
NOBODY = {"POST /account/again"}  # 404 until a password was asked for


def elsewhere(town):
    """Where a word of an address means something else: by the beginning of the rule."""
    return {
        "/station/registers": {"kind": "demonstration_site", "form": "csv"}, "/station/data/": {"form": "csv"},
        "/station/campaigns/list": {"form": "csv"}, "/station/reports/list": {"form": "csv"},
        "/station/assessment": {"period": MONTH[:4]}, "/station/pack/template/": {"entry_code": "household"},
        "/station/pending/": {"visit_id": town.pending_id},
    }  # fmt: skip


def says(town):
    """What a form (or, for GET, the query) has to say before anybody looks whose it is."""
    liuxi, qinghe = town.town.units["liuxi"].id, town.town.areas["qinghe"].id
    shop = town.town.venue("柳溪农资经营部").id
    month = {"month": MONTH}
    return {
        "POST /station/areas": {"parent": qinghe, "area_kind": "village", "zh": "新村"},
        "POST /station/calendar/receipts": {"unit": "liuxi", "way": "paper", "deadline": "monthly_report", "period": MONTH,
                                           "day": f"{MONTH}-01"},
        "POST /station/campaigns/<uuid:campaign_id>/lines": {"kind": "stage", "text": "开头"},
        "GET /station/figures/<quota>": {"unit": "liuxi"},
        "POST /station/pending/<uuid:visit_id>": {"venue": town.mill.id},
        "POST /station/plans": {"unit": "liuxi", "year": MONTH[:4]}, "POST /station/teams": {"unit": liuxi, "zh": "新队"},
        "POST /station/plans/<uuid:plan_id>/copy": month, "POST /station/plans/<uuid:plan_id>/fill": month,
        "POST /station/plans/<uuid:plan_id>/links": {"activity": town.activity_id, "row": "none"},
        "POST /station/venues/<uuid:venue_id>/merge": {"into": shop},
    }  # fmt: skip


def places_of(rule):
    return re.findall(r"<(?:\w+:)?(\w+)>", rule.rule)


def address(rule, town, role):
    near = [words for start, words in elsewhere(town).items() if rule.rule.startswith(start)]
    values = town.things | PLAIN | (near[-1] if near else {}) | town.of.get(role, {})
    return re.sub(r"<(?:\w+:)?(\w+)>", lambda found: str(values[found[1]]), rule.rule)


def asked(app):
    """(method, rule) of everything behind a guard; /sync is judged by what is in the body (tests/sync), /api/ by its key."""
    found = [rule for rule in routes(app) if is_guarded(app, rule) and not rule.rule.startswith(("/sync/", "/api/"))]
    return [(method, rule) for rule in found for method in sorted(rule.methods - {"HEAD", "OPTIONS"})]


def is_in(answer):
    return answer.status_code not in (401, 403, 404) and answer.headers.get("Location") != "/sign-in"


def knock(town, name, method, path, said):
    told = {"query_string": said} if method == "GET" else {"data": said}
    answer = town.client(name).open(path, method=method, buffered=True, **told)
    assert answer.status_code < 500, f"{method} {path} as {name}"
    text = answer.get_data(as_text=True) if answer.mimetype.startswith("text/") else ""
    if method != "GET" and answer.status_code < 400:
        town.restored()
    return answer, [word for word in THEIRS if word in text]


def strangers_to(rule):
    return [*OUTSIDERS, *(list(ROLES.values())[1:] if rule.rule.startswith(PERSONAL) else ())]


def matrix(town):
    """The lines of access.txt, and every leak: an outsider who got in, or read a word that is not theirs."""
    lines, leaks, told = [], [], says(town)
    for method, rule in asked(town.app):
        line = f"{method} {rule.rule}"
        said, paths = told.get(line, {}), {role: address(rule, town, role) for role in ROLES}
        entering = [role for role, name in ROLES.items() if is_in(knock(town, name, method, paths[role], said)[0])]
        lines.append(f"{line}: {' '.join(entering) or '-'}\n")
        theirs = [one for one in places_of(rule) if (one.endswith("_id") or one in ADDRESSES) and one not in SHARED]
        for path in sorted({paths["field"], paths["reporter"]}):
            for name in strangers_to(rule):
                answer, words = knock(town, name, method, path, said)
                if (words and rule.rule not in DIRECTORY) or (theirs and is_in(answer)):
                    leaks.append(f"{line} {name} {answer.status_code} {words}")
    return "".join(lines), leaks


@pytest.fixture(scope="module")
def town(tmp_path_factory, compiled):
    return peopled(tmp_path_factory.mktemp("access"), compiled)


@pytest.fixture(scope="module")
def seen(town):
    return matrix(town)


def peopled(folder, compiled):
    """A town with somebody of every role. compiled: where templates are kept once they are compiled."""
    app = settled(folder)
    app.jinja_env.bytecode_cache = compiled
    return Peopled(app)


def settled(folder):
    return prepared(read_settings(env={}, data_dir=folder, public_url="http://localhost"))


def test_who_may_what_is_the_committed_list(seen):
    assert seen[0] == LIST.read_text("utf-8"), RENEW


def test_every_door_opens_for_somebody(seen):
    """A line that lets nobody in proves nothing: its object is missing in accesstown.py, or its words in SAYS."""
    assert {line[:-3] for line in seen[0].splitlines() if line.endswith(": -")} == NOBODY


def test_nothing_leaks_to_a_neighbour(seen):
    assert seen[1] == []


@pytest.mark.parametrize("role", ROLES)
def test_no_link_leads_its_reader_to_a_closed_door(town, role):
    """From the first screen on, every way that a page shows, one of each kind: no 403, no 404."""
    assert dead_ends(town, ROLES[role]) == []


def dead_ends(town, name):
    client, doors = town.client(name), town.app.url_map.bind("localhost")
    known, shut, ways = set(), [], [("/", "")]
    while ways:
        path, page = ways.pop()
        try:
            endpoint = doors.match(path.partition("?")[0], method="GET")[0]
        except HTTPException:
            endpoint = path
        if endpoint in known:
            continue
        known.add(endpoint)
        answer = client.get(path, follow_redirects=True, buffered=True)
        if answer.status_code in (403, 404):
            shut.append(f"{page} → {path}")
        if answer.mimetype == "text/html" and answer.status_code == 200:
            ways += [(link, path) for link in links_of(answer.text) if not link.startswith("/static")]
    return shut


def links_of(text):
    """The addresses of our own that a page leads to."""
    return [html.unescape(link).partition("#")[0] for link in re.findall(r'<a [^>]*href="(/[^"]*)"', text)]


def test_a_key_reads_the_lists_of_its_own_unit_alone(town):
    told = {code: read_with(town, KEY, code) for code in OUTWARD}
    assert any(word in told["visits"] for word in THEIRS)
    assert [code for code in OUTWARD if any(word in read_with(town, OTHER_KEY, code) for word in THEIRS)] == []


def read_with(town, key, code):
    answer = town.app.test_client().get(f"/api/v1/{code}", headers={"Authorization": f"Bearer {key}"})
    assert answer.status_code == 200
    return json.dumps(answer.json, ensure_ascii=False)


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    with tempfile.TemporaryDirectory() as folder:
        written, leaks = matrix(Peopled(settled(folder)))
        LIST.write_text(written, "utf-8")
    count = written.count("\n")
    sys.stdout.write(
        f"{count} routes × {len(ROLES)} roles × own and others' object: {len(leaks)} leaks\n{chr(10).join(leaks)}\n"
    )
