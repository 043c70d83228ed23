"""Every list of the desk leaves the house: its page offers it as a file, cut as the page is; or it is named as one that stays."""

import csv
import io
import re
from collections import Counter

import pytest
from accesstown import MONTH, ROLES
from test_access import address, asked, links_of, peopled, says

from wujin_field.web.station.data import stays

FILE = re.compile(r"/list\.(xlsx|csv)|/(export|station/data/\w+)\.(xlsx|csv)|\.xlsx(\?|$)")
# Pages of one thing, or where something is filled in: no list stands on them.
ONE_THING = {
    "station.activity", "station.area", "station.unit", "station.person", "station.new_person", "station.person_privacy",
    "station.dry_run", "station.venue", "station.new_venue", "station.edit_venue", "station.choose_merge", "station.poster",
    "station.hazard", "station.hazard_notice", "station.pack_entry", "station.checklist_item", "station.preview_checklist",
    "station.entry", "station.new_entry", "station.edit_entry", "station.site_dossier", "station.rescue", "station.job",
    "supervisor.hazard", "supervisor.hazard_notice", "supervisor.visit", "supervisor.revision",
}  # fmt: skip
# A page, as whom, and what marks a line of its list: the file has as many rows.
LISTS = [
    ("/station/people?role=volunteer", "何敏", r'<p><strong><a href="/station/people/'),
    ("/station/people?unit={unit}", "何敏", r'<p><strong><a href="/station/people/'),
    ("/station/teams", "何敏", r'<a href="/station/teams/'),
    ("/station/areas", "何敏", r'<th scope="row" class="depth'),
    ("/station/venues?name=粮油", "何敏", r'class="line'),
    ("/station/hazards?view=todo", "何敏", r'<a href="/station/hazards/[0-9a-f-]{36}"'),
    ("/station/joining", "何敏", r"/accept"),
    ("/station/aside", "何敏", r"/take"),
    ("/station/pending", "何敏", r'<article class="card"'),
    ("/station/assessment?period={year}", "何敏", r'<a href="/station/assessment/[^?"]*/'),
    ("/station/reports?kind=annex2_monthly", "何敏", r'<a href="/station/reports/[\w-]+/[\d-]+/annex2_monthly"'),
    ("/supervisor/?all=1", "罗静", r'class="line visit-line"'),
    ("/supervisor/", "罗静", r'class="line visit-line"'),
    ("/supervisor/batches/{batch}", "罗静", r'class="line visit-line"'),
    ("/supervisor/followups", "罗静", r"<li><svg[^>]*><use href=\"[^\"]*#i-(?!tick)"),
    ("/county/?period={year}", "高原", r'<tr>\s*<th scope="row">'),
]


@pytest.fixture(scope="module")
def town(tmp_path_factory, compiled):
    return peopled(tmp_path_factory.mktemp("leaving"), compiled)


@pytest.fixture(scope="module")
def walked(town):
    """(the page's endpoint, the reader's name, the files it offers) of every page and role that is let in."""
    found = []
    for rule in (rule for method, rule in asked(town.app) if method == "GET" and not rule.rule.startswith("/field")):
        said = says(town).get(f"GET {rule.rule}", {})
        for role, name in ROLES.items():
            answer = town.client(name).get(address(rule, town, role), query_string=said, buffered=True)
            if answer.status_code == 200 and answer.mimetype == "text/html":
                found.append((rule.endpoint, name, [link for link in links_of(answer.text) if FILE.search(link)]))
    return found


def test_no_list_is_forgotten(town, walked):
    """A new page of the desk offers its list as a file, or has its reason in stays(), or is the page of one thing."""
    with town.app.test_request_context():
        staying = {endpoint for endpoints in stays().values() for endpoint in endpoints}
    seen = Counter()
    for endpoint, _name, files in walked:
        seen[endpoint] += bool(files)
    assert {endpoint for endpoint, n in seen.items() if not n} == staying | ONE_THING


def test_whoever_sees_a_list_gets_its_file(town, walked):
    for endpoint, name, files in walked:
        for link in files[:1] if endpoint != "station.report" else ():
            assert town.client(name).get(link, buffered=True).status_code == 200, f"{name}: {link} on {endpoint}"


@pytest.mark.parametrize(("page", "name", "line"), LISTS)
def test_a_list_leaves_as_it_is_cut(town, page, name, line):
    things = town.things
    told = page.format(unit=things["unit_id"], batch=things["batch_id"], year=MONTH[:4])
    text = town.client(name).get(told).text
    link = next(link for link in links_of(text) if re.search(r"/(data/\w+|reports/list)\.csv", link))
    rows = list(csv.DictReader(io.StringIO(town.client(name).get(link).data.decode("utf-8-sig"))))
    assert len(rows) == len(re.findall(line, text)) > 0, link


def file(town, name, path):
    return list(csv.reader(io.StringIO(town.client(name).get(path).data.decode("utf-8-sig"))))[1:]


def test_a_list_leaves_with_those_who_see_its_page_alone(town):
    for code, name in (
        ("joining", "罗静"),
        ("followups", "何敏"),
        ("people", "高原"),
        ("week", "秦岚"),
        ("needs", "冯远"),
    ):
        assert town.client(name).get(f"/station/data/{code}.csv").status_code == 404
    assert file(town, "高原", "/station/data/rollup.csv?kind=offices")
    assert file(town, "秦岚", "/station/data/spot_checks.csv")[0][1] == "合计"
    assert [row[0] for row in file(town, "秦岚", "/station/data/assessment.csv")] == [
        "emergency"
    ]  # a department sees itself
    assert town.client("何敏").get("/station/data/assessment.csv?period=gestern").status_code == 400
